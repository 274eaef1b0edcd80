"""What workers read and write: every write is fenced by the post's version, and brings its timeline entry along."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import asyncpg
import structlog
from pydantic import TypeAdapter

from presswork.core.ids import POST, public_id
from presswork.core.timestamps import write_instant
from presswork.db.pool import Pool
from presswork.db.queries import load
from presswork.platforms.port import REFERENCE, Limit, Notice
from presswork.posts.model import Event, FirstCommentStatus, Status
from presswork.telemetry import meters
from presswork.worker.post_row import FollowUp, NewerValue, PostRow, State, post_of
from presswork.worker.timeline_messages import moment

log = structlog.get_logger()

_SQL: Final = load("presswork.worker")
_DETAIL: Final[TypeAdapter[dict[str, str]]] = TypeAdapter(dict[str, str])
_MOST_NOTICES: Final = 100
_MOST_PUBLISHED: Final = 1_000
_MOST_NEWER: Final = 1_000
"""Posts of a newer version that are remembered; the oldest is forgotten, and may be claimed and released once more."""
_MIN_SNOOZE_SAVING: Final = timedelta(minutes=5)
"""Posts behind one that waits are put off when that spares looking at them in vain for so long."""


Sweep = Literal["sweep_workers", "sweep_rate_limits", "sweep_states"]


class LeaseLost(Exception):
    """Another worker (or a person) has written to the post since: whoever finds this stops at once."""


def _count_failure(post: PostRow, last_error: Mapping[str, str | None]) -> None:
    meters.failures.labels(post.platform.value, post.environment.value, last_error["code"] or "").inc()


def affected(command: str) -> int:
    """Return how many rows a statement changed, by its command tag (`DELETE 5`)."""
    return int(command.rpartition(" ")[2])


def _reference(state: State) -> str | None:
    reference = state.get(REFERENCE)
    return reference if isinstance(reference, str) else None


class WorkStore:
    """The worker's view of the database. Methods that write to a post raise LeaseLost where its version has moved on."""

    def __init__(self, pool: Pool, *, worker_id: str) -> None:
        """Take the pool, and the name under which leases are taken."""
        self._pool = pool
        self._worker_id = worker_id
        self._newer: Final[dict[UUID, None]] = {}  # in the order in which they were met

    @property
    def worker_id(self) -> str:
        """The name under which leases are taken."""
        return self._worker_id

    async def claim(self, *, lease: timedelta, limit: int, now: datetime | None = None) -> Sequence[PostRow]:
        """Lease up to `limit` posts: lapsed leases first, then the first due post of each free lane.

        `now` None: by the database's clock. Each post's `leased_until` is `lease` after the instant of the claim.
        """
        try:
            taken = await self._pool.fetch(_SQL["claim"], now, self._worker_id, lease, limit, list(self._newer))
        except asyncpg.UniqueViolationError:
            return []  # another worker claimed a post of the same lane at the same instant; the next poll is soon
        return await self.load([row["id"] for row in taken], now=now)

    async def load(self, post_ids: Sequence[UUID], *, now: datetime | None = None) -> Sequence[PostRow]:
        """Return posts as they are stored. One that is damaged fails here; one of a newer version is left to that."""
        if not post_ids:
            return []
        posts = []
        for row in await self._pool.fetch(_SQL["load"], list(post_ids)):
            try:
                posts.append(post_of(row))
            except NewerValue as error:
                await self._leave_to_newer(row, error, now=now)
            except (ValueError, KeyError, TypeError):
                log.exception("post can't be read", post=f"sp_{row['id']}")
                await self._fail_unreadable(row, now=now)
        return posts

    async def _leave_to_newer(self, row: asyncpg.Record, error: NewerValue, *, now: datetime | None) -> None:
        """Release a post that only a newer version can work on, and do not claim it again in this process."""
        if row["id"] in self._newer:
            return
        while len(self._newer) >= _MOST_NEWER:
            del self._newer[next(iter(self._newer))]
        self._newer[row["id"]] = None
        meters.posts_left_to_newer_version.inc()
        log.warning(
            "post left to a worker of a newer version",
            post=f"sp_{row['id']}",
            reason=str(error),
            fix="upgrade this worker, or run one of the newer version",
        )
        await self._pool.execute(_SQL["release_post"], row["id"], self._worker_id, now)

    async def _fail_unreadable(self, row: asyncpg.Record, *, now: datetime | None) -> None:
        """Fail a post that this program can't read, so that it neither blocks its lane nor is claimed for ever."""
        await self._fail_with_fixed_text(
            row["id"],
            row["version"],
            "What Presswork has stored of this post can't be read; the worker's log has the details.",
            is_unknown=row["live_call_at"] is not None,
            now=row["read_at"] if now is None else now,
        )

    async def fail_crashed(self, post: PostRow, *, now: datetime) -> None:
        """Fail a post whose result could not be stored for too long."""
        await self._fail_with_fixed_text(
            post.id,
            post.version,
            "Presswork could not store the result of its work on this post; the worker's log has the details.",
            is_unknown=post.live_call_at is not None,
            now=now,
        )

    async def snooze_crashed(
        self, post: PostRow, message: str, *, until: datetime, since: datetime, now: datetime
    ) -> None:
        """Count an error that could not be stored the usual way, and release the post until later."""
        await self._move(post, "snooze_crashed", now, until, since, Event.RETRYING.value, message)

    async def _fail_with_fixed_text(
        self, post_id: UUID, version: int, what: str, *, is_unknown: bool, now: datetime
    ) -> None:
        advice = (
            "The post may be live: look at the account, and publish again only if it is not there."
            if is_unknown
            else "Nothing was posted. Report it with this post's id, then publish again."
        )
        error = {
            "code": "OUTCOME_UNKNOWN" if is_unknown else "INTERNAL",
            "message": f"{what} {advice}",
            "platformCode": None,
            "platformMessage": None,
            "at": write_instant(now),
            "step": "internal",
        }
        await self._pool.fetchval(
            _SQL["settle_over"],
            post_id,
            version,
            now,
            Status.FAILED.value,
            json.dumps(error),
            Event.FAILED.value,
            error["message"],
            "{}",
        )

    async def next_due(self, *, now: datetime | None = None) -> timedelta | None:
        """Return how long until a post falls due or a lease lapses, as far as is known."""
        wait = await self._pool.fetchval(_SQL["next_post_due"], now)
        return wait if isinstance(wait, timedelta) else None

    async def renew(
        self, post_ids: Sequence[UUID], *, lease: timedelta, now: datetime | None = None
    ) -> frozenset[UUID]:
        """Renew leases and return the posts whose lease this worker still has."""
        rows = await self._pool.fetch(_SQL["renew"], now, list(post_ids), self._worker_id, lease)
        return frozenset(row["id"] for row in rows)

    async def release(self, *, held: Collection[UUID] = (), now: datetime | None = None) -> None:
        """Release all posts of this worker but those of `held`, so that other workers claim them at once."""
        await self._pool.fetch(_SQL["release"], now, self._worker_id, list(held))

    async def save(self, post: PostRow, state: State, *, now: datetime) -> None:
        """Store the connector's progress."""
        await self._move(post, "save", now, json.dumps(dict(state)), _reference(state))
        post.state = state

    async def note(self, post: PostRow, event: Event, message: str, detail: State, *, now: datetime) -> None:
        """Add a line to the timeline."""
        found = await self._pool.fetchval(
            _SQL["note"], post.id, post.version, now, event.value, message, json.dumps(dict(detail))
        )
        if found is None:
            raise LeaseLost

    async def go_live(self, post: PostRow, state: State, message: str, *, now: datetime) -> None:
        """Commit that the irreversible call is about to be made."""
        await self._move(post, "go_live", now, json.dumps(dict(state)), Event.GOING_LIVE.value, message, "{}")
        post.state, post.live_call_at = state, now

    async def not_live(self, post: PostRow, state: State, message: str | None, detail: State, *, now: datetime) -> None:
        """Commit that the call had no effect; None leaves the timeline alone."""
        event = Event.RECONCILED.value
        told = (event, message, json.dumps(dict(detail)))
        await self._move(post, "not_live", now, json.dumps(dict(state)), *told, _reference(state))
        post.state, post.live_call_at = state, None

    async def live(
        self, post: PostRow, *, external_id: str | None, external_url: str | None, message: str, now: datetime
    ) -> None:
        """Commit that the post is live: from here on nothing can change the outcome."""
        detail = json.dumps({"externalId": external_id, "externalUrl": external_url})
        state = json.dumps(dict(post.state))
        await self._move(post, "live", now, state, external_id, external_url, Event.LIVE.value, message, detail)
        post.live_at, post.external_id, post.external_url = now, external_id, external_url

    async def located(self, post: PostRow, *, external_id: str | None, external_url: str | None, now: datetime) -> None:
        """Store where a live post is."""
        detail = json.dumps({"externalId": external_id, "externalUrl": external_url})
        message = (
            "The platform told the post's public address."
            if external_url
            else "The platform told the post's id, and no public address so far."
        )
        await self._move(post, "located", now, external_id, external_url, Event.PERMALINK.value, message, detail)
        post.external_id, post.external_url = external_id, external_url

    async def commented(
        self, post: PostRow, status: FirstCommentStatus, message: str, detail: State | None = None, *, now: datetime
    ) -> None:
        """Store what became of the first comment."""
        told = json.dumps(dict(detail or {}))
        await self._move(post, "commented", now, status.value, Event.FIRST_COMMENT.value, message, told)

    async def settle_published(
        self,
        post: PostRow,
        *,
        needs_location: bool,
        needs_comment: bool,
        follow_up_at: datetime,
        gives_up_at: datetime,
        now: datetime,
    ) -> None:
        """End a live post as published, and leave a follow-up for what is still missing."""
        message = "Published."
        if needs_location:
            message += " The platform has not told its public address yet; Presswork asks for a day at most."
        if needs_comment:
            message += " The first comment is still to come."
        detail = json.dumps({"externalId": post.external_id, "externalUrl": post.external_url})
        await self._move(
            post,
            "settle_published",
            now,
            Event.PUBLISHED.value,
            message,
            detail,
            needs_location,
            needs_comment,
            follow_up_at,
            gives_up_at,
        )
        post.status = Status.PUBLISHED

    async def settle_drafted(
        self,
        post: PostRow,
        state: State,
        message: str,
        *,
        external_id: str | None,
        is_followed: bool,
        follow_up_at: datetime,
        gives_up_at: datetime,
        now: datetime,
    ) -> None:
        """End a post as delivered to its creator, and leave a follow-up that sees what becomes of it."""
        detail = json.dumps({} if external_id is None else {"reference": external_id})
        await self._move(
            post,
            "settle_drafted",
            now,
            json.dumps(dict(state)),
            Event.DRAFTED.value,
            message,
            detail,
            is_followed,
            follow_up_at,
            gives_up_at,
        )
        post.state, post.status, post.live_at = state, Status.DRAFT, now

    async def draft_posted(self, post: PostRow, state: State, message: str, detail: State, *, now: datetime) -> None:
        """Tell that a creator has posted a draft."""
        told = (Event.PLATFORM_NOTICE.value, message, json.dumps(dict(detail)))
        await self._move(post, "draft_posted", now, json.dumps(dict(state)), *told)
        post.state = state

    async def stray_notices(self, post_id: UUID, *, since: datetime) -> Sequence[Notice]:
        """Return what the platform told of the post's account since then and what no known post answers to."""
        rows = await self._pool.fetch(_SQL["stray_notices"], post_id, since, _MOST_NOTICES)
        return [
            Notice(
                event=row["event"],
                account=row["external_account_id"],
                reference=row["reference"],
                occurred_at=row["occurred_at"],
                detail=_DETAIL.validate_json(row["detail"]),
            )
            for row in rows
        ]

    async def delivery_context(self, post_id: UUID) -> asyncpg.Record:
        """Return what the ways of delivery need that do without the account's token; the provider's secret sealed."""
        row = await self._pool.fetchrow(_SQL["delivery_context"], post_id)
        if row is None:
            raise LeaseLost
        return row

    async def settle_failed(
        self, post: PostRow, last_error: Mapping[str, str | None], *, trace_id: str | None = None, now: datetime
    ) -> None:
        """End a post as failed. `trace_id` is what the platform's support finds the refused call by."""
        detail = {name: value for name, value in last_error.items() if name != "message"}
        if trace_id is not None:
            detail["platformTraceId"] = trace_id
        await self._move(
            post,
            "settle_over",
            now,
            Status.FAILED.value,
            json.dumps(dict(last_error)),
            Event.FAILED.value,
            last_error["message"],
            json.dumps(detail),
        )
        post.status = Status.FAILED
        _count_failure(post, last_error)

    async def settle_canceled(self, post: PostRow, message: str, *, now: datetime) -> None:
        """End a post as canceled."""
        await self._move(post, "settle_over", now, Status.CANCELED.value, None, Event.CANCELED.value, message, "{}")
        post.status = Status.CANCELED

    async def settle_withdrawn(
        self, post: PostRow, message: str, last_error: Mapping[str, str | None], *, now: datetime
    ) -> None:
        """End a post that the other side took back: as canceled where that was asked for, else as failed."""
        row = await self._pool.fetchrow(
            _SQL["settle_withdrawn"], post.id, post.version, now, json.dumps(dict(last_error)), message
        )
        if row is None:
            raise LeaseLost
        post.version, post.status = row["version"], Status(row["status"])
        if post.status is Status.FAILED:
            _count_failure(post, last_error)

    async def record_error(
        self,
        post: PostRow,
        *,
        error_count: int,
        since: datetime,
        state: State,
        event: Event,
        message: str,
        detail: State,
        now: datetime,
    ) -> None:
        """Count a passing trouble and say in the timeline when it goes on."""
        kept, told = json.dumps(dict(state)), json.dumps(dict(detail))
        await self._move(post, "record_error", now, error_count, since, kept, event.value, message, told)
        post.error_count, post.first_error_at, post.last_error_at, post.state = error_count, since, now, state

    async def snooze(self, post: PostRow, *, until: datetime, reason: str, now: datetime) -> None:
        """Release a post until an instant. Each post behind a long wait gets one timeline entry; its own is the caller's."""
        behind = (
            f"Another post of this account ({public_id(POST, post.id)}) comes first, and it has to wait: {reason} "
            f"This one follows after {moment(until)}."
        )
        told = (behind, write_instant(until), _MIN_SNOOZE_SAVING)
        await self._move(post, "snooze", now, until, post.lane, *told)

    async def reserve_call(self, account_id: UUID, limit: Limit, *, calls: int, now: datetime) -> datetime:
        """Take the next turn at a limited call of the platform account that this is; return when it is."""
        at = await self._pool.fetchval(
            _SQL["reserve_call"], account_id, limit.call, now, limit.most, limit.window, min(calls, limit.most)
        )
        return at if isinstance(at, datetime) else now

    async def published_since(self, account_id: UUID, *, since: datetime) -> Sequence[datetime]:
        """Return when posts went live on the platform account that this is, oldest first."""
        rows = await self._pool.fetch(_SQL["published_since"], account_id, since, _MOST_PUBLISHED)
        return [row["live_at"] for row in rows]

    async def claim_follow_ups(
        self, *, lease: timedelta, limit: int, now: datetime | None = None
    ) -> Sequence[FollowUp]:
        """Lease follow-ups that are due."""
        rows = await self._pool.fetch(_SQL["claim_follow_ups"], now, self._worker_id, lease, limit)
        return [FollowUp(**dict(row)) for row in rows]

    async def renew_follow_ups(
        self, post_ids: Sequence[UUID], *, lease: timedelta, now: datetime | None = None
    ) -> frozenset[UUID]:
        """Renew leases and return the posts whose follow-up this worker still has."""
        rows = await self._pool.fetch(_SQL["renew_follow_ups"], now, list(post_ids), self._worker_id, lease)
        return frozenset(row["post_id"] for row in rows)

    async def release_follow_ups(self, *, held: Collection[UUID] = (), now: datetime | None = None) -> None:
        """Release all follow-ups of this worker but those of `held`."""
        await self._pool.execute(_SQL["release_follow_ups"], now, self._worker_id, list(held))

    async def next_follow_up_due(self, *, now: datetime | None = None) -> timedelta | None:
        """Return how long until a follow-up falls due."""
        wait = await self._pool.fetchval(_SQL["next_follow_up_due"], now)
        return wait if isinstance(wait, timedelta) else None

    async def reschedule_follow_up(
        self, post_id: UUID, *, needs_location: bool, needs_comment: bool, run_at: datetime
    ) -> None:
        """Try what is left of a follow-up again later."""
        await self._pool.execute(_SQL["reschedule_follow_up"], post_id, needs_location, needs_comment, run_at)

    async def end_follow_up(self, post_id: UUID) -> None:
        """Nothing is left to do for the post."""
        await self._pool.execute(_SQL["end_follow_up"], post_id)

    async def heartbeat(self, *, now: datetime | None = None) -> None:
        """Store that this worker runs."""
        await self._pool.execute(_SQL["heartbeat"], now, self._worker_id)

    async def sign_off(self) -> None:
        """Say that this worker has stopped."""
        await self._pool.execute(_SQL["delete_worker"], self._worker_id)

    async def sweep(self, statement: Sweep, *, limit: int, now: datetime | None = None) -> int:
        """Delete up to `limit` rows that are not needed any more; return how many were deleted."""
        return affected(await self._pool.execute(_SQL[statement], now, limit))

    async def _move(self, post: PostRow, statement: str, now: datetime, *arguments: object) -> None:
        version = await self._pool.fetchval(_SQL[statement], post.id, post.version, now, *arguments)
        if version is None:
            raise LeaseLost
        post.version = version
