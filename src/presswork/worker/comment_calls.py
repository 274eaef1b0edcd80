"""One attempt at a call about a comment: write a reply, hide, like or delete.

A reply is written at most once: it is prepared, the instant of the call is committed, then it is written. Where the response is
lost, or the worker died after the commit, only looks follow, and `reconciliation.judge` decides what they mean. The other calls
may be repeated.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import structlog
from pydantic import JsonValue, TypeAdapter

from presswork.accounts.model import AccountStatus
from presswork.accounts.readiness import comments_readiness
from presswork.comments.model import TRIED_FOR, CallKind, ReplyStatus
from presswork.core.backoff import backoff
from presswork.core.ids import COMMENT, public_id
from presswork.core.logging import redact
from presswork.db.pool import Pool, fetchval_again
from presswork.db.queries import load
from presswork.jobs.runner import LeaseLost
from presswork.platforms.access import LivePost
from presswork.platforms.comment_port import Reply, StoredComment, SupportsComments
from presswork.platforms.errors import CredentialInvalid, OutcomeUnknown, PlatformError, Rejected, TryLater
from presswork.platforms.findings import in_words
from presswork.platforms.port import (
    Absent,
    CanceledByPlatform,
    DeliveryChannel,
    Failed,
    Platform,
    Present,
    Sighting,
    Unreadable,
)
from presswork.posts.live import name_missing
from presswork.posts.model import OFF_LINE, LiveStatus
from presswork.posts.parts import live_parts
from presswork.telemetry import meters
from presswork.worker.context import WorkerContext
from presswork.worker.error_window import wait_after
from presswork.worker.job import ActiveJob
from presswork.worker.post_row import PostRow
from presswork.worker.reconciliation import Looks, Unknown, Wait, judge
from presswork.worker.timeline_messages import renewed

log = structlog.get_logger()

_SQL: Final = load("presswork.worker", "comment_calls.sql")
LONGEST_WAIT: Final = timedelta(minutes=30)
_ACCESS_WAIT: Final = timedelta(minutes=5)
"""How often it is looked whether an account was connected again. Costs no call of its platform."""
_TRIED: Final = in_words(TRIED_FOR)
_LOOK: Final = "Look at the post on the platform before you answer again."

CallKey = tuple[UUID, CallKind]
"""What identifies a call: the comment and the kind."""


@dataclass(slots=True, kw_only=True)
class Progress:
    """What is known of the calls for a reply."""

    prepared: dict[str, JsonValue] | None = None
    """What the connector returned before the call."""
    calls: int = 0
    """How often it was written: more than once only after looks that showed that it is not there."""
    looks: JsonValue = None
    """What the looks have shown (`reconciliation.Looks`)."""
    limited_since: datetime | None = None
    """Since when a limit of the platform has lasted, UTC."""


_PROGRESS: Final = TypeAdapter(Progress)
_RAW: Final = TypeAdapter(dict[str, JsonValue])


@dataclass(slots=True, kw_only=True)
class CommentCall:
    """A call about a comment under the lease of this worker."""

    comment_id: UUID
    """Of a reply, its own row."""
    kind: CallKind
    version: int
    post_id: UUID
    is_wanted: bool
    progress: Progress
    called_at: datetime | None
    """When a reply was, or was about to be, written, UTC, as it is stored."""
    asked_at: datetime
    gives_up_at: datetime
    """From then on, the next attempt is the last one. UTC."""
    attempts: int
    """Attempts that have failed."""
    claimed_at: datetime
    """By the database's clock."""
    live_status: LiveStatus | None
    """Of the post."""
    reply_text: str
    target: StoredComment | None
    """The comment that it is about, or None if it is not on its platform."""

    @property
    def key(self) -> CallKey:
        """What identifies it."""
        return self.comment_id, self.kind


