/** Models: what the keys offer, and which of it answers next. */
export { useChooseModel, useModelChoice, useModelGroups } from "./choice";
export { ModelPicker } from "./ModelPicker";
export { findModel, longerModel, nearestModel, type Offered, otherModel } from "./offer";
export { answererOf, payerName, sourceOf } from "./payerName";
