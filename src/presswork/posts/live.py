"""A live post as its take-down and its changes see it, and why no call can take it down."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self
from uuid import UUID

import asyncpg
from pydantic import JsonValue, TypeAdapter

from presswork.accounts.model import AccountStatus, NotReady
from presswork.accounts.readiness import Readiness, take_down_readiness
from presswork.callers.model import Principal
from presswork.core.enums import Mode
from presswork.db.pool import Connection
from presswork.db.queries import load
from presswork.platforms.names import LoginName
from presswork.platforms.port import Platform
from presswork.platforms.registry import manual_instructions
from presswork.posts.model import OFF_LINE, LastEdit, LiveStatus, PostNotFound, PostNotLive, Status

_SQL: Final = load("presswork.posts", "live.sql")
TRIED_FOR: Final = timedelta(days=1)
"""How long a worker tries to take down or to change a live post."""
_OPTIONS: Final = TypeAdapter(dict[str, JsonValue])
_LAST_EDIT: Final = TypeAdapter(LastEdit)


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePost:
    """A post that may be live, locked in the caller's transaction."""

    id: UUID
    container_id: UUID
    mode: Mode
    status: Status
    live_status: LiveStatus | None
    live_advice: str | None
    last_edit: LastEdit | None
    external_url: str | None
    caption_override: str | None
    first_comment_override: str | None
    options: Mapping[str, JsonValue]
    has_parts: bool
    account_id: UUID
    login: LoginName
    account_status: AccountStatus
    scopes: frozenset[str]

    @classmethod
    def of(cls, row: asyncpg.Record) -> Self:
        """Parse a row of `lock_post`."""
        is_published = row["status"] == Status.PUBLISHED.value
        return cls(
            id=row["id"],
            container_id=row["container_id"],
            mode=Mode(row["mode"]),
            status=Status(row["status"]),
            live_status=LiveStatus(row["live_status"] or LiveStatus.LIVE) if is_published else None,
            live_advice=row["live_advice"],
            last_edit=None if row["last_edit"] is None else _LAST_EDIT.validate_json(row["last_edit"]),
            external_url=row["external_url"],
            caption_override=row["caption_override"],
            first_comment_override=row["first_comment_override"],
            options={} if row["options"] is None else _OPTIONS.validate_json(row["options"]),
            has_parts=row["parts"] is not None,
            account_id=row["account_id"],
            login=LoginName(row["login"]),
            account_status=AccountStatus(row["account_status"]),
            scopes=frozenset(row["scopes"]),
        )

    def require_published(self) -> None:
        """Raise PostNotLive unless the post was published."""
        if self.live_status is None:
            raise PostNotLive(self.id, self.status, None)

    def require_live(self) -> None:
        """Raise PostNotLive unless the post is live and no one has asked to take it down."""
        self.require_published()
        if self.live_status in OFF_LINE:
            raise PostNotLive(self.id, self.status, self.live_status)


async def lock_post(connection: Connection, post_id: UUID, *, visible_to: Principal) -> LivePost:
    """Lock a post until the end of the caller's transaction. Raises PostNotFound."""
    row = await connection.fetchrow(
        _SQL["lock_post"], visible_to.organization_id, visible_to.environment.value, post_id
    )
    if row is None or not visible_to.may_see(row["project_id"]):
        raise PostNotFound
    return LivePost.of(row)


@dataclass(frozen=True, slots=True)
class NoTakeDown:
    """Why no call can take a post down, and what a person does instead."""

    status: LiveStatus
    advice: str


def refuse_take_down(
    platform: Platform,
    *,
    mode: Mode,
    account_status: AccountStatus,
    scopes: frozenset[str],
    external_url: str | None,
) -> NoTakeDown | None:
    """Return why no call can take a published post down, or None. An account that only has to be connected again is no reason."""
    ready = take_down_readiness(platform, status=account_status, scopes=scopes, mode=mode)
    title = manual_instructions(platform.name).title
    match ready.reason:
        case None | NotReady.REAUTH_REQUIRED:
            return None
        case NotReady.NOT_SUPPORTED if mode is Mode.MANAGED:
            why = "A provider has published this post, and Presswork can't take it down."
        case NotReady.NOT_SUPPORTED:
            why = f"{title} has no call that deletes posts of this account."
        case NotReady.MISSING_PERMISSION:
            why = f"{name_missing(ready)} Connect it again and grant every permission, then take the post down again."
        case _:
            why = "The account is disconnected. Connect it again, then take the post down again."
    status = LiveStatus.NOT_SUPPORTED if ready.reason is NotReady.NOT_SUPPORTED else LiveStatus.TAKE_DOWN_FAILED
    return NoTakeDown(status, f"{why} {advise(platform, external_url, is_only_way=status is LiveStatus.NOT_SUPPORTED)}")


def name_missing(ready: Readiness) -> str:
    """Return a sentence that names the permissions which the owner of an account did not grant."""
    which = "a permission" if len(ready.missing_scopes) == 1 else "permissions"
    return f"The account did not grant {which} that this needs ({', '.join(ready.missing_scopes)})."


def advise(platform: Platform, external_url: str | None, *, is_only_way: bool = False) -> str:
    """Return what a person does about a live post that no call takes down, with its URL."""
    advice = platform.take_down_advice
    if not is_only_way:
        advice = f"Or do it yourself: {advice[:1].lower()}{advice[1:]}"
    return advice if external_url is None else f"{advice} {external_url}"