class CommentCallStore:
    """Leases and outcomes of calls. Each write compares the version of the call, and raises LeaseLost if it has another one."""

    def __init__(self, pool: Pool, *, worker_id: str) -> None:
        self._pool: Final = pool
        self._worker_id: Final = worker_id

    async def claim(self, *, lease: timedelta, limit: int, now: datetime | None) -> Sequence[CommentCall]:
        """Lease calls that are due."""
        calls = []
        for row in await self._pool.fetch(_SQL["claim"], now, self._worker_id, lease, limit):
            try:
                calls.append(_call_of(row))
            except ValueError as error:  # of a newer version: a worker of that version takes it once the lease is over
                log.warning("call about a comment can't be read", comment=row["comment_id"], reason=str(error))
        return calls

    async def renew(self, keys: Collection[CallKey], *, lease: timedelta, now: datetime | None) -> frozenset[CallKey]:
        """Renew leases, and return the calls that this worker still has."""
        rows = await self._pool.fetch(_SQL["renew"], now, *_columns_of(keys), self._worker_id, lease)
        return frozenset((row["comment_id"], CallKind(row["kind"])) for row in rows)

    async def release(self, held: Collection[CallKey], *, now: datetime | None) -> None:
        """Release every call of this worker except those in `held`."""
        await self._pool.execute(_SQL["release"], now, self._worker_id, *_columns_of(held))

    async def next_due(self, *, now: datetime | None) -> timedelta | None:
        """Return how long until a call is due."""
        wait = await self._pool.fetchval(_SQL["next_due"], now)
        return wait if isinstance(wait, timedelta) else None

    async def save(self, call: CommentCall, *, called_at: datetime | None) -> None:
        """Store when a reply is written, or None if it was not, and what is known of the calls for it."""
        await self._write("save", *call.key, call.version, called_at, _write_progress(call))
        call.called_at = called_at

    async def retry(self, call: CommentCall, *, run_at: datetime, is_failure: bool) -> None:
        """Release the call until later."""
        await self._write("retry", *call.key, call.version, run_at, int(is_failure), _write_progress(call))

    async def settle_posted(self, call: CommentCall, external_id: str, *, now: datetime) -> None:
        """Store that a reply is on its platform. Raises asyncpg.UniqueViolationError where another reply has that id."""
        await self._write("settle_posted", call.comment_id, call.version, now, external_id)

    async def settle_not_posted(self, call: CommentCall, status: ReplyStatus, error: str, *, now: datetime) -> None:
        """Store that a reply has failed, or that it is not known what became of it."""
        await self._write("settle_not_posted", call.comment_id, call.version, now, status.value, redact(error))

    async def settle_done(self, call: CommentCall, raw: Mapping[str, JsonValue] | None, *, now: datetime) -> None:
        """Store that a comment was hidden, liked or deleted. `raw` replaces what is kept for later calls."""
        text = None if raw is None else json.dumps(dict(raw))
        await self._write("settle_done", *call.key, call.version, now, text)

    async def settle_refused(self, call: CommentCall, error: str, *, now: datetime) -> None:
        """Store that such a call has failed."""
        await self._write("settle_refused", *call.key, call.version, now, redact(error))

    async def _write(self, statement: str, *arguments: object) -> None:
        if not await fetchval_again(self._pool, _SQL[statement], *arguments):
            raise LeaseLost("another worker has leased the call, or it was replaced")


def _call_of(row: asyncpg.Record) -> CommentCall:
    """Parse a row of `claim`. Raises ValueError if it has something that this version does not know."""
    is_there = row["external_id"] is not None and (row["kind"] == CallKind.DELETE or row["deleted_at"] is None)
    return CommentCall(
        comment_id=row["comment_id"],
        kind=CallKind(row["kind"]),
        version=row["version"],
        post_id=row["post_id"],
        is_wanted=row["is_wanted"],
        progress=_PROGRESS.validate_json(row["progress"]),
        called_at=row["called_at"],
        asked_at=row["asked_at"],
        gives_up_at=row["gives_up_at"],
        attempts=row["attempts"],
        claimed_at=row["claimed_at"],
        live_status=None if row["live_status"] is None else LiveStatus(row["live_status"]),
        reply_text=row["reply_text"] or "",
        target=None
        if not is_there
        else StoredComment(
            external_id=row["external_id"],
            parent_external_id=row["parent_external_id"],
            text=row["text"],
            is_own=row["is_own"],
            raw=_RAW.validate_json(row["raw"]),
        ),
    )


def _columns_of(keys: Collection[CallKey]) -> tuple[list[UUID], list[str]]:
    """Return the keys as two arrays."""
    ordered = list(keys)
    return [comment for comment, _ in ordered], [kind.value for _, kind in ordered]


def _write_progress(call: CommentCall) -> str:
    return _PROGRESS.dump_json(call.progress, exclude_defaults=True).decode()


async def fail(store: CommentCallStore, call: CommentCall, why: str, *, now: datetime) -> None:
    """Settle a call that has failed for good. A reply that may have been written is unknown then."""
    if call.kind is not CallKind.REPLY:
        await store.settle_refused(call, why, now=now)
    elif call.called_at is None:
        await store.settle_not_posted(call, ReplyStatus.FAILED, why, now=now)
    else:
        await store.settle_not_posted(call, ReplyStatus.OUTCOME_UNKNOWN, f"{why} {_LOOK}", now=now)


