import type { Content } from "presswork-client";
import "./content.css";

/** Whether content has texts beside those that a post shows at once. */
export function hasTexts({ media, firstComment }: Content): boolean {
  return firstComment !== null || media.some(({ altText }) => altText !== null);
}

/** The first comment and alternative texts of content. Its caption is shown with its files. */
export function ContentTexts({ content }: { readonly content: Content }) {
  const isMany = content.media.length > 1;
  return (
    <div className="content-texts">
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
