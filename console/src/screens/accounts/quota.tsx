import { queryOptions, useQuery } from "@tanstack/react-query";
import type { Environment, Quota, SocialAccount } from "presswork-client";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { countOf } from "../../posts/queuedCount";
import { Notice } from "../../ui/Notice";
import { Skeleton } from "../../ui/Skeleton";

/** How many posts an account may still publish. The platform is asked, so this is not repeated often. */
function quotaQuery(environment: Environment, account: SocialAccount) {
  return queryOptions({
    // Not a part of "accounts": the event that an access has ended would ask for what can't be read any more.
    queryKey: [environment, "quota", account.socialAccountId],
    queryFn: () => clientOf(environment).socialAccounts.getQuota({ socialAccountId: account.socialAccountId }),
    enabled: account.readiness.publish.ready,
    staleTime: 5 * 60_000,
  });
}

interface QuotaProps {
  readonly environment: Environment;
  readonly account: SocialAccount;
}

interface QuotaLeftProps extends QuotaProps {
  /** Whether the row is or was on the screen. Only then the platform is asked. */
  readonly isSeen: boolean;
}

/** What is left of the quota, in a few words; nothing where the platform reports none. */
export function QuotaLeft({ environment, account, isSeen }: QuotaLeftProps) {
  const query = quotaQuery(environment, account);
  const isAsked = account.readiness.publish.ready;
  const { data, isPending } = useQuery({ ...query, enabled: isAsked && isSeen });
  if (isAsked && isPending) return <Skeleton width="6em" />;
  if (data === undefined || data.limit === null) return null;
  const left = leftOf(data);
  return (
    <span className={left === 0 ? "expiry-near" : ""}>
      {left} of {data.limit} posts left
    </span>
  );
}

/** The quota as a bar, with its window. */
export function QuotaMeter({ environment, account }: QuotaProps) {
  const { data, isLoading, error } = useQuery(quotaQuery(environment, account));
  if (!account.readiness.publish.ready) return <p className="soft">It can be read once the account can publish.</p>;
  if (isLoading) return <Skeleton height="40px" />;
  if (error !== null) return <Notice tone="warn">{messageOf(error)}</Notice>;
  if (data === undefined || data.limit === null)
    return <p className="soft">The platform reports no quota. Where one is exceeded, posts wait and say so.</p>;
  return (
    <div className="quota">
      <p>
        <strong>{data.used ?? 0}</strong> of {data.limit} posts used {windowOf(data)}, {leftOf(data)} left
      </p>
      <meter
        aria-label="Quota used"
        min={0}
        max={data.limit}
        low={data.limit * 0.8}
        high={data.limit * 0.95}
        optimum={0}
        value={data.used ?? 0}
      />
      <p className="soft small">As the platform counts them, those of other tools too. A post beyond it waits.</p>
    </div>
  );
}

function leftOf({ used, limit }: Quota): number {
  return Math.max(0, (limit ?? 0) - (used ?? 0));
}

function windowOf({ windowSeconds }: Quota): string {
  if (windowSeconds === null) return "";
  const hours = Math.round(windowSeconds / 3600);
  return hours >= 1 ? `in ${countOf(hours, "hour")}` : `in ${countOf(Math.round(windowSeconds / 60), "minute")}`;
}
