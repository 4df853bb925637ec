/** What the keys offer, as questions to the list of groups. Nothing here asks the backend. */
import type { ErrorCode, FailureView, ModelGroupView, ModelRef, ModelView, PayerView } from "../../bridge";

/** A model with who pays for it. */
export interface Offered {
  model: ModelView;
  payer: PayerView;
  /** Why it cannot answer now. */
  unavailable: FailureView | null;
  /** What went wrong with its key at the last try; it may be asked. */
  trouble: FailureView | null;
}

/** Failures of one model: another of the same key may well answer. */
const OF_THE_MODEL: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["overloaded", "server_error", "timeout"]);

export function isSame(a: ModelRef, b: ModelRef): boolean {
  return a.keyId === b.keyId && a.model === b.model;
}

/** All models with their payers, in the order of the list. */
function offeredBy(groups: readonly ModelGroupView[]): Offered[] {
  return groups.flatMap(({ models, ...group }) => models.map((model) => offerOf(group, model)));
}

/** A model as its group offers it. */
export function offerOf({ payer, unavailable, trouble }: Omit<ModelGroupView, "models">, model: ModelView): Offered {
  return { model, payer, unavailable, trouble };
}

/** The model, if a key still offers it. */
export function findModel(groups: readonly ModelGroupView[], ref: ModelRef): Offered | null {
  return offeredBy(groups).find(({ model }) => isSame(model.model, ref)) ?? null;
}

/** The model for a new conversation where none was chosen: the first that can answer, rather one whose key is in no trouble. */
export function firstModel(groups: readonly ModelGroupView[]): ModelRef | null {
  const able = offeredBy(groups).filter(({ unavailable }) => unavailable === null);
  return (able.find(({ trouble }) => trouble === null) ?? able[0])?.model.model ?? null;
}

/**
 * Another model that can answer instead: of another key, on this computer where the network is at fault, and where the fault is
 * the model's own, of the same key if there is no other.
 */
export function otherModel(groups: readonly ModelGroupView[], not: ModelRef, cause: ErrorCode): Offered | null {
  const others = offeredBy(groups).filter(
    ({ model, unavailable }) => unavailable === null && !isSame(model.model, not),
  );
  const ofOtherKey = others.find(
    ({ model, payer, trouble }) =>
      trouble === null && model.model.keyId !== not.keyId && (cause !== "offline" || payer.kind === "nobody"),
  );
  const ofSameKey = others.find(
    ({ model, trouble }) => model.model.keyId === not.keyId && (trouble === null || OF_THE_MODEL.has(trouble.code)),
  );
  return ofOtherKey ?? (OF_THE_MODEL.has(cause) ? ofSameKey : null) ?? null;
}

/** What comes nearest to a model that cannot answer now: the same model of another payer, or else one of the same provider. */
export function nearestModel(groups: readonly ModelGroupView[], to: ModelRef): Offered | null {
  const able = offeredBy(groups).filter(({ unavailable }) => unavailable === null);
  const lost = findModel(groups, to);
  const provider = lost?.payer.provider ?? null;
  return (
    able.find(({ model }) => model.model.model === to.model) ??
    able.find(({ payer }) => payer.provider === provider) ??
    able[0] ??
    null
  );
}

/** A model of the same key that reads more than this one. */
export function longerModel(groups: readonly ModelGroupView[], than: ModelRef): Offered | null {
  const window = findModel(groups, than)?.model.contextWindow;
  if (window === null || window === undefined) return null;
  return (
    offeredBy(groups).find(
      ({ model, unavailable }) =>
        unavailable === null && model.model.keyId === than.keyId && (model.contextWindow ?? 0) > window,
    ) ?? null
  );
}
