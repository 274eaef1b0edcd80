"""Sending the texts of a notice: one after the other, each once; after a lost answer, asking before anything is done."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import structlog

from presswork.core.clock import JobClock
from presswork.core.enums import Environment
from presswork.core.errors import Unavailable
from presswork.core.ids import CONTAINER, TEXT, public_id
from presswork.core.logging import redact
from presswork.core.phone_numbers import masked
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.db.pool import Pool
from presswork.db.queries import load
from presswork.jobs.runner import Interrupted
from presswork.notifications.notify_device import TextKind, TextStatus
from presswork.platforms.errors import OutcomeUnknown, PlatformError, Rejected, TryLater
from presswork.platforms.manual_posting import with_link
from presswork.platforms.registry import Platforms
from presswork.platforms.sms_port import TextMessage, Texts, TextState, can_attach, pause_after, reference_of
from presswork.telemetry import meters
from presswork.worker.context import WorkerContext
from presswork.worker.missing_setting import LIMIT
from presswork.worker.store import LeaseLost, affected

log = structlog.get_logger()

_SQL: Final = load("presswork.worker", "sms.sql")

TEXT_LEASE: Final = timedelta(minutes=2)
"""How long a text is one worker's without a write; longer than its longest call, a walk through a list of messages."""
INLINE_WAIT: Final = timedelta(seconds=20)
"""Longest wait that keeps a text in this worker's hands."""
NEXT_AFTER: Final = timedelta(seconds=30)
"""How long a text may be with the carrier before the next one goes: not every carrier sends receipts."""
MAX_ERRORS: Final = 10
"""Refused or proven idle calls, after which a text counts as failed."""
KEPT_FOR: Final = timedelta(days=30)
"""How long a text that has ended is remembered: long enough to see what became of it, and no longer, since it holds a
phone."""
_RARELY: Final = 10
"""How many times longer than usual the wait may grow, for a text that the service has for sure."""
_THROTTLED_WAIT: Final = timedelta(minutes=1)
_CRASH_BACKOFF_FIRST: Final = timedelta(seconds=30)
_CRASH_BACKOFF_MAX: Final = timedelta(minutes=30)
_NO_SETTING_WAIT: Final = timedelta(minutes=1)


@dataclass(slots=True, kw_only=True)
class TextRow:
    """One text at work. All but the first few fields follow what is stored; instants in UTC."""

    id: UUID
    container_id: UUID
    environment: Environment
    kind: TextKind
    phone: str
    body: str
    has_link: bool
    status: TextStatus
    provider_id: str | None
    called_at: datetime | None
    asked_since: datetime | None
    missing_since: datetime | None
    sent_at: datetime | None
    error_count: int
    version: int
    created_at: datetime
    leased_until: datetime


class TextStore:
    """The texts in the database. Methods that write raise LeaseLost where the version has moved on."""

    def __init__(self, pool: Pool, *, worker_id: str) -> None:
        """Take the pool, and the name under which leases are taken."""
        self._pool: Final = pool
        self._worker_id: Final = worker_id

    async def claim(self, *, limit: int, now: datetime | None = None) -> Sequence[TextRow]:
        """Lease texts that are due."""
        return [
            _row(row) for row in await self._pool.fetch(_SQL["claim_texts"], now, self._worker_id, TEXT_LEASE, limit)
        ]

    async def renew(self, text_ids: Sequence[UUID], *, now: datetime | None = None) -> frozenset[UUID]:
        """Renew leases and return the texts whose lease this worker still has."""
        rows = await self._pool.fetch(_SQL["renew_texts"], now, list(text_ids), self._worker_id, TEXT_LEASE)
        return frozenset(row["id"] for row in rows)

    async def release(self, *, held: Collection[UUID] = (), now: datetime | None = None) -> None:
        """Release all texts of this worker but those of `held`."""
        await self._pool.execute(_SQL["release_texts"], now, self._worker_id, list(held))

    async def leased_by_others(self, text_ids: Sequence[UUID]) -> frozenset[UUID]:
        """Return which of these another worker has leased."""
        rows = await self._pool.fetch(_SQL["leased_by_others"], list(text_ids), self._worker_id)
        return frozenset(row["id"] for row in rows)

    async def next_due(self, *, now: datetime | None = None) -> timedelta | None:
        """Return how long until a text falls due."""
        wait = await self._pool.fetchval(_SQL["next_text_due"], now)
        return wait if isinstance(wait, timedelta) else None

    async def keep(self, text: TextRow, *, now: datetime) -> None:
        """Write a text as it is in hand, and keep it for as long again. Raises UniqueViolationError on another's id."""
        until = now + TEXT_LEASE
        since = (text.called_at, text.asked_since, text.missing_since, text.sent_at)
        state = (text.status.value, text.provider_id, *since, text.error_count)
        text.version = await self._write("keep_text", text, now, until, *state)
        text.leased_until = until

    async def snooze(self, text: TextRow, *, until: datetime, now: datetime) -> None:
        """Release a text until an instant."""
        text.version = await self._write("snooze_text", text, now, until)

    async def end(self, text: TextRow, status: TextStatus, error: str | None, *, now: datetime) -> None:
        """End a text; the next one of its notice may go, or none does any more."""
        text.version = await self._write("end_text", text, now, status.value, error)
        text.status = status

    async def media(self, text: TextRow) -> Sequence[asyncpg.Record]:
        """Return the container's media: object_key, content_type, size_bytes, in order."""
        return await self._pool.fetch(_SQL["text_media"], text.container_id)

    async def known(self, message_ids: Sequence[str]) -> frozenset[str]:
        """Return which messages of the service are other texts of ours."""
        rows = await self._pool.fetch(_SQL["other_texts"], list(message_ids), len(message_ids))
        return frozenset(row["provider_id"] for row in rows)

    async def _write(self, statement: str, text: TextRow, now: datetime, *arguments: object) -> int:
        version = await self._pool.fetchval(_SQL[statement], text.id, text.version, now, *arguments)
        if version is None:
            raise LeaseLost
        return int(version)


