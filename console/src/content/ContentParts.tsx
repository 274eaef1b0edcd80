import type { Content } from "presswork-client";
import { Media } from "../posts/Media";
import "./content.css";

interface ContentPartsProps {
  readonly parts: NonNullable<Content["parts"]>;
}

/** The parts of a thread of posts: each with its place, its text and its files. */
export function ContentParts({ parts }: ContentPartsProps) {
  return (
    <ol className="parts" aria-label={`Thread of ${parts.length} posts`}>
      {parts.map(({ text, media }, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a part is known by its place
        <li key={place}>
          <span className="soft small">
            Part {place + 1} of {parts.length}
          </span>
          {text !== "" && <p className="long-text">{text}</p>}
          {media.length > 0 && <Media items={media} />}
        </li>
      ))}
    </ol>
  );
}
