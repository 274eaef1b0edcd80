/** The most labels of content, and the most characters of one. */
export const MAX_LABELS = 20;
export const MAX_LABEL_CHARACTERS = 100;

/** Returns labels with those that a text names, which commas separate. */
export function withLabels(labels: readonly string[], text: string): readonly string[] {
  const named = text
    .split(",")
    .map((one) => [...one.trim()].slice(0, MAX_LABEL_CHARACTERS).join(""))
    .filter((one) => one !== "");
  return [...new Set([...labels, ...named])].slice(0, MAX_LABELS);
}

/** Returns the labels that an address names; undefined without any. */
export function labelsOf(value: unknown): readonly string[] | undefined {
  const labels = Array.isArray(value)
    ? value.filter((one): one is string => typeof one === "string" && one !== "")
    : [];
  return labels.length === 0 ? undefined : labels.slice(0, MAX_LABELS);
}

/** Whether two lists have the same labels in the same order. */
export function isSameLabels(some: readonly string[], others: readonly string[]): boolean {
  return JSON.stringify(some) === JSON.stringify(others);
}
