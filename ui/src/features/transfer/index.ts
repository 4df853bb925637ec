/** Export and import of conversations. */
export { DataScreen } from "./DataScreen";
export { exportMenu } from "./exportMenu";
export { TransferLayer } from "./TransferLayer";
