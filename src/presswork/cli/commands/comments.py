"""`presswork comments`: read comments on live posts, answer them, and decide who does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, get_args

from presswork.cli.client.choose import project_of
from presswork.cli.client.command import FAILED_STATUS, Limit, Project, given, on_server, one_of
from presswork.cli.client.login import NotPossible
from presswork.cli.client.show import table_of
from presswork.cli.command import Commands, Output, sentences
from presswork.cli.options import AsJSON, argument, option
from presswork.cli.output import console
from presswork_client import NOT_GIVEN, APIStatusError, choices

if TYPE_CHECKING:
    from presswork_client import Comment, Presswork

commands: Final = Commands(on_server, "Read comments on live posts, answer them, and decide who does.")

_STATUSES: Final = get_args(choices.CommentStatus)
_STATUS_NAMES: Final = ", ".join(_STATUSES)
_COMMENT: Final = argument("COMMENT", "Comment id, cmt_….", ...)
_COMMENTS: Final = argument("COMMENT", "Comment ids, cmt_….", ...)
_REFUSALS: Final = frozenset({"CONFLICT", "NOT_FOUND", "SOCIAL_ACCOUNT_NOT_PUBLISH_READY", "VALIDATION"})
"""Refusals of one comment; after another error, no call would succeed."""


@commands.listing("list")
def list_comments(
    client: Presswork,
    status: list[str] | None = option("--status STATUS", f"Only this status: {_STATUS_NAMES}; can be repeated."),
    post: str | None = option("--post POST", "Only comments on this post, sp_…, threads together, the oldest first."),
    account: str | None = option("--account ACCOUNT", "Only comments on posts of this account, sa_…."),
    mine: str | None = option("--assignee PERSON", "Only comments for this person: name or id, usr_…."),
    since: str | None = option("--since TIME", "Only comments since then, such as 2026-12-01T00:00:00Z."),
    own: bool = option("--own", "Also comments of the accounts themselves.", False),
    every_project: bool = option("--all-projects", "Comments of all projects of the key.", False),
    limit: Limit = 50,
    project: Project = None,
) -> Output:
    """List comments, the newest first."""
    if post is not None:
        items = client.comments.list_of_post(post_id=post, limit=limit).items
    else:
        project_id = None if every_project else project_of(client, project)
        items = client.comments.list(
            project_id=given(project_id),
            social_account_id=given(account),
            status=NOT_GIVEN if status is None else [one_of(_STATUSES, one, "status") for one in status],
            assignee_id=NOT_GIVEN if mine is None else _find_person(client, project_id, mine),
            own=NOT_GIVEN if own else False,
            since=given(since),
            limit=limit,
        ).items
    return table_of(
        items,
        {
            "comment": lambda one: one.id,
            "status": lambda one: one.reply_status or one.status,
            "author": lambda one: one.author,
            "text": lambda one: one.text,
            "platform": lambda one: one.platform,
            "account": lambda one: one.handle,
            "post": lambda one: one.scheduled_post_id,
            "written": lambda one: one.created_at,
        },
        empty="There are no such comments.",
        drop=("written", "post", "account", "platform", "author"),
        cut=("text", "author"),
    )


@commands.command()
def show(client: Presswork, comment: str = _COMMENT) -> Output:
    """Show a comment: what it says, what can be done, and what became of a reply."""
    found = client.comments.get(comment_id=comment)
    return sentences(found.raw, *_describe(found))


def _describe(comment: Comment) -> Sequence[str]:
    who = "You" if comment.own else comment.author or "Someone"
    state = "" if comment.reply_status is None else f" (reply: {comment.reply_status})"
    lines = [
        f"{who} on {comment.platform}, {comment.created_at}{state}:",
        "(The text was erased.)" if comment.text is None else comment.text,
        f"Post {comment.scheduled_post_id} {comment.post.external_url or ''}".rstrip(),
        f"Status {comment.status}. Possible: {', '.join(comment.actions) or 'nothing'}.",
    ]
    return [*lines, *([f"Error: {comment.error}"] if comment.error else [])]


@commands.command()
def summary(
    client: Presswork,
    every_project: bool = option("--all-projects", "Comments of all projects of the key.", False),
    project: Project = None,
) -> Output:
    """Count the comments of others by status."""
    project_id = NOT_GIVEN if every_project else project_of(client, project)
    counts = client.comments.count(project_id=project_id)
    return sentences(counts.raw, f"{counts.new:,} new, {counts.open:,} open, {counts.done:,} done.")


@commands.command()
def reply(
    client: Presswork, comment: str = _COMMENT, text: str = argument("TEXT", "What to answer, as the account.", ...)
) -> Output:
    """Answer a comment as the account. A worker writes the reply, once; `presswork comments show` says what became of it."""
    queued = client.comments.reply(comment_id=comment, text=text)
    return sentences(queued.raw, f"The reply is {queued.reply_status}: presswork comments show {queued.id}")


@commands.command()
def hide(client: Presswork, comments: list[str] = _COMMENTS, as_json: AsJSON = False) -> Output:
    """Hide comments from others, where the platform can. Each is tried. Exit status 1: one can't be hidden."""
    return _try_each(comments, lambda one: client.comments.hide(comment_id=one).raw, "hidden", as_json=as_json)


