import { EyeOff } from "lucide-react";
import type { Comment } from "presswork-client";
import { Badge } from "../ui/Badge";
import { REPLY_WORDS } from "./replyWords";

/** What is special about a comment. A reply that is posted needs no word. */
export function CommentBadges({ comment }: { readonly comment: Comment }) {
  const { hidden, liked, replyStatus } = comment;
  return (
    <>
      {hidden && <Badge icon={<EyeOff aria-hidden />}>Hidden</Badge>}
      {liked && <Badge>Liked</Badge>}
      {replyStatus !== null && replyStatus !== "posted" && (
        <Badge tone={REPLY_WORDS[replyStatus].tone}>{REPLY_WORDS[replyStatus].label}</Badge>
      )}
    </>
  );
}
