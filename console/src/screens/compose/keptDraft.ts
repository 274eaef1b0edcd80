import type { Draft as ServerDraft } from "presswork-client";
import { type Draft, type DraftFile, emptyDraft, joined, newTarget, type TargetDraft } from "./draft";

/** Of the body of a draft: another console may write another one. */
const VERSION = 1;

/** What the server keeps of a draft. */
interface Body {
  readonly version: typeof VERSION;
  readonly draft: Omit<Draft, "kept" | "isDone" | "projectId">;
}

/** Returns what the server keeps of a draft. Files are those of its content, as far as they are sent. */
export function bodyOf({ kept: _, isDone: __, projectId: ___, ...draft }: Draft): Body {
  return { version: VERSION, draft: { ...draft, files: draft.containerId === null ? [] : draft.files } };
}

/** Returns a draft of the server; null if another program wrote it, or another version of this one. */
export function draftOf({ id, projectId, revision, body }: ServerDraft): Draft | null {
  if (!isBody(body)) return null;
  return completed({ ...emptyDraft(projectId), ...body.draft, projectId, kept: { id, revision } });
}

/** Returns a stored draft with what has been added to drafts since. */
export function completed(draft: Draft): Draft {
  const targets = draft.targets.map(
    (one): TargetDraft => ({ ...newTarget(one.socialAccountId, one.platform), ...one }),
  );
  return { ...draft, targets };
}

/** Returns the words by which a person knows a draft. */
export function titleOf({ caption, parts, files, link }: Draft): string {
  const text = [parts[0] ?? "", caption].map((one) => one.trim()).find((one) => one !== "");
  return text ?? filesTitle(files) ?? (link.url.trim() || "Without a text");
}

/** Returns the text of a draft, or those of its parts. */
export function textOf({ parts, caption }: Draft): string {
  return parts.length > 0 ? joined(parts) : caption;
}

function filesTitle(files: readonly DraftFile[]): string | undefined {
  return files.length === 0 ? undefined : files.map(({ name }) => name).join(", ");
}

function isBody(body: unknown): body is Body {
  if (typeof body !== "object" || body === null) return false;
  const { version, draft } = body as Partial<Body>;
  return (
    version === VERSION && typeof draft === "object" && Array.isArray(draft?.targets) && Array.isArray(draft.files)
  );
}
