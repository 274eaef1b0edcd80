import { describe, expect, it } from "vitest";
import { guess } from "./columns";
import { decode, parse, write } from "./csv";

const bytes = (text: string) => new TextEncoder().encode(text).buffer as ArrayBuffer;

describe("a table", () => {
  it("has the separator of its first line, and line feeds and quotation marks in cells", () => {
    const text = 'Media;Caption\r\na.jpg;"Two, ""quoted""\r\nlines"\r\n;;\r\n';
    expect(parse(text)).toEqual({ header: ["Media", "Caption"], rows: [["a.jpg", 'Two, "quoted"\r\nlines']] });
    expect(parse("a\tb,c\td\n1\t2\t3").rows).toEqual([["1", "2", "3"]]);
    expect(parse("sep=;\na;b\n1;2").header).toEqual(["a", "b"]);
  });

  it("is decoded from UTF-8 with and without a mark, and from UTF-16; other encodings are refused", () => {
    expect(decode(bytes("\uFEFFü"))).toBe("ü");
    expect(decode(bytes("ü"))).toBe("ü");
    expect(decode(new Uint8Array([0xff, 0xfe, 0xfc, 0]).buffer)).toBe("ü");
    expect(decode(new Uint8Array([0x46, 0xfc, 0x68]).buffer)).toBeNull();
  });

  it("is written so that no spreadsheet runs a cell as a formula, and is read again", () => {
    const written = write([
      ["a", "b"],
      ["=1+1", "x,y"],
    ]);
    expect(written).toBe('\uFEFFa,b\r\n\'=1+1,"x,y"\r\n');
    expect(parse(written.slice(1)).rows).toEqual([["'=1+1", "x,y"]]);
  });
});

describe("the columns of a file", () => {
  it("are guessed from their names, each once", () => {
    const header = ["Image URL", "Post Text", "caption", "Profiles", "Publish at", "Notes"];
    expect(guess(header)).toEqual(["media", null, "caption", "accounts", "date", null]);
    expect(guess(["Text", "Link", "Accounts"])).toEqual(["caption", "link", "accounts"]);
  });
});
