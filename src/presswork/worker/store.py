"""The worker's statements: every write compares the post's version and stores its timeline entry with it."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import asyncpg
import structlog
from pydantic import TypeAdapter

from presswork.core.ids import POST, public_id
from presswork.core.timestamps import write_instant
from presswork.db.errors import BUDGET_STATE
from presswork.db.pool import Pool, affected, fetchval_again
from presswork.db.queries import load
from presswork.jobs.runner import LeaseLost
from presswork.platforms.errors import FailureCode, Rejected
from presswork.platforms.findings import in_words
from presswork.platforms.port import RECENT_POSTS_COUNTED, REFERENCE, Limit, Located, ReportedEvent
from presswork.posts.model import Event, FirstCommentStatus, PostExtra, Status
from presswork.posts.parts import PartOutcome, ThreadStatus, end_parts, live_parts, serialize_outcomes
from presswork.telemetry import meters
from presswork.worker.group_commit import GroupCommit
from presswork.worker.newer_rows import MAX_WAIT, NewerRows, NewerValue
from presswork.worker.post_row import FollowUp, PostRow, State, has_comment, located_entry, post_of
from presswork.worker.timeline_messages import format_instant

log = structlog.get_logger()

_SQL: Final = load("presswork.worker")
_HEARTBEAT_SQL: Final = load("presswork.worker", "heartbeat.sql")
_EXTRAS: Final = TypeAdapter(list[PostExtra])
_DETAIL: Final[TypeAdapter[dict[str, str]]] = TypeAdapter(dict[str, str])
_MAX_NOTICES: Final = 100
_MAX_PUBLISHED: Final = 1_000
_GROUPED: Final = ("save", "go_live", "live", "settle_published")
"""Statements that write many posts at once."""
_MIN_SNOOZE_SAVING: Final = timedelta(minutes=5)
"""Posts behind a snoozed one are snoozed with it if they would be due so much earlier."""


Sweep = Literal["sweep_workers", "sweep_rate_limits", "sweep_states", "sweep_phone_events"]


def _count_failure(post: PostRow, last_error: Mapping[str, str | None]) -> None:
    meters.failures.labels(post.platform.value, post.environment.value, last_error["code"] or "").inc()


def _failed_parts(post: PostRow, last_error: Mapping[str, str | None]) -> str | None:
    """Return the parts of a post that fails before any is live; None for a single post."""
    is_unknown = last_error["code"] == FailureCode.OUTCOME_UNKNOWN.value
    return serialize_outcomes(end_parts(post.parts, is_unknown=is_unknown))


def _reference(state: State) -> str | None:
    reference = state.get(REFERENCE)
    return reference if isinstance(reference, str) else None


def _process_time(now: datetime | None) -> datetime:
    """Return an instant by this process's clock, or by that of the test."""
    return datetime.now(UTC) if now is None else now


def _fixed_error(what: str, *, is_unknown: bool, now: datetime) -> dict[str, str | None]:
    """Return the `lastError` of a post of which nothing else can be stored."""
    advice = (
        "The post may be live: check the account, and publish again only if it is not there."
        if is_unknown
        else "Nothing was posted. Report it with this post's id, then publish again."
    )
    return {
        "code": "OUTCOME_UNKNOWN" if is_unknown else "INTERNAL",
        "message": f"{what} {advice}",
        "platformCode": None,
        "platformMessage": None,
        "at": write_instant(now),
        "step": "internal",
    }


def crash_error(post: PostRow, *, now: datetime) -> dict[str, str | None]:
    """Return the `lastError` of a post whose result could not be stored."""
    what = "Presswork could not store the result of its attempts. The worker's log has the details."
    return _fixed_error(what, is_unknown=post.live_call_at is not None, now=now)


