import type { Content, ShownLink } from "presswork-client";
import { useEffect, useRef } from "react";
import TextChange from "../../content/TextChange";
import { Notice } from "../../ui/Notice";

interface ChangeNoticeProps {
  readonly seen: Content;
  readonly current: Content;
}

/** Says that content was edited while it was looked at, and marks what is different. */
export default function ChangeNotice({ seen, current }: ChangeNoticeProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    place.current?.scrollIntoView({ block: "center" });
  }, []);
  const changes = [...textsOf(current)].filter(([field, text]) => textsOf(seen).get(field) !== text);
  return (
    <div ref={place} role="alert" className="change-notice">
      <Notice tone="warn" title="This was changed while you looked. Look again.">
        {changes.length === 0 &&
          "Its texts are the same. A schedule call with its own text was added: see where it goes."}
      </Notice>
      {changes.map(([field, text]) => (
        <TextChange key={field} field={field} before={textsOf(seen).get(field) ?? null} after={text} />
      ))}
    </div>
  );
}

const LINK_FIELDS: Readonly<Record<string, (link: ShownLink) => string | null>> = {
  "link.url": ({ url }) => url,
  "link.title": ({ title }) => title,
  "link.description": ({ description }) => description,
  "link.imageUrl": ({ imageUrl }) => imageUrl,
};

/** The texts by the names that the review gives them. */
function textsOf(content: Content): ReadonlyMap<string, string | null> {
  return new Map([
    ...(content.parts === null
      ? [["caption", content.caption] as const]
      : content.parts.map(({ text }, place) => [`parts[${place}].text`, text] as const)),
    ["firstComment", content.firstComment],
    ...Object.entries(LINK_FIELDS).map(([field, read]) => [field, content.link && read(content.link)] as const),
    ...content.media.map((item, position) => [`media[${position}].altText`, item.altText] as const),
  ]);
}
