import { describe, expect, it } from "vitest";
import { plainMessage } from "./columns";
import { orderOf } from "./dates";
import { fileNamesIn, keyOf, missingOf } from "./namedFiles";

describe("the files that a table names", () => {
  it("are apart by spaces, unless a name has some", () => {
    expect(fileNamesIn("a.jpg b.png")).toEqual(["a.jpg", "b.png"]);
    expect(fileNamesIn("summer menu.jpg, rye.jpg\nb 2.mp4")).toEqual(["summer menu.jpg", "rye.jpg", "b 2.mp4"]);
    expect(fileNamesIn("https://example.com/a.jpg")).toEqual([]);
    expect(fileNamesIn("")).toEqual([]);
  });

  it("are found whatever their folder and capitals are, and missing once", () => {
    const files = new Map([[keyOf("Bread.JPG"), new File([], "Bread.JPG")]]);
    expect(missingOf([{ media: "photos/bread.jpg" }, { media: "rye.jpg" }, { media: "Rye.jpg" }], files)).toEqual([
      "Rye.jpg",
    ]);
    expect(missingOf([{ media: "rye.jpg", containerId: "cnt_1" }], files)).toEqual([]);
  });
});

describe("the order of dates", () => {
  it("is that of a day beyond 12, if no other contradicts it", () => {
    expect(orderOf(["3/4/2026", "24/12/2026"])).toBe("day_first");
    expect(orderOf(["12-24-2026 18:30"])).toBe("month_first");
    expect(orderOf(["3/4/2026", "2026-12-24"])).toBeNull();
    expect(orderOf(["24/12/2026", "12/24/2026"])).toBeNull();
  });
});

describe("a message of the API", () => {
  it("names columns by their labels, and its own cell as this", () => {
    expect(plainMessage("`date` is not a date. Write it like 2026-12-24.", "date")).toBe(
      "This is not a date. Write it like 2026-12-24.",
    );
    expect(plainMessage("`parts` are instead of `media`. Empty those, or empty `parts`.", "parts")).toBe(
      "These are instead of “Media”. Empty those, or empty “Parts”.",
    );
    expect(plainMessage('`mode` is "x". Send `publish` or `draft`.', null)).toBe(
      '“How it goes out” is "x". Send publish or draft.',
    );
  });
});
