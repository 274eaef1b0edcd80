import type { Content, ContentUpdateParams, LinkRequestParam, PartPatchParam } from "presswork-client";
import { isSameLabels } from "../labels/labels";
import { type LinkTexts, linkParam, linkTexts } from "./links";

/** The texts of content while they are edited. An empty text is none. */
export interface Texts {
  readonly caption: string;
  /** Of a thread of posts, in place of the caption; else empty. */
  readonly parts: readonly string[];
  readonly firstComment: string;
  /** One for each file, in their order. */
  readonly altTexts: readonly string[];
  readonly link: LinkTexts;
  readonly labels: readonly string[];
}

/** What an edit leads to. */
export interface Consequence {
  readonly text: string;
  /** The approval is taken back. */
  readonly isReopened: boolean;
}

export function textsOf(content: Content): Texts {
  return {
    caption: content.caption,
    parts: (content.parts ?? []).map(({ text }) => text),
    firstComment: content.firstComment ?? "",
    altTexts: content.media.map(({ altText }) => altText ?? ""),
    link: linkTexts(content.link),
    labels: content.labels,
  };
}

/** Returns only the texts that differ, as the API takes them. */
export function changesOf(content: Content, texts: Texts): Omit<ContentUpdateParams, "containerId"> {
  const before = textsOf(content);
  const media = content.media.flatMap(({ id }, position) => {
    const text = texts.altTexts[position] ?? "";
    return text === before.altTexts[position] ? [] : [{ assetId: id, altText: text || null }];
  });
  return {
    ...(texts.caption !== before.caption && { caption: texts.caption }),
    ...(JSON.stringify(texts.parts) !== JSON.stringify(before.parts) && { parts: changedParts(content, texts) }),
    ...(texts.firstComment !== before.firstComment && { firstComment: texts.firstComment || null }),
    ...(media.length > 0 && { media }),
    ...(JSON.stringify(texts.link) !== JSON.stringify(before.link) && { link: changedLink(content, texts.link) }),
    ...(!isSameLabels(texts.labels, before.labels) && { labels: texts.labels }),
  };
}

/** Returns the parts as they are sent, each with the files that it has. */
function changedParts(content: Content, { parts, altTexts }: Texts): readonly PartPatchParam[] {
  return (content.parts ?? []).map(({ media }, place) => ({
    text: parts[place] ?? "",
    media: media.map(({ id }) => ({
      assetId: id,
      altText: altTexts[content.media.findIndex((item) => item.id === id)] || null,
    })),
  }));
}

/** Returns a link as it is sent. What its card had of another page, or a picture that could not be read, is read again. */
function changedLink(content: Content, link: LinkTexts): LinkRequestParam | null {
  const before = linkTexts(content.link);
  const isOther = link.url.trim() !== before.url;
  const own = (name: "title" | "description") => (isOther && link[name] === before[name] ? "" : link[name]);
  const isPictureKept = !isOther && content.link?.thumbnailUrl !== null;
  const imageUrl = link.imageUrl !== before.imageUrl || isPictureKept ? link.imageUrl : "";
  return linkParam({ url: link.url, title: own("title"), description: own("description"), imageUrl });
}

/** Returns what saving does to the approval and to `queued` posts; null if there is nothing to say. */
export function consequence(content: Content, queued: number): Consequence | null {
  const posts = queued === 1 ? "1 post that is queued" : `${queued} posts that are queued`;
  if (content.approvalStatus === "approved" && content.approvalCovers === "content_and_text") {
    const waiting = queued === 0 ? "" : ` Until then, the ${posts} ${queued === 1 ? "waits" : "wait"}.`;
    return {
      text: `The approval covers these texts. When you save, it is taken back, and the content waits for approval again.${waiting}`,
      isReopened: true,
    };
  }
  if (content.approvalStatus === "pending") {
    return { text: "It waits for approval. Reviewers will see what you changed.", isReopened: false };
  }
  return queued === 0 ? null : { text: `The ${posts} will go out with the new texts.`, isReopened: false };
}
