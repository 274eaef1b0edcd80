import { useQuery } from "@tanstack/react-query";
import type { Environment, ScheduledPost } from "presswork-client";
import { platformName } from "../../platforms/platforms";
import { Notice } from "../../ui/Notice";
import { failedByItself } from "../failureSentence";
import { contentQuery } from "../queries";
import { repeatQuery } from "../repeat";

interface RepeatWarningProps {
  readonly environment: Environment;
  readonly post: ScheduledPost;
}

/** Says that a post would fail again, because what it failed by has not changed. */
export function RepeatWarning({ environment, post }: RepeatWarningProps) {
  const finding = useQuery(repeatQuery(environment, post)).data;
  const content = useQuery(contentQuery(environment, post.containerId)).data;
  if (finding) {
    return (
      <Notice tone="warn" title="It would fail again">
        {finding}
      </Notice>
    );
  }
  const isUnchanged =
    failedByItself(post) &&
    content !== undefined &&
    Date.parse(content.updatedAt) <= Date.parse(post.lastError?.at ?? "");
  if (finding === undefined || !isUnchanged) return null;
  return (
    <Notice tone="warn" title="Nothing has changed since it failed">
      {platformName(post.platform)} will most likely refuse it again. Edit it first.
    </Notice>
  );
}
