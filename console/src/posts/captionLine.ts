const MOST_CHARACTERS = 160;

/** Returns the beginning of a caption, for one line of a list: a screen reader reads all of what the line has, not what it shows. */
export function captionLine(caption: string): string {
  const line = caption.trim().split("\n", 1)[0] ?? "";
  if (line === "") return "Without a caption";
  const characters = [...line];
  return characters.length > MOST_CHARACTERS ? `${characters.slice(0, MOST_CHARACTERS).join("").trimEnd()}…` : line;
}