class WorkStore:
    """The worker's view of the database. Methods that write to a post raise LeaseLost if its version has changed."""

    def __init__(self, pool: Pool, *, worker_id: str) -> None:
        """Use `worker_id` as the owner of leases."""
        self._pool = pool
        self._worker_id = worker_id
        self._newer: Final = NewerRows()
        self._group_commits: Final = {name: GroupCommit(pool, _SQL[name]) for name in _GROUPED}

    @property
    def worker_id(self) -> str:
        """The owner of this worker's leases."""
        return self._worker_id

    async def claim(self, *, lease: timedelta, limit: int, now: datetime | None = None) -> Sequence[PostRow]:
        """Lease up to `limit` posts: lapsed leases first, then the first due post of each free lane.

        Without `now`, the database's clock decides. Each post's `leased_until` is `lease` after the instant of the claim.
        """
        self._newer.forget_due(_process_time(now))
        arguments = (now, self._worker_id, lease, limit, self._newer.ids)
        try:
            try:
                taken = await self._pool.fetch(_SQL["claim"], *arguments)
            except (asyncpg.DataError, asyncpg.ProgramLimitExceededError):
                damaged = await self._pool.fetch(_SQL["make_parsable"], now, limit, self._newer.ids)
                if not damaged:
                    raise
                posts = [f"sp_{row['id']}" for row in damaged]
                log.exception("documents of posts can't be parsed", posts=posts)
                taken = await self._pool.fetch(_SQL["claim"], *arguments)
        except asyncpg.UniqueViolationError:
            return []  # another worker claimed a post of the same lane at the same instant; the next poll is soon
        return await self.load([row["id"] for row in taken], now=now)

    async def load(self, post_ids: Sequence[UUID], *, now: datetime | None = None) -> Sequence[PostRow]:
        """Return stored posts. A post that can't be read is ended; one of a newer version is released for a newer worker.

        It is ended too after MAX_WAIT.
        """
        if not post_ids:
            return []
        posts = []
        for row in await self._pool.fetch(_SQL["load"], list(post_ids), now, RECENT_POSTS_COUNTED):
            try:
                posts.append(post_of(row))
            except NewerValue as error:
                at = row["read_at"] if now is None else now
                left = (row["attempted_at"] or at) + MAX_WAIT - at
                if left > timedelta():
                    await self._leave_to_newer(row, error, until=_process_time(now) + left, now=now)
                else:
                    log.exception("post can't be read", post=f"sp_{row['id']}")
                    waited = f"No worker of a newer version of Presswork took this post within {in_words(MAX_WAIT)}"
                    await self._settle_unreadable(row, f"{waited}: {error}.", now=now)
            except (ValueError, KeyError, TypeError):
                log.exception("post can't be read", post=f"sp_{row['id']}")
                what = "The stored data of this post can't be read. The worker's log has the details."
                await self._settle_unreadable(row, what, now=now)
        return posts

    async def _leave_to_newer(
        self, row: asyncpg.Record, error: NewerValue, *, until: datetime, now: datetime | None
    ) -> None:
        """Release a post that needs a newer version, and do not claim it again in this process before `until`."""
        if not self._newer.add(row["id"], until=until):
            return
        meters.posts_left_to_newer_version.inc()
        log.warning(
            "post left to a worker of a newer version",
            post=f"sp_{row['id']}",
            reason=str(error),
            fix="upgrade this worker, or run one of the newer version",
        )
        await self._pool.execute(_SQL["release_post"], row["id"], self._worker_id, now)
        await self._pool.execute(_SQL["release_follow_up"], row["id"], self._worker_id, now)

    async def _settle_unreadable(self, row: asyncpg.Record, what: str, *, now: datetime | None) -> None:
        """End a post that can't be read, and its follow-up, so that neither is claimed again and its lane continues."""
        meters.unreadable_posts.inc()
        at = row["read_at"] if now is None else now
        is_live, owes_comment = row["live_at"] is not None, has_comment(row)
        error = _fixed_error(what, is_unknown=row["live_call_at"] is not None, now=at)
        message = error["message"]
        if is_live:
            message = f"The post is live. {what} Its public URL is not looked up."
            message += " Check the post, and write the first comment manually if it is missing." if owes_comment else ""
        comment = FirstCommentStatus.FAILED.value if is_live and owes_comment else None
        await self._pool.fetchval(
            _SQL["settle_unreadable"],
            row["id"],
            row["version"],
            at,
            json.dumps(error),
            message,
            comment,
            self._worker_id,
        )
        await self._pool.execute(_SQL["end_unreadable_follow_up"], row["id"], self._worker_id)

    async def fail_crashed(self, post: PostRow, *, now: datetime) -> None:
        """Fail a post whose result could not be stored."""
        error = crash_error(post, now=now)
        entry = (Event.FAILED.value, error["message"], "{}", _failed_parts(post, error))
        await self._pool.fetchval(
            _SQL["settle_over"], post.id, post.version, now, Status.FAILED.value, json.dumps(error), *entry
        )

    async def crashed_since(self, post: PostRow, message: str) -> datetime | None:
        """Return when a row of errors that `snooze_crashed` counted started, or None if the post's last error is another one."""
        since: datetime | None = await self._pool.fetchval(
            _SQL["crashed_since"], post.id, Event.RETRYING.value, message
        )
        return since

    async def snooze_crashed(
        self, post: PostRow, message: str, *, until: datetime, since: datetime, now: datetime
    ) -> None:
        """Count an error whose details can't be stored, and snooze the post."""
        await self._move(post, "snooze_crashed", now, until, since, Event.RETRYING.value, message)

    async def next_due(self, *, now: datetime | None = None) -> timedelta | None:
        """Return how long until a post is due or a lease lapses, or None if unknown."""
        wait = await self._pool.fetchval(_SQL["next_post_due"], now)
        return wait if isinstance(wait, timedelta) else None

    async def renew(
        self, post_ids: Sequence[UUID], *, lease: timedelta, now: datetime | None = None
    ) -> frozenset[UUID]:
        """Renew leases and return the posts whose lease this worker still has."""
        rows = await self._pool.fetch(_SQL["renew"], now, list(post_ids), self._worker_id, lease)
        return frozenset(row["id"] for row in rows)

    async def release(self, *, held: Collection[UUID] = (), now: datetime | None = None) -> None:
        """Release every post of this worker except those in `held`: other workers can claim them at once."""
        await self._pool.fetch(_SQL["release"], now, self._worker_id, list(held))

    async def save(self, post: PostRow, state: State, *, now: datetime) -> None:
        """Store the connector's progress."""
        await self._write(post, "save", now, state=state, reference=_reference(state))
        post.state = state

    async def note(self, post: PostRow, event: Event, message: str, detail: State, *, now: datetime) -> None:
        """Add a timeline entry."""
        post.add(event, message, detail, at=now)
        await self._write_entries(post)

    async def _write_entries(self, post: PostRow) -> None:
        """Store the timeline entries that wait for the post's next write."""
        entries, post.entries = post.entries, []
        if await fetchval_again(self._pool, _SQL["note"], post.id, post.version, json.dumps(entries)) is None:
            raise LeaseLost

    async def settle_cost(self, post_id: UUID, amount: int, *, now: datetime) -> None:
        """Settle what a post costs at most, in millionths, instead of what was held for it. Raises Rejected where the budget of
        its project has no room for it.
        """
        try:
            await self._pool.execute(_SQL["settle_cost"], post_id, amount, now)
        except asyncpg.PostgresError as error:
            if error.sqlstate != BUDGET_STATE:
                raise
            sentence = (
                "The monthly budget of the project for this platform has no room for the post. Nothing was published."
            )
            advice = "Raise the budget of the project, or publish next month."
            raise Rejected(sentence, advice=advice, step="budget", failure=FailureCode.PLATFORM_LIMIT) from error

    async def go_live(self, post: PostRow, state: State, message: str, *, now: datetime) -> None:
        """Commit `live_call_at`, before the irreversible call."""
        post.add(Event.GOING_LIVE, message, {}, at=now)
        await self._write(post, "go_live", now, state=state)
        post.state, post.live_call_at = state, now

    async def not_live(self, post: PostRow, state: State, message: str | None, detail: State, *, now: datetime) -> None:
        """Clear `live_call_at` after a call without effect; without `message`, add no timeline entry."""
        event = Event.RECONCILED.value
        entry = (event, message, json.dumps(dict(detail)))
        await self._move(post, "not_live", now, json.dumps(dict(state)), *entry, _reference(state))
        post.state, post.live_call_at = state, None

    async def live(
        self, post: PostRow, *, external_id: str | None, external_url: str | None, message: str, now: datetime
    ) -> None:
        """Commit that the post is live: the outcome is final."""
        post.add(Event.LIVE, message, {"externalId": external_id, "externalUrl": external_url}, at=now)
        await self._write(post, "live", now, state=post.state, external_id=external_id, external_url=external_url)
        post.live_at, post.external_id, post.external_url = now, external_id, external_url

    async def part_live(
        self,
        post: PostRow,
        state: State,
        parts: Sequence[PartOutcome],
        *,
        root: Located,
        is_over: bool,
        message: str,
        detail: State,
        now: datetime,
    ) -> None:
        """Commit that further parts of a thread are live. Unless all are (`is_over`), the post continues with the next part."""
        live = len(live_parts(parts))
        await self._move(
            post,
            "part_live",
            now,
            json.dumps(dict(state)),
            serialize_outcomes(parts),
            live,
            root.external_id,
            root.external_url,
            is_over,
            Event.LIVE.value,
            message,
            json.dumps(dict(detail)),
        )
        post.state, post.parts, post.external_id, post.external_url = state, parts, root.external_id, root.external_url
        post.error_count, post.first_error_at, post.last_error_at = 0, None, None
        post.live_at, post.live_call_at = (now, post.live_call_at) if is_over else (None, None)

    async def settle_thread(
        self,
        post: PostRow,
        parts: Sequence[PartOutcome],
        status: ThreadStatus,
        *,
        last_error: Mapping[str, str | None] | None,
        message: str,
        needs_location: bool,
        needs_comment: bool,
        follow_up_at: datetime,
        gives_up_at: datetime,
        now: datetime,
    ) -> None:
        """Settle a thread of which a part is live as published, complete or not, with a follow-up for what is missing."""
        left = {
            "needs_location": needs_location,
            "needs_comment": needs_comment,
            "run_at": follow_up_at.isoformat(),
            "gives_up_at": gives_up_at.isoformat(),
        }
        await self._move(
            post,
            "settle_thread",
            now,
            serialize_outcomes(parts),
            status.value,
            None if last_error is None else json.dumps(dict(last_error)),
            post.external_id,
            post.external_url,
            message,
            json.dumps({"threadStatus": status.value, "externalId": post.external_id}),
            json.dumps(left),
        )
        post.status, post.parts = Status.PUBLISHED, parts
        if last_error is not None:
            _count_failure(post, last_error)

    async def located(self, post: PostRow, *, external_id: str | None, external_url: str | None, now: datetime) -> None:
        """Store where a live post is."""
        message, detail = located_entry(external_id, external_url)
        entry = (Event.PERMALINK.value, message, json.dumps(dict(detail)))
        await self._move(post, "located", now, external_id, external_url, *entry)
        post.external_id, post.external_url = external_id, external_url

    async def commented(
        self, post: PostRow, status: FirstCommentStatus, message: str, detail: State | None = None, *, now: datetime
    ) -> None:
        """Store the result of the first comment."""
        details = json.dumps(dict(detail or {}))
        await self._move(post, "commented", now, status.value, Event.FIRST_COMMENT.value, message, details)

    async def settle_published(
        self,
        post: PostRow,
        *,
        needs_location: bool,
        needs_comment: bool,
        extras: Sequence[PostExtra],
        follow_up_at: datetime,
        gives_up_at: datetime,
        now: datetime,
    ) -> None:
        """Settle a live post as published, with a follow-up for what is still missing."""
        message = "Published."
        if needs_location:
            message += " The platform has not returned its public URL yet. Presswork asks again for up to a day."
        if needs_comment:
            message += " The first comment is not posted yet."
        if extras:
            message += f" {len(extras)} extras are added next." if len(extras) > 1 else " An extra is added next."
        post.add(Event.PUBLISHED, message, {"externalId": post.external_id, "externalUrl": post.external_url}, at=now)
        await self._write(
            post,
            "settle_published",
            now,
            external_id=post.external_id,
            external_url=post.external_url,
            needs_location=needs_location,
            needs_comment=needs_comment,
            extras=_EXTRAS.dump_python(list(extras), mode="json"),
            follow_up_at=follow_up_at.isoformat(),
            gives_up_at=gives_up_at.isoformat(),
        )
        post.status, post.extras = Status.PUBLISHED, extras

    async def settle_extras(
        self, post: PostRow, extras: Sequence[PostExtra], message: str, detail: State, *, now: datetime
    ) -> None:
        """Store what became of one or several extras."""
        document = _EXTRAS.dump_json(list(extras)).decode()
        entry = (Event.EXTRA.value, message, json.dumps(dict(detail)))
        await self._move(post, "settle_extras", now, document, *entry)
        post.extras = extras

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
        """Settle a post as delivered to its creator, with a follow-up that checks whether it is posted."""
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
        """Record that a creator has posted a draft."""
        entry = (Event.PLATFORM_NOTICE.value, message, json.dumps(dict(detail)))
        await self._move(post, "draft_posted", now, json.dumps(dict(state)), *entry)
        post.state = state

    async def stray_notices(self, post_id: UUID, *, since: datetime) -> Sequence[ReportedEvent]:
        """Return webhooks for the post's account since then that match no known post."""
        rows = await self._pool.fetch(_SQL["stray_notices"], post_id, since, _MAX_NOTICES)
        return [
            ReportedEvent(
                event=row["event"],
                account=row["external_account_id"],
                reference=row["reference"],
                occurred_at=row["occurred_at"],
                detail=_DETAIL.validate_json(row["detail"]),
            )
            for row in rows
        ]

    async def delivery_context(self, post_id: UUID) -> asyncpg.Record:
        """Return what the delivery channels need besides the account's token, with the provider's secret encrypted."""
        row = await self._pool.fetchrow(_SQL["delivery_context"], post_id)
        if row is None:
            raise LeaseLost
        return row

    async def settle_failed(
        self, post: PostRow, last_error: Mapping[str, str | None], *, trace_id: str | None = None, now: datetime
    ) -> None:
        """Settle a post as failed. `trace_id` identifies the refused call for the platform's support."""
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
            _failed_parts(post, last_error),
        )
        post.status = Status.FAILED
        _count_failure(post, last_error)

    async def settle_canceled(self, post: PostRow, message: str, *, now: datetime) -> None:
        """Settle a post as canceled."""
        await self._move(
            post, "settle_over", now, Status.CANCELED.value, None, Event.CANCELED.value, message, "{}", None
        )
        post.status = Status.CANCELED

    async def settle_canceled_by_platform(
        self, post: PostRow, message: str, last_error: Mapping[str, str | None], *, now: datetime
    ) -> None:
        """Settle a post that the provider canceled: as canceled if a client requested it, else as failed."""
        row = await self._pool.fetchrow(
            _SQL["settle_canceled_by_platform"], post.id, post.version, now, json.dumps(dict(last_error)), message
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
        """Store a temporary error and its timeline entry."""
        kept, details = json.dumps(dict(state)), json.dumps(dict(detail))
        await self._move(post, "record_error", now, error_count, since, kept, event.value, message, details)
        post.error_count, post.first_error_at, post.last_error_at, post.state = error_count, since, now, state

    async def snooze(self, post: PostRow, *, until: datetime, reason: str, now: datetime) -> None:
        """Release a post until an instant, with the posts behind it. The caller adds the post's own timeline entry."""
        behind = (
            f"This post waits behind another post of this account ({public_id(POST, post.id)}): {reason} "
            f"It is due again at {format_instant(until)}."
        )
        entry = (behind, write_instant(until), _MIN_SNOOZE_SAVING)
        await self._move(post, "snooze", now, until, post.lane, *entry)

    async def reserve_call(self, account_id: UUID, limit: Limit, *, calls: int, now: datetime) -> datetime:
        """Reserve calls under the rate limit of the platform account, or of its app; return when they may be made."""
        common, calls = (account_id, limit.counter, now, limit.max_calls), min(calls, limit.max_calls)
        if limit.resets_at is None:
            at = await self._pool.fetchval(_SQL["reserve_call"], *common, limit.window, calls, limit.is_app_wide)
        else:
            at = await self._pool.fetchval(_SQL["count_calls"], *common, calls, limit.is_app_wide, limit.resets_at)
        return at if isinstance(at, datetime) else now

    async def set_reduced_privacy(self, account_id: UUID, level: str | None) -> None:
        """Store the privacy level of an account's posts that request none."""
        await self._pool.execute(_SQL["set_reduced_privacy"], account_id, level)

    async def published_since(self, account_id: UUID, *, since: datetime) -> Sequence[datetime]:
        """Return when posts went live on the platform account, oldest first."""
        rows = await self._pool.fetch(_SQL["published_since"], account_id, since, _MAX_PUBLISHED)
        return [row["live_at"] for row in rows]

    async def claim_follow_ups(
        self, *, lease: timedelta, limit: int, now: datetime | None = None
    ) -> Sequence[FollowUp]:
        """Lease follow-ups that are due."""
        rows = await self._pool.fetch(_SQL["claim_follow_ups"], now, self._worker_id, lease, limit, self._newer.ids)
        return [FollowUp(**dict(row)) for row in rows]

    async def renew_follow_ups(
        self, post_ids: Sequence[UUID], *, lease: timedelta, now: datetime | None = None
    ) -> frozenset[UUID]:
        """Renew leases and return the posts whose follow-up is still leased to this worker."""
        rows = await self._pool.fetch(_SQL["renew_follow_ups"], now, list(post_ids), self._worker_id, lease)
        return frozenset(row["post_id"] for row in rows)

    async def release_follow_ups(self, *, held: Collection[UUID] = (), now: datetime | None = None) -> None:
        """Release every follow-up of this worker except those in `held`."""
        await self._pool.execute(_SQL["release_follow_ups"], now, self._worker_id, list(held))

    async def next_follow_up_due(self, *, now: datetime | None = None) -> timedelta | None:
        """Return how long until a follow-up is due."""
        wait = await self._pool.fetchval(_SQL["next_follow_up_due"], now)
        return wait if isinstance(wait, timedelta) else None

    async def reschedule_follow_up(
        self, left: FollowUp, *, needs_location: bool, needs_comment: bool, needs_extras: bool, run_at: datetime
    ) -> None:
        """Snooze a follow-up with what is still missing. Raises LeaseLost if another worker has leased it."""
        missing = (needs_location, needs_comment, needs_extras)
        await self._write_follow_up("reschedule_follow_up", left, *missing, run_at)

    async def end_follow_up(self, left: FollowUp) -> None:
        """Delete a follow-up: nothing is missing any more. Raises LeaseLost if another worker has leased it."""
        await self._write_follow_up("end_follow_up", left)

    async def _write_follow_up(self, statement: str, left: FollowUp, *arguments: object) -> None:
        if not await self._pool.fetchval(_SQL[statement], left.post_id, self._worker_id, left.attempts, *arguments):
            raise LeaseLost("another worker has leased the follow-up")

    async def heartbeat(self, *, version: str, posts: int, concurrency: int, now: datetime | None = None) -> None:
        """Store that this worker is running, and how many posts it has in progress of how many at most."""
        await self._pool.execute(_HEARTBEAT_SQL["heartbeat"], now, self._worker_id, version, posts, concurrency)

    async def sign_off(self) -> None:
        """Delete this worker's heartbeat."""
        await self._pool.execute(_HEARTBEAT_SQL["delete_worker"], self._worker_id)

    async def sweep(self, statement: Sweep, *, limit: int, now: datetime | None = None) -> int:
        """Delete up to `limit` rows that are no longer needed; return how many were deleted."""
        return affected(await self._pool.execute(_SQL[statement], now, limit))

    async def _move(self, post: PostRow, statement: str, now: datetime, *arguments: object) -> None:
        if post.entries:
            await self._write_entries(post)
        version = await fetchval_again(self._pool, _SQL[statement], post.id, post.version, now, *arguments)
        if version is None:
            raise LeaseLost
        post.version = version

    async def _write(self, post: PostRow, statement: str, now: datetime, **values: object) -> None:
        """Write a post together with other posts, and with its timeline entries that wait for a write."""
        entries, post.entries = post.entries, []
        version = await self._group_commits[statement].write(
            {"id": str(post.id), "version": post.version, "at": now.isoformat(), "entries": entries, **values}
        )
        if version is None:
            raise LeaseLost
        post.version = version