@commands.command()
def unhide(client: Presswork, comments: list[str] = _COMMENTS, as_json: AsJSON = False) -> Output:
    """Show hidden comments again. Each is tried."""
    return _try_each(comments, lambda one: client.comments.unhide(comment_id=one).raw, "shown again", as_json=as_json)


@commands.command()
def like(client: Presswork, comments: list[str] = _COMMENTS, as_json: AsJSON = False) -> Output:
    """Like comments as the account, where the platform can. Each is tried."""
    return _try_each(comments, lambda one: client.comments.like(comment_id=one).raw, "liked", as_json=as_json)


@commands.command()
def unlike(client: Presswork, comments: list[str] = _COMMENTS, as_json: AsJSON = False) -> Output:
    """Take likes back. Each is tried."""
    return _try_each(comments, lambda one: client.comments.unlike(comment_id=one).raw, "unliked", as_json=as_json)


@commands.command()
def delete(client: Presswork, comments: list[str] = _COMMENTS, as_json: AsJSON = False) -> Output:
    """Delete comments on their platforms, where these can. Each is tried. Exit status 1: one can't be deleted."""
    return _try_each(comments, lambda one: client.comments.delete(comment_id=one).raw, "deleted", as_json=as_json)


@commands.command()
def done(client: Presswork, comments: list[str] = _COMMENTS, as_json: AsJSON = False) -> Output:
    """Mark comments as done. Nothing changes on their platforms."""
    return _try_each(
        comments, lambda one: client.comments.update(comment_id=one, status="done").raw, "done", as_json=as_json
    )


@commands.command("open")
def reopen(client: Presswork, comments: list[str] = _COMMENTS, as_json: AsJSON = False) -> Output:
    """Mark comments as open: someone still has to answer."""
    return _try_each(
        comments, lambda one: client.comments.update(comment_id=one, status="open").raw, "open", as_json=as_json
    )


@commands.command()
def assign(
    client: Presswork,
    comment: str = _COMMENT,
    person: str | None = argument("PERSON", "Who is to answer: name or id, usr_…; without it, no one.", None),
    note: str | None = option("--note TEXT", "A note for the people of the organization."),
) -> Output:
    """Say who is to answer a comment."""
    found = client.comments.get(comment_id=comment)
    assignee = None if person is None else _find_person(client, found.project_id, person)
    changed = client.comments.update(comment_id=comment, assignee_id=assignee, note=given(note))
    who = "no one" if person is None else person
    return sentences(changed.raw, f"{comment} is for {who}.")


def _find_person(client: Presswork, project_id: str | None, name: str) -> str:
    """Return the id of a person to whom comments can be assigned. Raises NotPossible."""
    if name.startswith("usr_"):
        return name
    people = client.comments.list_assignees(project_id=given(project_id)).items
    found = [one.id for one in people if one.name.lower() == name.lower()]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{one.name} ({one.id})" for one in people) or "no one"
    raise NotPossible(f"{name} is not one person. Use one of: {known}.")


def _try_each(
    comments: Sequence[str], call: Callable[[str], Mapping[str, object]], what: str, *, as_json: bool
) -> Output:
    """Call for each comment, and print for people at once how it went. Continues after a refusal of one comment."""
    items: list[object] = []
    refused: list[object] = []
    for comment in comments:
        try:
            items.append(call(comment))
            sentence = f"{comment} is {what}."
        except APIStatusError as error:
            if error.code not in _REFUSALS:
                raise
            refused.append({"id": comment, "code": error.code, "message": error.message})
            sentence = f"{comment} is not {what}: {error.message}"
        if not as_json:
            console().print(sentence, markup=False)
    document = {"items": items, "refused": refused}
    return Output(document=document, show=lambda **_: None, status=FAILED_STATUS if refused else 0)
