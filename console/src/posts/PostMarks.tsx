import { Link } from "@tanstack/react-router";
import type { Environment, FoundPost } from "presswork-client";
import { accountName } from "../platforms/platforms";
import { PlatformIcon } from "../ui/PlatformIcon";
import { markName } from "./AccountMarks";
import "./account-marks.css";
import { stateOf } from "./groups";
import "./post-marks.css";

interface PostMarksProps {
  readonly environment: Environment;
  readonly posts: readonly FoundPost[];
  readonly label: string;
  /** The post whose page it is. */
  readonly currentId?: string;
}

/** So many have their handles, too. */
const NAMED = 3;

/** Posts as the signs of their networks, each with its state and a link to its page; a few have their handles, too. */
export function PostMarks({ environment, posts, label, currentId }: PostMarksProps) {
  const areNamed = posts.length <= NAMED;
  return (
    <ul className="post-marks" aria-label={label}>
      {posts.map((post) => (
        <li key={post.id}>
          <Link
            className="post-mark"
            to="/$environment/posts/$postId"
            params={{ environment, postId: post.id }}
            aria-label={markName(post)}
            title={markName(post)}
            aria-current={post.id === currentId ? "page" : undefined}
            activeProps={{}}
          >
            <span className={`account-mark ${stateOf(post).tone}`}>
              <PlatformIcon platform={post.platform} />
            </span>
            {areNamed && <span className="small cut">{accountName(post.platform, post.account.handle)}</span>}
          </Link>
        </li>
      ))}
    </ul>
  );
}
