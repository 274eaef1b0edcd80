"""What can be done with a comment, and why a call about it is refused. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

from presswork.accounts.readiness import comments_readiness
from presswork.comments.model import Comment, CommentedPostGone, CommentGone, CommentsNotReady
from presswork.core.enums import Mode
from presswork.core.errors import Invalid, Issue, IssueCode
from presswork.core.ids import ACCOUNT, public_id
from presswork.platforms.live_support import CommentAction
from presswork.platforms.port import Platform
from presswork.platforms.registry import manual_instructions
from presswork.posts.live import name_missing
from presswork.posts.model import OFF_LINE

_IMPOSSIBLE: Final[Mapping[CommentAction, str]] = {
    CommentAction.REPLY: "no comments can be answered",
    CommentAction.HIDE: "this comment can't be hidden",
    CommentAction.LIKE: "this comment can't be liked",
    CommentAction.DELETE: "this comment can't be deleted",
}


def offered_actions(platform: Platform, comment: Comment) -> frozenset[CommentAction]:
    """Return what the platform has calls for with this comment, permissions apart."""
    support = platform.comments
    if support is None or not comment.is_there or comment.post.mode is not Mode.PUBLISH:
        return frozenset()
    actions = set(comment.offered & support.actions)
    if support.delete_own_only and not comment.is_own:
        actions.discard(CommentAction.DELETE)
    if support.reply_to_shown_only and comment.is_hidden:
        actions.discard(CommentAction.REPLY)
    return frozenset(actions)


def actions_of(platform: Platform, comment: Comment) -> Sequence[CommentAction]:
    """Return what can be done with a comment now, in the order of the enumeration."""
    ready = comments_readiness(platform, status=comment.account_status, scopes=comment.scopes)
    if ready.reason is not None or comment.post.live_status in OFF_LINE:
        return []
    offered = offered_actions(platform, comment)
    return [action for action in CommentAction if action in offered]


def require_action(platform: Platform, comment: Comment, action: CommentAction) -> None:
    """Raise CommentGone, CommentedPostGone, Invalid where the platform has no such call, or CommentsNotReady."""
    if not comment.is_there:
        raise CommentGone(comment)
    if comment.post.live_status in OFF_LINE:
        raise CommentedPostGone(comment)
    if action not in offered_actions(platform, comment):
        title = manual_instructions(platform.name).title
        advice = "Use the platform's app, if it can."
        why = f"{_IMPOSSIBLE[action]} through the API"
        if action is CommentAction.REPLY and action in comment.offered and comment.is_hidden:
            why, advice = "hidden comments can't be answered", "Show the comment again (unhide), then reply."
        problem = f"is a comment on {title}, where {why}. {advice}"
        reason = f"{action.value}_not_supported"
        raise Invalid([Issue.at("commentId", problem, IssueCode.INVALID_VALUE)], reason=reason)
    ready = comments_readiness(platform, status=comment.account_status, scopes=comment.scopes)
    if ready.reason is not None:
        why = name_missing(ready) if ready.missing_scopes else "Presswork has no access to this account."
        raise CommentsNotReady(
            f"{why} Connect it again (reauth-url) and grant every permission, then send the call again.",
            socialAccountId=public_id(ACCOUNT, comment.account_id),
            reason=ready.reason.value,
            missingScopes=list(ready.missing_scopes) or None,
        )
