import type { LinkRequestParam, ShownLink } from "presswork-client";

/** A link as it is typed. A field that is empty has what the page says. */
export interface LinkTexts {
  readonly url: string;
  readonly title: string;
  readonly description: string;
  readonly imageUrl: string;
}

export const NO_LINK: LinkTexts = { url: "", title: "", description: "", imageUrl: "" };

/** Returns the texts of a card. */
export function linkTexts(link: ShownLink | null): LinkTexts {
  if (link === null) return NO_LINK;
  const { url, title, description, imageUrl } = link;
  return { url, title: title ?? "", description: description ?? "", imageUrl: imageUrl ?? "" };
}

/** Returns a link as it is sent; null: there is none. An address may be typed without `https://`. */
export function linkParam(link: LinkTexts): LinkRequestParam | null {
  const [url, title, description, imageUrl] = [link.url, link.title, link.description, link.imageUrl].map((text) =>
    text.trim(),
  );
  if (!url) return null;
  return {
    url: absolute(url),
    ...(title && { title }),
    ...(description && { description }),
    ...(imageUrl && { imageUrl: absolute(imageUrl) }),
  };
}

function absolute(url: string): string {
  return /^[a-z][a-z\d+.-]*:\/\//i.test(url) ? url : `https://${url}`;
}

/** Returns where a link leads, without what its readers do not need: "example.com". */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^www\./, "") : url;
}
