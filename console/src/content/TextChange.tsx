import { diffTexts, type Piece } from "./textDiff";
import "./content.css";
import "./text-change.css";

interface TextChangeProps {
  /** As the API names it: `caption`, `firstComment`, `media[0].altText`. */
  readonly field: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** A text before and after an edit, with what was removed and added. */
export default function TextChange({ field, before, after }: TextChangeProps) {
  if (field.endsWith(".media")) {
    return (
      <div className="text-change">
        <h3>{fieldName(field)}</h3>
        <p className="soft">Other files, or another order</p>
      </div>
    );
  }
  return (
    <div className="text-change">
      <h3>{fieldName(field)}</h3>
      <TextSides before={before ?? ""} after={after ?? ""} names={["Before", "Now"]} />
    </div>
  );
}

interface TextSidesProps {
  readonly before: string;
  readonly after: string;
  /** What the two texts are. */
  readonly names: readonly [string, string];
}

/** Two texts side by side, with the words that only one of them has. */
export function TextSides({ before, after, names }: TextSidesProps) {
  const diff = diffTexts(before, after);
  return (
    <div className="text-change-sides">
      <Side name={names[0]} pieces={diff.before} mark="del" />
      <Side name={names[1]} pieces={diff.after} mark="ins" />
    </div>
  );
}

interface SideProps {
  readonly name: string;
  readonly pieces: readonly Piece[];
  readonly mark: "del" | "ins";
}

function Side({ name, pieces, mark: Mark }: SideProps) {
  const marked = pieces.map(({ text, isOwn }, position) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text, in its order
    isOwn ? <Mark key={position}>{text}</Mark> : <span key={position}>{text}</span>,
  );
  return (
    <div>
      <p className="soft small">{name}</p>
      <p className="long-text">{pieces.length === 0 ? <span className="soft">Nothing</span> : marked}</p>
    </div>
  );
}

const NAMES: Readonly<Record<string, string>> = {
  caption: "Text",
  firstComment: "First comment",
  "link.url": "Link",
  "link.title": "Title of the card",
  "link.description": "Description of the card",
  "link.imageUrl": "Picture of the card",
};

/** Returns what people call a field of the review. */
export function fieldName(field: string): string {
  const file = /^media\[(\d+)\]\.altText$/.exec(field);
  const part = /^parts\[(\d+)\]\.(text|media)$/.exec(field);
  if (part !== null) return `${part[2] === "media" ? "Files of part" : "Part"} ${Number(part[1]) + 1}`;
  if (file !== null) return `Alternative text of file ${Number(file[1]) + 1}`;
  return NAMES[field] ?? field;
}
