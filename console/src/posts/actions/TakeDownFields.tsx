import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ExternalLink } from "lucide-react";
import type { Environment, ScheduledPost } from "presswork-client";
import { MAX_CHARACTERS } from "../../api/maxima";
import { accountName, platformName } from "../../platforms/platforms";
import { Notice } from "../../ui/Notice";
import { TextField } from "../../ui/TextField";
import { livePageOf } from "../livePage";
import { accountQuery } from "../queries";
import { canCall, countSentence, effectSentence, type Way } from "./takeDown";

interface TakeDownFieldsProps {
  readonly environment: Environment;
  readonly posts: readonly ScheduledPost[];
  readonly wayOf: (post: ScheduledPost) => Way | undefined;
  readonly reason: string;
  readonly onReason: (reason: string) => void;
}

/** What happens if posts are taken down, which of them a person must delete, and why they are taken down. */
export function TakeDownFields({ environment, posts, wayOf, reason, onReason }: TakeDownFieldsProps) {
  const [post] = posts;
  if (post === undefined) return null;
  const single = posts.length === 1 ? post : undefined;
  const called = posts.filter((one) => canCall(wayOf(one)));
  return (
    <>
      {single === undefined && <p>{countSentence(posts, wayOf)}</p>}
      {called.length > 0 && <p>{effectSentence(called)}</p>}
      {single !== undefined && <WayNotice environment={environment} post={single} way={wayOf(single)} />}
      {single === undefined && called.length < posts.length && (
        <p className="soft">Of those that Presswork can't delete, the results say what to do.</p>
      )}
      {(single === undefined || called.length > 0) && <ReasonField reason={reason} onReason={onReason} />}
    </>
  );
}

/** Why posts are taken down. */
export function ReasonField({ reason, onReason }: Pick<TakeDownFieldsProps, "reason" | "onReason">) {
  return (
    <TextField
      label="Reason (optional)"
      value={reason}
      onChange={onReason}
      maxLength={MAX_CHARACTERS.note}
      description="It is in the timeline of the post, and in the audit log."
    />
  );
}

interface WayNoticeProps {
  readonly environment: Environment;
  readonly post: ScheduledPost;
  readonly way: Way | undefined;
}

/** What a person must do, where Presswork can't simply delete the post. */
function WayNotice({ environment, post, way }: WayNoticeProps) {
  const account = useQuery(accountQuery(environment, post.socialAccountId)).data;
  const page = livePageOf(post);
  if (way === undefined || way === "call" || account === undefined) return null;
  const name = accountName(account.platform, account.handle);
  const platform = platformName(post.platform);
  const again = (
    <Link
      className="button plain"
      to="/$environment/accounts/$accountId"
      params={{ environment, accountId: account.socialAccountId }}
    >
      Open the account
    </Link>
  );
  if (way === "access") {
    return (
      <Notice tone="warn" title={`The access to ${name} has ended`} actions={again}>
        Presswork waits up to a day for it: connect the account again, and the post is taken down then.
      </Notice>
    );
  }
  const isPerson = way === "person";
  const advice = isPerson && post.mode !== "managed" ? account.readiness.takeDown.advice : null;
  return (
    <Notice
      tone="warn"
      title={
        !isPerson
          ? `Presswork may not delete posts of ${name}`
          : post.mode === "managed"
            ? "A provider has published this post"
            : `${platform} does not let programs delete this post`
      }
      actions={
        <>
          {!isPerson && again}
          {page !== null && (
            <a className="button plain" href={page.url} target="_blank" rel="noreferrer">
              <ExternalLink aria-hidden /> {page.label}
            </a>
          )}
        </>
      }
    >
      {isPerson
        ? `A person has to do it. ${advice ?? `Delete it on ${platform}, signed in as ${name}.`}`
        : `Its owner has not agreed to that, or has disconnected it. Connect the account again, then take the post down. Or delete it on ${platform} yourself.`}
    </Notice>
  );
}
