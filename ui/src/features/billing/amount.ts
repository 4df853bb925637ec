/** Amounts of dollars as people type them. Functions of their inputs. */

/** Whether it is a plain amount from nothing to `max`, with at most two decimals. */
export function isAmount(text: string, max: string): boolean {
  const typed = text.trim();
  return /^\d{1,7}(\.\d{1,2})?$/.test(typed) && Number(typed) <= Number(max);
}
