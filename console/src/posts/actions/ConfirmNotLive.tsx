import type { Environment, ScheduledPost } from "presswork-client";
import { useZones } from "../../api/projects";
import { accountName, platformName } from "../../platforms/platforms";
import { Checkbox } from "../../ui/Checkbox";
import { Notice } from "../../ui/Notice";
import { Time } from "../../ui/Time";
import { useRowFacts } from "../useRowFacts";

interface ConfirmNotLiveProps {
  readonly environment: Environment;
  readonly post: ScheduledPost;
  readonly isConfirmed: boolean;
  readonly onChange: (isConfirmed: boolean) => void;
}

/** Says where to look before a post of unknown outcome is published again, and asks what was seen. */
export function ConfirmNotLive({ environment, post, isConfirmed, onChange }: ConfirmNotLiveProps) {
  const { caption, handle } = useRowFacts(environment, post);
  const account = handle === undefined ? "the account" : accountName(post.platform, handle);
  const zoneOf = useZones(environment);
  const platform = platformName(post.platform);
  return (
    <>
      <Notice tone="warn" title="This post may be live">
        <p>
          {platform} was asked to publish it, and did not say whether it did. If it is there, publishing it again shows
          it twice.
        </p>
      </Notice>
      <ol className="look-first">
        <li>
          Open {account} on {platform}
          {post.mode === "draft" && ", signed in as its owner, and its inbox and drafts"}.
        </li>
        <li>
          Look at the newest posts, from{" "}
          <Time at={post.attemptedAt ?? post.scheduledFor} zone={zoneOf(post.projectId)} /> on
          {caption ? (
            <>
              , for the caption <q>{caption.length > 120 ? `${caption.slice(0, 120)}…` : caption}</q>
            </>
          ) : (
            ", for its picture or video"
          )}
          .
        </li>
        <li>If it is there, leave this post as it is.</li>
      </ol>
      <Checkbox isSelected={isConfirmed} onChange={onChange}>
        I looked at {account}, and the post is not there.
      </Checkbox>
    </>
  );
}
