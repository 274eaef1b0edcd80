import type { Content } from "presswork-client";
import { ContentParts } from "./ContentParts";
import { LinkCard } from "./LinkCard";
import { MediaViewer } from "./MediaViewer";
import "./content.css";
import { WarningTexts } from "./WarningTexts";

/** What a post shows: its files; the parts of a thread; without either, its text with the card of its link. */
export function ContentMedia({ content }: { readonly content: Content }) {
  if (content.parts !== null) {
    return (
      <section className="text-post" aria-label="Thread">
        <ContentParts parts={content.parts} />
      </section>
    );
  }
  if (content.media.length > 0) return <MediaViewer items={content.media} />;
  return (
    <section className="text-post" aria-label={content.link === null ? "Text" : "Text and link"}>
      {content.caption !== "" && <p className="long-text">{content.caption}</p>}
      {content.link !== null && <LinkCard link={content.link} />}
      <WarningTexts content={content} />
    </section>
  );
}
