import { expect, test } from "vitest";
import { runEach } from "./runEach";

test("no more than a few run at a time, each once, and a failure stops no other", async () => {
  const started: number[] = [];
  const settled = new Map<number, unknown>();
  let running = 0;
  let most = 0;
  const run = async (item: number) => {
    started.push(item);
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
    if (item % 3 === 0) throw new Error(`not ${item}`);
  };
  await runEach([1, 2, 3, 4, 5, 6, 7], 3, run, (item, error) => settled.set(item, error));
  expect(most).toBe(3);
  expect(started.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect([...settled].filter(([, error]) => error !== null).map(([item]) => item)).toEqual([3, 6]);
});
