import type { Content } from "presswork-client";
import { linkParam } from "../../content/links";
import type { PreviewedLink } from "../../preview/Phone";
import { isLinkChanged } from "./call";
import type { Draft } from "./draft";

/** Returns the card of a draft's link, with what its page says as soon as it was saved; null: there is none. */
export function previewedLink(draft: Draft, content: Content | undefined): PreviewedLink | null {
  const link = draft.files.length > 0 ? null : linkParam(draft.link);
  if (link === null) return null;
  const saved = isLinkChanged(draft) ? null : content?.link;
  return {
    url: link.url,
    title: link.title ?? saved?.title ?? null,
    description: link.description ?? saved?.description ?? null,
    thumbnailUrl: saved?.thumbnailUrl ?? null,
  };
}
