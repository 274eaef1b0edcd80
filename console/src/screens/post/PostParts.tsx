import type { Environment, PostPart, ScheduledPost } from "presswork-client";
import { Badge, type Tone } from "../../ui/Badge";
import "../../content/content.css";

const LOOKS: Readonly<Record<PostPart["status"], { readonly label: string; readonly tone: Tone }>> = {
  queued: { label: "Queued", tone: "info" },
  published: { label: "Published", tone: "good" },
  failed: { label: "Not live", tone: "bad" },
  unknown: { label: "Outcome unknown", tone: "bad" },
};

interface PostPartsProps {
  readonly environment: Environment;
  readonly post: ScheduledPost;
}

/** What became of each part of a thread, whose texts are in the preview. */
export function PostParts({ environment, post }: PostPartsProps) {
  const parts = post.parts ?? [];
  return (
    <ol className="parts">
      {parts.map(({ index, externalUrl, status }) => (
        <li key={index}>
          <span className="post-part-head">
            <span className="soft small">
              Part {index + 1} of {parts.length}
            </span>
            <Badge tone={LOOKS[status].tone}>{LOOKS[status].label}</Badge>
            {externalUrl !== null && environment === "live" && (
              <a className="small" href={externalUrl} target="_blank" rel="noreferrer">
                Open it
              </a>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}