def _row(row: asyncpg.Record) -> TextRow:
    values = dict(row)
    return TextRow(
        **{
            **values,
            "environment": Environment(values["environment"]),
            "kind": TextKind(values["kind"]),
            "status": TextStatus(values["status"]),
        }
    )


async def sweep_texts(pool: Pool, *, now: datetime | None = None, limit: int = 1_000) -> int:
    """Delete texts that ended longer than KEPT_FOR ago, at most `limit`; return how many that were."""
    return affected(await pool.execute(_SQL["sweep_texts"], now, KEPT_FOR, limit))


class SmsSender:
    """Sends texts and sees what becomes of them."""

    def __init__(
        self, context: WorkerContext, store: TextStore, platforms: Platforms, *, at_point: Callable[[str], None]
    ) -> None:
        """Take the parts; `at_point` is told the name of each step as it is reached."""
        self._context: Final = context
        self._store: Final = store
        self._platforms: Final = platforms
        self._at_point: Final = at_point

    async def work(self, text: TextRow) -> None:
        """Bring one text to its end, or snooze it. Raises Interrupted."""
        try:
            await self._carry(text)
        except (LeaseLost, *TRANSIENT_ERRORS) as error:
            raise Interrupted(f"{type(error).__name__}: {error}") from error
        except Exception as error:
            log.exception("text message crashed", text=public_id(TEXT, text.id))
            try:
                await self._crashed(text, error)
            except (LeaseLost, *TRANSIENT_ERRORS) as failed:
                raise Interrupted(f"{type(failed).__name__}: {failed}") from failed

    async def _crashed(self, text: TextRow, error: Exception) -> None:
        """Back off after an unexpected error, and end the text where it has been tried for too long."""
        meters.settle_failures.labels("sms").inc()
        now = self._now()
        if now < text.created_at + LIMIT:
            wait: timedelta = min(_CRASH_BACKOFF_MAX, max(_CRASH_BACKOFF_FIRST, (now - text.created_at) / 4))
            await self._store.snooze(text, until=now + wait, now=now)
            return
        status = TextStatus.FAILED if text.called_at is None else TextStatus.UNKNOWN
        what = f"An error inside Presswork ({type(error).__name__}) stopped it; the worker's log has the details."
        await self._store.end(text, status, what, now=now)

    async def _carry(self, text: TextRow) -> None:
        try:
            texts = self._platforms.texts(text.environment)
        except Unavailable as error:
            log.warning("text waits for a setting", text=public_id(TEXT, text.id), reason=error.message)
            if self._now() < text.created_at + LIMIT:
                await self._snooze(text, _NO_SETTING_WAIT)
            else:
                status = TextStatus.FAILED if text.called_at is None else TextStatus.UNKNOWN
                await self._end(text, status, error.message)
            return
        while True:
            wait = await self._step(text, texts)
            if wait is None:
                return
            if wait > INLINE_WAIT:
                await self._snooze(text, wait)
                return
            await self._context.clock.sleep(wait)

    async def _step(self, text: TextRow, texts: Texts) -> timedelta | None:
        """Do one thing for a text and return how long to wait; None: it is over."""
        try:
            if text.called_at is None:
                return await self._send(text, texts)
            if text.asked_since is None:
                text.asked_since = self._now()
                await self._store.keep(text, now=self._now())
            if text.provider_id is None:
                return await self._find(text, texts, text.called_at)
            message = await texts.fetch(text.provider_id)
        except PlatformError as error:
            # The service could not be asked. That says nothing about the text.
            if self._since(text.asked_since) < texts.retry_policy.unknown_after:
                return self._pause(text, texts)
            return await self._end(text, TextStatus.UNKNOWN, error.message)
        return await self._judge(text, texts, message)

    async def _send(self, text: TextRow, texts: Texts) -> timedelta | None:
        """Make the one call that can't be taken back, having written down that it is made."""
        body, urls = await self._compose(text)
        self._at_point("text_before_call")
        text.status, text.called_at, text.missing_since = TextStatus.SENDING, self._now(), None
        text.asked_since = None
        await self._store.keep(text, now=self._now())
        self._at_point("text_before_send")
        if self._now() >= text.leased_until:
            return timedelta()  # this process was held up, and somebody else may have the text by now: ask first
        callback = f"{self._context.base_url}/callbacks/text/{public_id(TEXT, text.id)}"
        try:
            message = await texts.send(to=text.phone, body=body, media_urls=urls, callback_url=callback)
        except Rejected as error:
            return await self._end(text, TextStatus.FAILED, error.message)
        except OutcomeUnknown as error:
            log.info("answer lost; the service is asked", text=public_id(TEXT, text.id), reason=error.message)
            self._at_point("text_after_send")
            return texts.retry_policy.poll_first
        except TryLater as error:
            return await self._again(text, texts, error)
        self._at_point("text_after_send")
        text.provider_id = message.id
        await self._store.keep(text, now=self._now())
        return texts.retry_policy.poll_first

    async def _compose(self, text: TextRow) -> tuple[str, Sequence[str]]:
        """Return the text as it goes out, with fresh links."""
        now, body = self._now(), text.body
        if text.has_link:
            page = self._context.pages.url_for(public_id(CONTAINER, text.container_id), now=now)
            body = with_link(body, reference=reference_of(text.id), link=page)
        media = await self._store.media(text) if text.kind is TextKind.MEDIA else ()
        if not can_attach([item["size_bytes"] for item in media]):
            return body, ()
        return body, [
            await self._context.renditions.url(
                item["object_key"], item["content_type"], post_id=text.container_id, is_one_off=False, now=now
            )
            for item in media
        ]

    async def _again(self, text: TextRow, texts: Texts, error: TryLater) -> timedelta | None:
        """Take back that the call was made: it had no effect. Too often, and the text has failed."""
        text.called_at, text.missing_since, text.error_count = None, None, text.error_count + 1
        if text.error_count >= MAX_ERRORS:
            return await self._end(text, TextStatus.FAILED, error.message)
        await self._store.keep(text, now=self._now())
        retry_policy = texts.retry_policy
        backoff: timedelta = min(retry_policy.backoff_max, retry_policy.backoff_first * (1 << text.error_count))
        return error.retry_after or (_THROTTLED_WAIT if error.is_throttled else backoff)

    async def _find(self, text: TextRow, texts: Texts, called_at: datetime) -> timedelta | None:
        """Look for a text whose answer was lost. Raises PlatformError."""
        reference = reference_of(text.id)
        own = text.body.strip()
        found = await texts.find(
            to=text.phone,
            since=called_at,
            is_it=(lambda body: reference in body) if text.has_link else (lambda body: body.strip() == own),
        )
        others = await self._store.known([message.id for message in found]) if found else frozenset[str]()
        mine = next((message for message in reversed(found) if message.id not in others), None)
        if mine is not None:
            text.provider_id = mine.id
            await self._store.keep(text, now=self._now())
            return timedelta()
        return await self._missing(text, texts, called_at)

    async def _missing(self, text: TextRow, texts: Texts, called_at: datetime) -> timedelta | None:
        """Deal with a text that is not listed: once it was not for long enough, the call did nothing."""
        now = self._now()
        if text.missing_since is None:
            text.missing_since = now
            await self._store.keep(text, now=now)
        elif now > text.missing_since and now - called_at >= texts.retry_policy.republish_after:
            if text.has_link:
                trouble = TryLater("The service did not take the text, though it was asked several times.", step="find")
                return await self._again(text, texts, trouble)
            # The caption alone carries no word of ours, and the service may have changed a letter of it on the way.
            return await self._end(text, TextStatus.UNKNOWN, "Nobody can tell whether the text went out.")
        return self._pause(text, texts)

    async def _judge(self, text: TextRow, texts: Texts, message: TextMessage) -> timedelta | None:
        """Act on what the service says of a text."""
        match message.state:
            case TextState.DELIVERED:
                return await self._end(text, TextStatus.DELIVERED, None)
            case TextState.FAILED:
                why = message.failure.message if message.failure else "It was not delivered."
                return await self._end(text, TextStatus.FAILED, why)
            case TextState.SENT:
                text.sent_at = text.sent_at or self._now()
                if self._since(text.sent_at) >= NEXT_AFTER:
                    return await self._end(text, TextStatus.SENT, None)
            case TextState.UNDER_WAY if self._since(text.asked_since) >= texts.retry_policy.processing_limit:
                return await self._end(text, TextStatus.UNKNOWN, "The service has not sent it for too long.")
            case TextState.UNDER_WAY:
                pass
        await self._store.keep(text, now=self._now())
        return self._pause(text, texts)

    async def _end(self, text: TextRow, status: TextStatus, error: str | None) -> timedelta | None:
        """End a text; None, since there is nothing to wait for."""
        self._at_point("text_before_end")
        await self._store.end(text, status, None if error is None else redact(error), now=self._now())
        log.info(
            "text",
            text=public_id(TEXT, text.id),
            container=public_id(CONTAINER, text.container_id),
            kind=text.kind.value,
            phone=masked(text.phone),
            environment=text.environment.value,
            result=status.value,
            error=error,
        )
        return None

    async def _snooze(self, text: TextRow, wait: timedelta) -> None:
        now = self._now()
        await self._store.snooze(text, until=now + wait, now=now)

    def _now(self) -> datetime:
        return self._context.clock.now()

    def _since(self, instant: datetime | None) -> timedelta:
        return self._now() - (instant or self._now())

    def _pause(self, text: TextRow, texts: Texts) -> timedelta:
        rarely = texts.retry_policy.poll_max * (1 if text.provider_id is None else _RARELY)
        longest = rarely if text.sent_at is None else NEXT_AFTER / 3
        return pause_after(self._since(text.called_at), texts.retry_policy, longest=longest)


