import type { FoundPost, PostAccount } from "presswork-client";
import { accountName, platformName } from "../platforms/platforms";
import { PlatformIcon } from "../ui/PlatformIcon";
import "./account-marks.css";
import { type Stated, stateOf } from "./groups";

/** What a sign says of a post. */
export type Marked = Stated & Pick<FoundPost, "id" | "platform"> & { readonly account: Pick<PostAccount, "handle"> };

interface AccountMarksProps {
  readonly posts: readonly Marked[];
  /** How many have a place; instead of the last one, a number says how many there are more. */
  readonly limit?: number;
}

/** The accounts of a row as signs, each with the state of its post. */
export function AccountMarks({ posts, limit = 8 }: AccountMarksProps) {
  const shown = posts.length > limit ? Math.max(1, limit - 1) : limit;
  const more = posts.slice(shown);
  return (
    <span className="account-marks">
      {posts.slice(0, shown).map((post) => {
        const { tone } = stateOf(post);
        const name = markName(post);
        return (
          <span key={post.id} className={`account-mark ${tone}`} role="img" aria-label={name} title={name}>
            <PlatformIcon platform={post.platform} />
          </span>
        );
      })}
      {more.length > 0 && (
        <span className="soft small" title={more.map(markName).join("\n")}>
          +{more.length}
        </span>
      )}
    </span>
  );
}

/** "@corner.bakery on Instagram: queued" */
export function markName(post: Marked): string {
  const { handle } = post.account;
  return `${accountName(post.platform, handle)} on ${platformName(post.platform)}: ${stateOf(post).text}`;
}
