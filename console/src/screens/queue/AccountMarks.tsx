import type { FoundPost } from "presswork-client";
import { accountName, platformName } from "../../platforms/platforms";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { stateOf } from "./groups";

const SHOWN = 8;

/** The accounts of a row as signs, each with the state of its post. */
export function AccountMarks({ posts }: { readonly posts: readonly FoundPost[] }) {
  const more = posts.slice(SHOWN);
  return (
    <span className="account-marks">
      {posts.slice(0, SHOWN).map((post) => {
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
function markName(post: FoundPost): string {
  const { handle } = post.account;
  return `${accountName(post.platform, handle)} on ${platformName(post.platform)}: ${stateOf(post).text}`;
}
