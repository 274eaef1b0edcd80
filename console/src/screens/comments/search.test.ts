import { expect, test } from "vitest";
import { beginOf, isFiltered, searchOf } from "./search";

test("an address says what is shown; what it can't mean is left out", () => {
  const inbox = searchOf({ view: "open", platform: "myspace", since: "99", assignee: "me", comment: 7, dialog: "x" });
  expect(inbox.view.id).toBe("open");
  expect(inbox).toMatchObject({ platform: undefined, since: undefined, comment: undefined, dialog: undefined });
  expect(isFiltered(inbox)).toBe(true);
  expect(searchOf({}).view.id).toBe("new");
  expect(isFiltered(searchOf({ view: "done", comment: "cmt_1" }))).toBe(false);
});

test("a span begins at a midnight of the viewer, whatever the time of day", () => {
  const [morning, evening] = [new Date(2026, 2, 30, 6), new Date(2026, 2, 30, 23)];
  expect(beginOf("1", morning)).toBe(new Date(2026, 2, 29).toISOString());
  expect(beginOf("7", evening)).toBe(beginOf("7", morning));
});