@dataclass(frozen=True, slots=True)
class TextJob:
    """A claimed text, and the clock that it is worked on by."""

    text: TextRow
    clock: JobClock


class SmsJobs:
    """The job source of the text messages that notify a device."""

    name: Final = "sms"
    lease: Final = TEXT_LEASE
    poll_every: Final = timedelta(seconds=1)
    poll_gap: Final = timedelta()
    is_notified: Final = True
    wakes: Final = ()

    def __init__(
        self,
        context: WorkerContext,
        store: TextStore,
        platforms: Platforms,
        *,
        concurrency: int,
        leases: TextStore | None = None,
        at_point: Callable[[str], None] = lambda _point: None,
    ) -> None:
        """Take the parts. `leases` renews leases over connections of its own."""
        self.concurrency: Final = concurrency
        self._context: Final = context
        self._store: Final = store
        self._leases: Final = store if leases is None else leases
        self._platforms: Final = platforms
        self._at_point: Final = at_point

    def key_of(self, job: TextJob) -> UUID:
        """Return the text's id."""
        return job.text.id

    async def claim(self, limit: int) -> Sequence[TextJob]:
        """Lease texts that are due."""
        since = self._context.clock.uptime()
        texts = await self._store.claim(limit=limit, now=self._context.clock.database_now())
        return [
            TextJob(text, JobClock(self._context.clock, at=text.leased_until - TEXT_LEASE, since=since))
            for text in texts
        ]

    async def renew(self, keys: Collection[UUID]) -> Collection[UUID]:
        """Renew leases; return the texts that are another worker's, or over.

        `leased_until` of the row in hand stays as the last write left it: the look at the lease right before a text is
        sent must not count a renewal since the commit.
        """
        kept = await self._leases.renew(list(keys), now=self._context.clock.database_now())
        lost = [key for key in keys if key not in kept]
        return await self._leases.leased_by_others(lost) if lost else ()  # one that has just ended ends by itself

    async def release(self, held: Collection[UUID]) -> None:
        """Release every text of this worker but those of `held`."""
        await self._store.release(held=held, now=self._context.clock.database_now())

    async def next_due(self) -> timedelta | None:
        """Return how long until a text falls due."""
        return await self._store.next_due(now=self._context.clock.database_now())

    async def run(self, job: TextJob) -> None:
        """Work on one text. Raises Interrupted."""
        context = replace(self._context, clock=job.clock)
        await SmsSender(context, self._store, self._platforms, at_point=self._at_point).work(job.text)
