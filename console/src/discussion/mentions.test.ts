import { expect, test } from "vitest";
import { begunName, mentionsIn, suggestedFor, withName } from "./mentions";

const PEOPLE = [
  { id: "usr_1", name: "Marta Silva" },
  { id: "usr_2", name: "Mario" },
  { id: "usr_3", name: "ines@example.com" },
];

test("a name begins with an @ at the beginning of a word", () => {
  expect(begunName("Ask @ma", 7)).toBe("ma");
  expect(begunName("@", 1)).toBe("");
  expect(begunName("@Marta S", 8)).toBe("Marta S");
  expect(begunName("ada@example", 11)).toBeNull();
  expect(begunName("@Marta is here", 14)).toBeNull();
});

test("people are suggested by each of their names", () => {
  const idsFor = (begun: string) => suggestedFor(begun, PEOPLE).map(({ id }) => id);
  expect(idsFor("ma")).toEqual(["usr_1", "usr_2"]);
  expect(idsFor("sil")).toEqual(["usr_1"]);
  expect(idsFor("Marta S")).toEqual(["usr_1"]);
  expect(idsFor("ines")).toEqual(["usr_3"]);
  expect(idsFor("x")).toEqual([]);
});

test("a name is completed where the cursor is", () => {
  expect(withName("Ask @ma about it", 7, { id: "usr_1", name: "Marta Silva" })).toEqual({
    text: "Ask @Marta Silva about it",
    cursor: 17,
  });
});

test("who is still named in the text is mentioned", () => {
  expect(mentionsIn("@Marta Silva and @Mario", PEOPLE)).toEqual(["usr_1", "usr_2"]);
  expect(mentionsIn("Mario and Marta", PEOPLE)).toEqual([]);
  expect(mentionsIn("@Marion", PEOPLE)).toEqual([]);
});
