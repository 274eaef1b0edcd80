"""Editing a queued post: its own texts and options, which no other post of the content has.

A worker reads them after it has claimed the post. So an edit either comes first, or is refused: the statement compares
`version`, which every claim raises.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.core.errors import PressworkError
from presswork.core.ids import POST, public_id
from presswork.db.pool import Connection
from presswork.db.queries import load
from presswork.db.rows import from_row
from presswork.platforms.registry import Platforms
from presswork.posts.known_problems import TargetWarning
from presswork.posts.model import PostNotEditable, PostNotFound, StalePost, Status
from presswork.posts.option_rules import option_words, refuse_mode
from presswork.posts.preflight import check_stored
from presswork.posts.read import PostDocument
from presswork.posts.refusals import about_one_post
from presswork.posts.targets import StoredTarget, Target, options_text, target_json

_SQL: Final = load("presswork.posts")
_LOCK: Final = load("presswork.posts", "preflight.sql")["lock_containers"]
_TEXTS: Final = {"captionOverride": "the text", "firstCommentOverride": "the first comment"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PostEdit:
    """What changes, by the names of the API; None removes an override or an option. What is not named stays."""

    texts: Mapping[str, str | None] = field(default_factory=dict)
    options: Mapping[str, JsonValue] = field(default_factory=dict)
    revision: int | None = None
    """The revision that the caller has read, or None if any may be edited."""
    is_current: Callable[[PostDocument], bool] = lambda _document: True
    """Whether a document is the one that the caller has read."""


@dataclass(frozen=True, slots=True)
class EditedPost:
    """A post after an edit, with what is known about it, as after publishing."""

    document: PostDocument
    warnings: Sequence[TargetWarning]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Former(StoredTarget):
    """A post before an edit."""

    id: UUID
    container_id: UUID
    status: Status
    live_call_at: datetime | None
    revision: int
    version: int
    document: str

    def require_editable(self, edit: PostEdit) -> None:
        """Raise PostNotEditable unless no worker can have read it, and StalePost if the caller has read another state."""
        if self.status is not Status.QUEUED or self.live_call_at is not None:
            raise PostNotEditable(self.id, self.status)
        is_other = edit.revision is not None and edit.revision != self.revision
        if is_other or not edit.is_current(PostDocument(self.document)):
            raise StalePost(self.id, current=self.revision)


async def edit_post(
    connection: Connection, platforms: Platforms, post_id: UUID, edit: PostEdit, *, visible_to: Principal, now: datetime
) -> EditedPost:
    """Change the texts and options of a queued post, in the caller's transaction. An edit that changes nothing has no revision.

    Raises PostNotFound, PostNotEditable, StalePost, and the refusals of publishing (`refusals.refuse`).
    """
    tenant = (visible_to.organization_id, visible_to.environment.value)
    while True:
        row = await connection.fetchrow(_SQL["find_editable"], *tenant, post_id)
        if row is None:
            raise PostNotFound
        former = from_row(_Former, row)
        former.require_editable(edit)
        before, after = former.target(), _apply(edit, former.target())
        changed = _changed_fields(before, after)
        if not changed:
            return EditedPost(PostDocument(former.document), ())
        # An edit of the content, and a decision on it, wait for this one, or this one has read what they did.
        await connection.fetch(_LOCK, *tenant, [former.container_id], 1)
        if (refusal := refuse_mode(after)) is not None:
            raise refusal
        try:
            checked = await check_stored(connection, platforms, former.container_id, after, caller=visible_to)
        except PressworkError as error:
            raise about_one_post(error) from error
        detail: dict[str, JsonValue] = {"fields": list(changed), "revision": former.revision + 1}
        document = await connection.fetchval(
            _SQL["edit_post"],
            post_id,
            former.version,
            now,
            after.caption_override,
            after.first_comment_override,
            options_text(after),
            _sentence(changed),
            json.dumps({**detail, "by": visible_to.public_id}),
            not _TEXTS.keys().isdisjoint(changed) or option_words(before) != option_words(after),
            checked.fill,
        )
        if document is not None:
            await record_act(
                connection, Action.POST_EDIT, public_id(POST, post_id), by=visible_to, now=now, detail=detail
            )
            return EditedPost(PostDocument(document), checked.warnings)
        # A worker has claimed it since it was read, or another call has changed it: read the new state.


def _apply(edit: PostEdit, target: Target) -> Target:
    options = {name: value for name, value in {**target.options, **edit.options}.items() if value is not None}
    return Target(
        social_account_id=target.social_account_id,
        mode=target.mode,
        caption_override=edit.texts.get("captionOverride", target.caption_override),
        first_comment_override=edit.texts.get("firstCommentOverride", target.first_comment_override),
        options=options,
    )


def _changed_fields(before: Target, after: Target) -> Sequence[str]:
    former, new = target_json(before), target_json(after)
    return [name for name in {**former, **new} if former.get(name) != new.get(name)]


def _sentence(changed: Sequence[str]) -> str:
    names = [_TEXTS.get(name, f"`{name}`") for name in changed]
    last = names.pop()
    return f"Edited: {', '.join(names)} and {last} changed." if names else f"Edited: {last} changed."
