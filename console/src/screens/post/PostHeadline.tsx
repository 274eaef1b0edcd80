import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Environment, ScheduledPost } from "presswork-client";
import { accountName, platformName } from "../../platforms/platforms";
import { isOffLine } from "../../posts/livePage";
import { accountQuery, timelineQuery } from "../../posts/queries";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { Skeleton } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { useNow } from "../../ui/useNow";
import { headlineOf, offLineAtOf } from "./headlineOf";

interface PostHeadlineProps {
  readonly environment: Environment;
  readonly post: ScheduledPost;
  readonly zone: string;
}

/** When and where: "Goes out tomorrow 09:00 to @corner.bakery". */
export function PostHeadline({ environment, post, zone }: PostHeadlineProps) {
  const account = useQuery(accountQuery(environment, post.socialAccountId));
  const timeline = useQuery({ ...timelineQuery(environment, post.id), enabled: isOffLine(post) });
  const { before, at, after } = headlineOf(post, useNow(), offLineAtOf(timeline.data?.items ?? []));
  return (
    <h2 className="post-headline">
      {before} {at !== null && <Time at={at} zone={zone} isDay />} {after}{" "}
      <Link to="/$environment/accounts/$accountId" params={{ environment, accountId: post.socialAccountId }}>
        <PlatformIcon platform={post.platform} />
        {account.isPending ? (
          <Skeleton width="7em" />
        ) : (
          accountName(post.platform, account.data?.handle ?? `unknown account on ${platformName(post.platform)}`)
        )}
      </Link>
    </h2>
  );
}