def live_post_of(post: PostRow) -> LivePost:
    """Return a post as the calls about its comments need it. Raises Rejected where its id is not known."""
    if post.external_id is None or post.live_at is None:
        raise Rejected("The id of the post on its platform is not known.", step="comments")
    prepared = post.state.get("prepared")
    parts = [part.external_id for part in live_parts(post.parts) if part.external_id is not None]
    return LivePost(
        post_id=post.id,
        external_id=parts[0] if parts else post.external_id,
        part_ids=parts[1:],
        media_type=post.media_type,
        published_at=post.live_at,
        options=post.options.document,
        prepared=prepared if isinstance(prepared, dict) else {},
    )


class CallAttempt:
    """Works on one leased call until it is settled or released until later."""

    def __init__(
        self,
        context: WorkerContext,
        store: CommentCallStore,
        job: ActiveJob,
        platform: Platform,
        call: CommentCall,
    ) -> None:
        self._context: Final = context
        self._store: Final = store
        self._job: Final = job
        self._post: Final = job.post
        self._platform: Final = platform
        self._channel: Final[DeliveryChannel] = platform.channel(job.post.mode)
        self._call: Final = call
        self._progress: Final = call.progress
        self._result = "retried"

    async def run(self) -> None:
        """Settle the call or release it. Raises LeaseLost."""
        began = self._job.now()
        try:
            await self._try()
        except CredentialInvalid as error:
            if await self._job.access_has_ended():
                await self._wait_for_access(error.what)
            else:
                await self._retry(renewed(error))
        except Rejected as error:
            await self._fail(error.message)
        except (TryLater, OutcomeUnknown) as error:
            await self._retry(error)
        self._report(self._job.now() - began)

    def _report(self, took: timedelta) -> None:
        platform, environment = self._post.platform.value, self._post.environment.value
        meters.comment_calls.labels(platform, environment, self._call.kind.value, self._result).inc()
        log.info(
            "call about a comment",
            comment=public_id(COMMENT, self._call.comment_id),
            platform=platform,
            environment=environment,
            kind=self._call.kind.value,
            result=self._result,
            took_ms=round(took.total_seconds() * 1000),
        )

    async def _try(self) -> None:
        connector = self._channel.connector
        refusal = self._find_refusal()
        if refusal is not None:
            await self._fail(refusal)
        elif self._post.account_status is AccountStatus.REAUTH_REQUIRED:
            await self._wait_for_access("The account's access has expired or was revoked.")
        elif not isinstance(connector, SupportsComments):
            await self._fail("The platform has no call for this.")
        elif self._call.kind is CallKind.REPLY:
            await self._reply(connector)
        else:
            await self._change(connector)

    def _find_refusal(self) -> str | None:
        """Return why no call can be made: what was there when it was asked for may be gone."""
        post = self._post
        if self._call.kind is CallKind.REPLY and self._call.called_at is None and self._call.target is None:
            return "The comment does not exist any more, so it can't be answered."
        if self._call.kind is not CallKind.REPLY and self._call.target is None:
            return "The comment does not exist any more."
        if post.is_project_archived and self._call.called_at is None:
            return "The project was archived."
        if self._call.live_status in OFF_LINE and self._call.called_at is None:
            return "The post is not live any more, and its comments went with it."
        ready = comments_readiness(self._platform, status=post.account_status, scopes=post.account.scopes)
        if ready.reason is None or post.account_status is AccountStatus.REAUTH_REQUIRED:
            return None
        why = name_missing(ready) if ready.missing_scopes else "The account is disconnected."
        return f"{why} Connect it again, then send the call again."

    async def _change(self, connector: SupportsComments) -> None:
        """Hide, like or delete, or take one of the first two back."""
        call, post, target = self._call, live_post_of(self._post), self._require_target()
        raw: Mapping[str, JsonValue] | None = None
        if call.kind is CallKind.HIDE:
            await self._job.while_leased(connector.set_hidden(self._job, post, target, is_hidden=call.is_wanted))
        elif call.kind is CallKind.LIKE:
            raw = await self._job.while_leased(connector.set_liked(self._job, post, target, is_liked=call.is_wanted))
        else:
            await self._job.while_leased(connector.delete_comment(self._job, post, target))
        self._result = "done"
        await self._store.settle_done(call, raw, now=self._job.now())

    def _require_target(self) -> StoredComment:
        if self._call.target is None:
            raise Rejected("The comment does not exist any more.", step="comments")
        return self._call.target

    async def _reply(self, connector: SupportsComments) -> None:
        if self._call.called_at is not None and not await self._reconcile(connector):
            return
        await self._write(connector)

    def _reply_of(self) -> Reply:
        target = self._call.target or StoredComment(
            external_id="", parent_external_id=None, text="", is_own=False, raw={}
        )
        return Reply(
            id=self._call.comment_id,
            post=live_post_of(self._post),
            comment=target,
            text=self._call.reply_text,
            requested_at=self._call.asked_at,
            called_at=self._call.called_at,
        )

    async def _write(self, connector: SupportsComments) -> None:
        """Prepare the reply, store the intent, and write it: the one call that is not repeated without looks."""
        self._require_target()
        prepared = await self._job.while_leased(connector.prepare_reply(self._job, self._reply_of()))
        self._progress.prepared = dict(prepared)
        self._progress.calls += 1
        self._progress.looks = None
        await self._store.save(self._call, called_at=self._job.now())
        self._context.at_point("before_reply")
        try:
            written = await self._job.while_leased(connector.write_reply(self._job, self._reply_of(), prepared))
        except (TryLater, Rejected, CredentialInvalid):
            self._progress.calls -= 1
            await self._store.save(self._call, called_at=None)  # the response proves that nothing was written
            raise
        self._context.at_point("after_reply")
        await self._settle_posted(written)

    async def _reconcile(self, connector: SupportsComments) -> bool:
        """Look for a reply that may have been written; whether it was not, so that it may be written once more."""
        now, call_at = self._job.now(), self._call.called_at
        if call_at is None:
            raise ValueError("there was no call to look for")
        seen = await self._look(connector)
        looks = Looks.load(self._progress.looks, call_at=call_at, now=now)
        looks, verdict = judge(
            looks, seen, calls=self._progress.calls, retry_policy=self._channel.retry_policy, now=self._job.now()
        )
        self._progress.looks = looks.as_json()
        match verdict:
            case Present():
                await self._settle_posted(verdict)
            case Absent() | Failed(reason=TryLater()):  # the next call is prepared again
                await self._store.save(self._call, called_at=None)
                return True
            case Wait():
                await self._release(self._job.now() + verdict.duration, is_failure=False)
            case Unknown():
                await self._settle_unknown(verdict.message)
            case Failed() | CanceledByPlatform():
                await self._store.save(self._call, called_at=None)
                await self._fail("The platform reports that the reply was not written.")
        return False

    async def _look(self, connector: SupportsComments) -> Sighting:
        prepared = self._progress.prepared or {}
        try:
            return await self._job.while_leased(connector.look_up_reply(self._job, self._reply_of(), prepared))
        except PlatformError as error:
            if isinstance(error, CredentialInvalid):
                await self._job.access_has_ended()
            return Unreadable(error=error)

    async def _settle_posted(self, seen: Present) -> None:
        if seen.external_id is None:
            await self._settle_unknown("The platform did not report the id of the reply.")
            return
        self._result = "posted"
        try:
            await self._store.settle_posted(self._call, seen.external_id, now=self._job.now())
        except asyncpg.UniqueViolationError:
            await self._settle_unknown("The platform shows one reply with this text, which another call has written.")

    async def _settle_unknown(self, why: str) -> None:
        self._result = "unknown"
        await self._store.settle_not_posted(
            self._call, ReplyStatus.OUTCOME_UNKNOWN, f"{why} {_LOOK}", now=self._job.now()
        )

    async def _retry(self, error: PlatformError) -> None:
        """Release the call until the error may be over; fail it after TRIED_FOR. After a lost response, look soon."""
        now = self._job.now()
        if self._call.kind is CallKind.REPLY and self._call.called_at is not None:
            await self._release(
                now + self._channel.retry_policy.poll_after(now - self._call.called_at), is_failure=False
            )
            return
        if now >= self._call.gives_up_at:
            await self._fail(f"{error.what} Presswork tried for {_TRIED}. {error.advice}".rstrip())
            return
        is_throttled = isinstance(error, TryLater) and error.is_throttled
        since = self._progress.limited_since or now
        self._progress.limited_since = since if is_throttled else None
        retry_policy = self._channel.retry_policy
        backed_off = backoff(retry_policy.backoff_first, LONGEST_WAIT, failures=self._call.attempts)
        wait = wait_after(retry_policy, error, lasted=now - since, otherwise=backed_off)
        await self._release(min(now + wait, self._call.gives_up_at), is_failure=not is_throttled)

    async def _wait_for_access(self, what: str) -> None:
        """Wait until the account is connected again, within TRIED_FOR."""
        now, until = self._job.now(), self._call.gives_up_at
        if now >= until:
            await self._fail(f"{what} It was not connected again within {_TRIED}.")
            return
        await self._release(min(now + _ACCESS_WAIT, until), is_failure=False)

    async def _release(self, run_at: datetime, *, is_failure: bool) -> None:
        await self._store.retry(self._call, run_at=run_at, is_failure=is_failure)

    async def _fail(self, why: str) -> None:
        self._result = "failed"
        await fail(self._store, self._call, why, now=self._job.now())
