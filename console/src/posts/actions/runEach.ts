/** Runs something for each item, a few at a time, and reports each result. It never throws. */
export async function runEach<T>(
  items: readonly T[],
  atATime: number,
  run: (item: T) => Promise<unknown>,
  onSettled: (item: T, error: unknown) => void,
): Promise<void> {
  const rest = items.values();
  const lane = async () => {
    for (const item of rest) {
      const error = await run(item).then(
        () => null,
        (reason: unknown) => reason ?? new Error("It failed without a reason."),
      );
      onSettled(item, error);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atATime, items.length) }, lane));
}
