import { useQuery } from "@tanstack/react-query";
import { type Content, type Environment, type IntentTarget, NotFoundError } from "presswork-client";
import { AccountName } from "../posts/AccountName";
import { optionsOf } from "../posts/optionsOf";
import { accountQuery } from "../posts/queries";
import { Badge } from "../ui/Badge";
import { Skeleton } from "../ui/Skeleton";
import "./content.css";

/** What a target of a schedule call and a post have in common. */
export type TargetLike = Omit<IntentTarget, "scheduledPostId">;

const MODES: Readonly<Record<string, string>> = { draft: "To the creator's phone", managed: "Through a provider" };

interface TargetsProps {
  readonly environment: Environment;
  readonly targets: readonly TargetLike[];
  readonly content: Pick<Content, "caption" | "firstComment">;
}

/** The accounts that content goes to, each with what differs from the content: its own texts and options. */
export function Targets({ environment, targets, content }: TargetsProps) {
  return (
    <ul className="targets">
      {targets.map((target) => (
        <li key={`${target.socialAccountId} ${target.mode}`}>
          <TargetAccount environment={environment} socialAccountId={target.socialAccountId} />{" "}
          {MODES[target.mode] !== undefined && <Badge>{MODES[target.mode]}</Badge>}
          <OwnTexts target={target} content={content} />
        </li>
      ))}
    </ul>
  );
}

function TargetAccount({ environment, socialAccountId }: { environment: Environment; socialAccountId: string }) {
  const account = useQuery(accountQuery(environment, socialAccountId));
  if (account.data !== undefined) {
    return <AccountName environment={environment} socialAccountId={socialAccountId} platform={account.data.platform} />;
  }
  if (account.error === null) return <Skeleton width="8em" />;
  const isGone = account.error instanceof NotFoundError;
  return <span className="soft">An account that {isGone ? "is gone" : "could not be read"}</span>;
}

interface OwnTextsProps {
  readonly target: TargetLike;
  readonly content: TargetsProps["content"];
}

/** The texts and options that an account has of its own. */
export function OwnTexts({ target, content }: OwnTextsProps) {
  const caption = ownText(target.captionOverride, content.caption);
  const comment = ownText(target.firstCommentOverride, content.firstComment ?? "");
  const options = optionsOf(target);
  if (caption === null && comment === null && options.length === 0) return null;
  return (
    <div className="own-text">
      {caption !== null && <OwnText name="Its own caption" text={caption} />}
      {comment !== null && <OwnText name="Its own first comment" text={comment} />}
      {options.length > 0 && (
        <ul className="small">
          {options.map(([name, value]) => (
            <li key={name}>
              <span className="soft">{name}:</span> {value}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function OwnText({ name, text }: { readonly name: string; readonly text: string }) {
  return (
    <div>
      <h3>{name}</h3>
      <p className="long-text">{text === "" ? <span className="soft">None</span> : text}</p>
    </div>
  );
}

/** Returns an override that differs from the content's text. */
function ownText(override: string | null, text: string): string | null {
  return override === null || override === text ? null : override;
}
