"""`presswork content`, `content delete`, `content comments`, `content comment`, `approve`, `reject` and `request-changes`: the content of a project, and decisions about it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import typer

from presswork.cli.client.choose import project_of
from presswork.cli.client.command import FAILED_STATUS, Limit, Project, Revision, given, on_server
from presswork.cli.client.login import NotPossible
from presswork.cli.client.show import table_of
from presswork.cli.command import Commands, Output, sentences
from presswork.cli.options import argument, option
from presswork_client import NOT_GIVEN

if TYPE_CHECKING:
    from presswork_client import CommentAnchor, Presswork

commands: Final = Commands(on_server)
_CONTENT: Final = argument("CONTENT", "Content id, cnt_….", ...)
_SEEN_BY: Final = {"internal": "the organization", "external": "review links too"}


@commands.listing("content")
def list_content(
    client: Presswork,
    pending: bool = option("--pending", "Show only content that waits for `presswork approve` or `reject`.", False),
    label: list[str] | None = option("--label TEXT", "Show only content with this label; repeat it: any of them."),
    limit: Limit = 20,
    project: Project = None,
) -> Output:
    """List the content of a project, newest first, with its approval."""
    page = client.content.list(
        project_id=project_of(client, project),
        approval_status=["pending"] if pending else NOT_GIVEN,
        label=given(label),
        limit=limit,
    )
    return table_of(
        page.items,
        {
            "content": lambda one: one.id,
            "status": lambda one: one.status,
            "approval": lambda one: (
                f"{one.approval_status}: {one.current_step}" if one.current_step else one.approval_status
            ),
            "media": lambda one: one.media_type,
            "caption": lambda one: one.caption,
            "link": lambda one: one.link and one.link.url,
            "labels": lambda one: ", ".join(one.labels),
            "review note": lambda one: one.review_note,
            "created": lambda one: one.created_at,
        },
        empty="No content waits for approval." if pending else "There is no content. `presswork publish` creates it.",
        drop=("review note", "created", "media", "link", "labels"),
        cut=("caption", "link", "labels", "review note"),
        below=("caption",),
    )


@commands.command("content delete")
def delete_content(
    client: Presswork,
    container_id: str = _CONTENT,
    erase: bool = option("--erase", "Also erase its texts, those of its posts, and what reviewers wrote.", False),
    yes: bool = option("--yes", "Do not ask.", False),
) -> Output:
    """Delete content: its media leave the store and the quota. Posts that are live stay live.

    Asks first; without a terminal, --yes is needed.
    """
    if not yes:
        if not sys.stdin.isatty():
            raise NotPossible(
                "Deleting content can't be undone, and there is no terminal to ask at. Pass --yes to delete it."
            )
        content = client.content.get(container_id=container_id)
        what = f"{content.id}, {content.media_type}" + (f": {content.caption[:60]!r}" if content.caption else "")
        texts = ", and erase its texts" if erase else ""
        if not typer.confirm(f"Delete {what}{texts}? This can't be undone.", err=True):
            raise NotPossible("Nothing was deleted.")
    deleted = client.content.delete(container_id=container_id, erase=erase)
    erased = " and its texts were erased" if deleted.erased_at else ""
    return sentences(deleted.raw, f"{deleted.id} was deleted{erased}. Posts that are live stay live.")


@commands.listing("content comments")
def list_comments(client: Presswork, container_id: str = _CONTENT, limit: Limit = 50) -> Output:
    """List what was written about content, oldest first."""
    return table_of(
        client.content.list_comments(container_id=container_id, limit=limit).items,
        {
            "comment": lambda one: one.id,
            "seen by": lambda one: _SEEN_BY[one.visibility],
            "by": lambda one: one.author.name or one.author.id,
            "at": lambda one: _place_of(one.anchor),
            "resolved": lambda one: one.resolved_at,
            "created": lambda one: one.created_at,
            "text": lambda one: one.text,
        },
        empty="Nothing was written about this content. `presswork content comment` does it.",
        drop=("resolved", "created", "at"),
        cut=("text",),
        below=("text",),
    )


@commands.command("content comment")
def add_comment(
    client: Presswork,
    container_id: str = _CONTENT,
    text: str = option("--text TEXT", "What to say.", ...),
    external: bool = option("--external", "People at review links see it too.", False),
) -> Output:
    """Write about content, for the people of the organization, or for those at review links too."""
    made = client.content.add_comment(
        container_id=container_id, text=text, visibility="external" if external else "internal"
    )
    return sentences(made.raw, f"{made.id} was written, for {_SEEN_BY[made.visibility]}.")


def _place_of(anchor: CommentAnchor | None) -> str | None:
    """Return the place in a picture as percentages from left and top, or the time of a video in seconds."""
    if anchor is None:
        return None
    time = None if anchor.ms is None else f"{anchor.ms / 1000:.1f} s"
    place = None if anchor.x is None or anchor.y is None else f"{anchor.x:.0%}, {anchor.y:.0%}"
    return " ".join(one for one in (time, place) if one is not None)


@commands.command()
def approve(
    client: Presswork,
    container_id: str = _CONTENT,
    note: str | None = option("--note TEXT", "Note for the record."),
    revision: Revision = None,
) -> Output:
    """Approve content, and queue the posts that were scheduled meanwhile.

    Exit status 1: they can't be queued.
    """
    approved = client.approval.approve(container_id=container_id, note=given(note), revision=given(revision))
    if approved.current_step is not None:
        return sentences(approved.raw, f"Your approval of {approved.id} counts. It waits for: {approved.current_step}.")
    lines, status = [f"{approved.id} was approved."], 0
    if promoted := approved.pending_schedule_promotion:
        lines += [f"{post_id} is queued." for post_id in promoted.scheduled_post_ids]
        if promoted.error:
            lines.append(f"The scheduled posts were not queued: {promoted.error.message}")
        status = FAILED_STATUS if promoted.status == "failed" else 0
    return sentences(approved.raw, *lines, status=status)


@commands.command()
def reject(
    client: Presswork,
    container_id: str = _CONTENT,
    reason: str = option("--reason TEXT", "Reason, for the author of the content.", ...),
    revision: Revision = None,
) -> Output:
    """Reject content, and drop the posts that were scheduled meanwhile."""
    rejected = client.approval.reject(container_id=container_id, reason=reason, revision=given(revision))
    return sentences(rejected.raw, f"{rejected.id} was rejected.")


@commands.command("request-changes")
def request_changes(
    client: Presswork,
    container_id: str = _CONTENT,
    note: str = option("--note TEXT", "What to change, for the author of the content.", ...),
    revision: Revision = None,
) -> Output:
    """Ask for changes to content. It stays pending until it is approved or rejected."""
    changed = client.approval.request_changes(container_id=container_id, note=note, revision=given(revision))
    return sentences(changed.raw, f"Changes to {changed.id} were requested. It stays pending.")
