import type { ScheduledPost } from "presswork-client";
import { Label, Radio, RadioGroup } from "react-aria-components";
import { AccountName } from "../../posts/AccountName";
import { useCalendar } from "./context";
import { isFound } from "./rows";
import "./which-posts.css";

/** Stands for all posts. */
export const ALL = "all";

interface WhichPostsProps {
  readonly posts: readonly ScheduledPost[];
  /** The id of a post, or all. */
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** Chooses between all posts of some content and one of them. */
export function WhichPosts({ posts, value, onChange }: WhichPostsProps) {
  const { environment } = useCalendar();
  return (
    <RadioGroup className="which-posts" value={value} onChange={onChange}>
      <Label>Which</Label>
      <Radio className="which-post" value={ALL}>
        All {posts.length}
      </Radio>
      {posts.map((post) => (
        <Radio key={post.id} className="which-post" value={post.id}>
          Only{" "}
          <AccountName
            environment={environment}
            socialAccountId={post.socialAccountId}
            platform={post.platform}
            handle={isFound(post) ? post.account.handle : undefined}
          />
        </Radio>
      ))}
    </RadioGroup>
  );
}
