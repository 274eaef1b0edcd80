import { useQuery } from "@tanstack/react-query";
import type { Environment, ScheduledPost } from "presswork-client";
import { personText } from "../../api/personText";
import { platformName } from "../../platforms/platforms";
import { timelineQuery } from "../../posts/queries";
import { Sentence } from "../../posts/Sentence";
import { Notice } from "../../ui/Notice";
import { Time } from "../../ui/Time";
import { lookUpOf } from "./lookUpOf";

interface LookUpNoticeProps {
  readonly environment: Environment;
  readonly post: ScheduledPost;
  readonly zone: string;
}

/** What is being looked up while it is not known whether a post is live. */
export function LookUpNotice({ environment, post, zone }: LookUpNoticeProps) {
  const timeline = useQuery(timelineQuery(environment, post.id));
  const lookUp = lookUpOf(timeline.data?.items ?? []);
  if (lookUp === null) return null;
  const platform = platformName(post.platform);
  return (
    <Notice tone="warn" title={`Looking up whether ${platform} has published this post`}>
      {[lookUp.why, lookUp.latest].map((text) => {
        const said = text === null ? null : personText(text);
        return (
          said !== null && (
            <p key={said}>
              <Sentence text={said} zone={zone} />
            </p>
          )
        );
      })}
      <p className="soft small">
        Asked since <Time at={lookUp.since} zone={zone} />
        {lookUp.nextAt !== null && (
          <>
            , and again <Time at={lookUp.nextAt} zone={zone} isRelative />
          </>
        )}
        . Nothing is published a second time before the answer is known; there is nothing to do.
      </p>
    </Notice>
  );
}
