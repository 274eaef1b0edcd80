import { useQuery } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import type { Environment, ScheduledPost } from "presswork-client";
import { personText } from "../../api/personText";
import { platformName } from "../../platforms/platforms";
import { adviceOf, isNotTakenDown } from "../../posts/afterwards";
import { timelineQuery } from "../../posts/queries";
import { Sentence } from "../../posts/Sentence";
import { timelineSentence } from "../../posts/timelineSentence";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";

interface AfterwardsNoticeProps {
  readonly environment: Environment;
  readonly post: ScheduledPost;
  readonly zone: string;
  /** Without it, the person may not take posts down. */
  readonly onTakeDown: (() => void) | undefined;
}

/** What is being done to a live post, what could not be done and what to do then. */
export default function AfterwardsNotice({ environment, post, zone, onTakeDown }: AfterwardsNoticeProps) {
  const { liveStatus, lastEdit, platform } = post;
  const name = platformName(platform);
  const isAtWork = liveStatus === "taking_down" || lastEdit?.status === "pending";
  const timeline = useQuery({ ...timelineQuery(environment, post.id), enabled: isAtWork });
  const latest = timeline.data?.items.at(-1);
  const isDelayed = latest !== undefined && (latest.event === "waiting" || latest.event === "retrying");
  const progress = isDelayed && (
    <p>
      <Sentence text={timelineSentence(latest, platform)} zone={zone} />
    </p>
  );
  return (
    <>
      {liveStatus === "taking_down" && (
        <Notice title={`${name} is asked to delete this post`}>
          {progress}
          <p>Presswork tries for up to a day. This page says what became of it by itself.</p>
        </Notice>
      )}
      {isNotTakenDown(liveStatus) && (
        <Notice
          tone="bad"
          title="It could not be taken down"
          actions={
            liveStatus === "take_down_failed" &&
            onTakeDown !== undefined && (
              <Button onPress={onTakeDown}>
                <Trash2 aria-hidden /> Try again
              </Button>
            )
          }
        >
          <Sentence text={adviceOf(post)} zone={zone} />
        </Notice>
      )}
      {liveStatus === "gone" && (
        <Notice>It was deleted on {name} itself, before Presswork took it down. There is nothing to do.</Notice>
      )}
      {lastEdit?.status === "pending" && liveStatus !== "taking_down" && (
        <Notice title={`The live post is being changed on ${name}`}>
          {progress}
          <p>Presswork tries for up to a day. The preview shows the change once it is made.</p>
        </Notice>
      )}
      {lastEdit?.status === "failed" && (
        <Notice tone="warn" title="The last change of the live post was not made">
          <Sentence text={personText(lastEdit.message ?? "") || `It is as it was on ${name}.`} zone={zone} />
        </Notice>
      )}
      {lastEdit?.status === "done" && liveStatus === "live" && (
        <Notice tone="good">The live post was changed on {name}.</Notice>
      )}
    </>
  );
}
