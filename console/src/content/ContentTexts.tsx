import type { Content } from "presswork-client";
import "./content.css";

/** Whether content has texts beside what it shows: the text of a post without files, and the parts of a thread, are shown in their place. */
export function hasTexts({ media, parts, firstComment }: Content): boolean {
  return (media.length > 0 && parts === null) || firstComment !== null || media.some(({ altText }) => altText !== null);
}

/** The caption, first comment and alternative texts of content. */
export function ContentTexts({ content }: { readonly content: Content }) {
  const isMany = content.media.length > 1;
  return (
    <div className="content-texts">
      {content.media.length > 0 && content.parts === null && (
        <section>
          <h3>Caption</h3>
          {content.caption === "" ? <p className="soft">No caption</p> : <p className="long-text">{content.caption}</p>}
        </section>
      )}
      {content.firstComment !== null && (
        <section>
          <h3>First comment</h3>
          <p className="long-text">{content.firstComment}</p>
        </section>
      )}
      {content.media.some((item) => item.altText !== null) && (
        <section>
          <h3>Alternative text</h3>
          {content.media.map(
            (item, position) =>
              item.altText !== null && (
                <p key={item.id} className="long-text">
                  {isMany && <span className="soft">{position + 1}: </span>}
                  {item.altText}
                </p>
              ),
          )}
        </section>
      )}
    </div>
  );
}
