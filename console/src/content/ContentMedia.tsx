import type { Content } from "presswork-client";
import { ContentParts } from "./ContentParts";
import { LinkCard } from "./LinkCard";
import { MediaViewer } from "./MediaViewer";
import "./content.css";
import { WarningTexts } from "./WarningTexts";

interface ContentMediaProps {
  readonly content: Content;
  /** Whose post it is: the project. */
  readonly name: string;
}

/** A post as a feed shows it: its files and its whole text; the parts of a thread; without either, its text with the card of its link. */
export function ContentMedia({ content, name }: ContentMediaProps) {
  if (content.parts !== null) {
    return (
      <section className="text-post" aria-label="Thread">
        <ContentParts parts={content.parts} />
      </section>
    );
  }
  if (content.media.length > 0) {
    return (
      <section className="feed-post" aria-label="Post">
        <p className="feed-post-head">
          <span className="feed-avatar" aria-hidden>
            {name.charAt(0).toUpperCase()}
          </span>
          <strong className="cut">{name}</strong>
        </p>
        <MediaViewer items={content.media} />
        {content.caption === "" ? (
          <p className="soft feed-caption">No caption</p>
        ) : (
          <p className="long-text feed-caption">{content.caption}</p>
        )}
      </section>
    );
  }
  return (
    <section className="text-post" aria-label={content.link === null ? "Text" : "Text and link"}>
      {content.caption !== "" && <p className="long-text">{content.caption}</p>}
      {content.link !== null && <LinkCard link={content.link} />}
      <WarningTexts content={content} />
    </section>
  );
}
