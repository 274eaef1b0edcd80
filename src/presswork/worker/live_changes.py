"""One attempt at a change of a live post: take it down, or change it. The post's outcome stays as it is.

Each call may be repeated. What is known of the calls is stored before and after each of them, so that an attempt continues where
the one before it ended, and knows whether a post that is missing was deleted by Presswork or by a person.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

import asyncpg
import structlog
from pydantic import JsonValue, TypeAdapter

from presswork.accounts.model import AccountStatus
from presswork.accounts.readiness import edit_readiness
from presswork.core.backoff import backoff
from presswork.core.ids import POST, public_id
from presswork.core.logging import redact
from presswork.core.timestamps import write_instant
from presswork.db.pool import Pool, fetchval_again
from presswork.db.queries import load
from presswork.jobs.runner import LeaseLost
from presswork.platforms.errors import CredentialInvalid, OutcomeUnknown, PlatformError, Rejected, TryLater
from presswork.platforms.findings import in_words
from presswork.platforms.port import Absent, DeliveryChannel, LiveEdit, Platform, SupportsLiveEdit, SupportsTakeDown
from presswork.posts.edit_live import applied, read_edit
from presswork.posts.live import TRIED_FOR, advise, name_missing, refuse_take_down
from presswork.posts.model import EditStatus, Event, LiveStatus
from presswork.posts.parts import PartOutcome, PartStatus, live_parts
from presswork.telemetry import meters
from presswork.worker.context import WorkerContext
from presswork.worker.error_window import wait_after
from presswork.worker.job import ActiveJob
from presswork.worker.post_row import PostRow
from presswork.worker.timeline_messages import facts, format_instant, renewed

log = structlog.get_logger()

_SQL: Final = load("presswork.worker", "live_changes.sql")
LONGEST_WAIT: Final = timedelta(minutes=30)
_ACCESS_WAIT: Final = timedelta(minutes=5)
"""How often it is looked whether an account was connected again. Costs no call of its platform."""


_TRIED: Final = in_words(TRIED_FOR)


class ChangeKind(StrEnum):
    """What is done to a live post."""

    TAKE_DOWN = "take_down"
    EDIT = "edit"


@dataclass(slots=True, kw_only=True)
class Progress:
    """What is known of the calls, by the platform's ids of the post or of its parts."""

    called: list[str] = field(default_factory=list)
    """A call to delete it may have had an effect."""
    deleted: list[str] = field(default_factory=list)
    """A call has deleted it."""
    gone: list[str] = field(default_factory=list)
    """It was missing before the first call."""
    absent_since: dict[str, datetime] = field(default_factory=dict)
    """When it was found missing for the first time, UTC."""
    is_restored: bool = False
    """Whether a backup was restored meanwhile, after which it may have been deleted."""
    errors_since: dict[str, datetime] = field(default_factory=dict)
    """Since when errors that end sooner than others have lasted, by the platform's codes, UTC."""
    limited_since: datetime | None = None
    """Since when a limit of the platform has lasted, UTC."""
    edit_called_at: datetime | None = None
    """When a call to change it was made that may still have its effect, UTC."""
    is_without_access: bool = False
    """Whether the timeline says that the account has to be connected again."""


_PROGRESS: Final = TypeAdapter(Progress)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveChange:
    """A change under the lease of this worker."""

    post_id: UUID
    version: int
    kind: ChangeKind
    edit: LiveEdit
    """Empty, to take the post down."""
    progress: Progress
    gives_up_at: datetime
    """From then on, the next attempt is the last one. UTC."""
    attempts: int
    """Attempts that have failed."""
    claimed_at: datetime
    """By the database's clock."""


class LiveChangeStore:
    """Leases and outcomes of changes. Each write compares the version of the change, and raises LeaseLost if it has another one."""

    def __init__(self, pool: Pool, *, worker_id: str) -> None:
        self._pool: Final = pool
        self._worker_id: Final = worker_id

    async def claim(self, *, lease: timedelta, limit: int, now: datetime | None) -> Sequence[LiveChange]:
        """Lease changes that are due."""
        changes = []
        for row in await self._pool.fetch(_SQL["claim"], now, self._worker_id, lease, limit):
            try:
                changes.append(_change_of(row))
            except ValueError as error:  # of a newer version: a worker of that version takes it once the lease is over
                log.warning("change of a live post can't be read", post=f"sp_{row['post_id']}", reason=str(error))
        return changes

    async def renew(self, post_ids: Collection[UUID], *, lease: timedelta, now: datetime | None) -> frozenset[UUID]:
        """Renew leases, and return the posts whose change this worker still has."""
        rows = await self._pool.fetch(_SQL["renew"], now, list(post_ids), self._worker_id, lease)
        return frozenset(row["post_id"] for row in rows)

    async def release(self, held: Collection[UUID], *, now: datetime | None) -> None:
        """Release every change of this worker except those in `held`."""
        await self._pool.execute(_SQL["release"], now, self._worker_id, list(held))

    async def next_due(self, *, now: datetime | None) -> timedelta | None:
        """Return how long until a change is due."""
        wait = await self._pool.fetchval(_SQL["next_due"], now)
        return wait if isinstance(wait, timedelta) else None

    async def save(self, change: LiveChange) -> None:
        """Store the progress."""
        await self._write("save", change, _write_progress(change))

    async def retry(
        self,
        change: LiveChange,
        event: Event,
        message: str | None,
        detail: Mapping[str, JsonValue],
        *,
        run_at: datetime,
        is_failure: bool,
        now: datetime,
    ) -> None:
        """Release the change until later, with its progress. Without a message there is no timeline entry."""
        entry = (event.value, None if message is None else redact(message), json.dumps(dict(detail)))
        await self._write("retry", change, now, run_at, int(is_failure), _write_progress(change), *entry)

    async def settle_take_down(
        self,
        change: LiveChange,
        status: LiveStatus,
        advice: str | None,
        message: str,
        detail: Mapping[str, JsonValue],
        *,
        now: datetime,
    ) -> None:
        """Store what became of a take-down."""
        event = {LiveStatus.TAKEN_DOWN: Event.TAKEN_DOWN, LiveStatus.GONE: Event.GONE}.get(
            status, Event.TAKE_DOWN_FAILED
        )
        kind = "post.take_down_failed" if event is Event.TAKE_DOWN_FAILED else "post.taken_down"
        entry = (event.value, redact(message), json.dumps(dict(detail)), kind)
        advice = None if advice is None else redact(advice)
        await self._write("settle_take_down", change, now, status.value, advice, _write_progress(change), *entry)

    async def settle_edited(
        self, change: LiveChange, options: Mapping[str, JsonValue], message: str, *, now: datetime
    ) -> None:
        """Store that a live post was changed, and with what."""
        done = _write_last_edit(EditStatus.DONE, message)
        await self._write(
            "settle_edited", change, now, change.edit.caption, json.dumps(dict(options)), done, message, "{}"
        )

    async def settle_edit_failed(
        self, change: LiveChange, message: str, detail: Mapping[str, JsonValue], *, now: datetime
    ) -> None:
        """Store that a live post was not changed."""
        message = redact(message)
        failed = _write_last_edit(EditStatus.FAILED, message)
        entry = (f"The live post was not changed. {message}", json.dumps(dict(detail)))
        await self._write("settle_edit_failed", change, now, failed, *entry)

    async def _write(self, statement: str, change: LiveChange, *arguments: object) -> None:
        if not await fetchval_again(self._pool, _SQL[statement], change.post_id, change.version, *arguments):
            raise LeaseLost("another worker has leased the change, or it was replaced")


def _change_of(row: asyncpg.Record) -> LiveChange:
    """Parse a row of `claim`. Raises ValueError if it has something that this version does not know."""
    return LiveChange(
        post_id=row["post_id"],
        version=row["version"],
        kind=ChangeKind(row["kind"]),
        edit=read_edit(row["edit"] or "{}"),
        progress=_PROGRESS.validate_json(row["progress"]),
        gives_up_at=row["gives_up_at"],
        attempts=row["attempts"],
        claimed_at=row["claimed_at"],
    )


def _write_progress(change: LiveChange) -> str:
    return _PROGRESS.dump_json(change.progress, exclude_defaults=True).decode()


def _write_last_edit(status: EditStatus, message: str) -> str:
    return json.dumps({"status": status.value, "message": message})


async def fail(
    store: LiveChangeStore,
    change: LiveChange,
    platform: Platform | None,
    post: PostRow | None,
    why: str,
    detail: Mapping[str, JsonValue],
    *,
    now: datetime,
) -> None:
    """Settle a change that has failed for good."""
    if change.kind is ChangeKind.EDIT:
        await store.settle_edit_failed(change, why, detail, now=now)
        return
    parts = [] if post is None else live_parts(post.parts)
    if parts and (deleted := len(change.progress.deleted)):
        why = f"{deleted} of {len(parts)} parts are taken down. {why}"
    advice = why
    if platform is not None and post is not None:
        advice = f"{why} {advise(platform, post.external_url)}"
    await store.settle_take_down(
        change, LiveStatus.TAKE_DOWN_FAILED, advice, f"Not taken down. {advice}", detail, now=now
    )


class ChangeAttempt:
    """Works on one leased change until it is settled or released until later."""

    def __init__(
        self,
        context: WorkerContext,
        store: LiveChangeStore,
        job: ActiveJob,
        platform: Platform,
        change: LiveChange,
    ) -> None:
        self._context: Final = context
        self._store: Final = store
        self._job: Final = job
        self._post: Final = job.post
        self._platform: Final = platform
        self._channel: Final[DeliveryChannel] = platform.channel(job.post.mode)
        self._change: Final = change
        self._progress: Final = change.progress
        self._result = "retried"

    async def run(self) -> None:
        """Settle the change or release it. Raises LeaseLost."""
        began = self._job.now()
        try:
            await self._try()
        except CredentialInvalid as error:
            if await self._job.access_has_ended():
                await self._wait_for_access(error.what, facts(error))
            else:
                await self._retry(renewed(error))
        except Rejected as error:
            await self._fail(error.message, facts(error))
        except (TryLater, OutcomeUnknown) as error:
            await self._retry(error)
        self._report(self._job.now() - began)

    def _report(self, took: timedelta) -> None:
        platform, environment = self._post.platform.value, self._post.environment.value
        meters.live_changes.labels(platform, environment, self._change.kind.value, self._result).inc()
        log.info(
            "live change",
            post=public_id(POST, self._post.id),
            platform=platform,
            environment=environment,
            kind=self._change.kind.value,
            result=self._result,
            took_ms=round(took.total_seconds() * 1000),
        )

    async def _try(self) -> None:
        refusal = self._find_refusal()
        if refusal is not None:
            await self._fail_at_once(refusal)
        elif self._post.account_status is AccountStatus.REAUTH_REQUIRED:
            await self._wait_for_access("The account's access has expired or was revoked.", {})
        elif self._change.kind is ChangeKind.EDIT:
            await self._edit()
        else:
            await self._take_down()

    def _find_refusal(self) -> tuple[LiveStatus, str] | None:
        """Return why no call can make the change: what the account has granted may have changed since it was asked for."""
        post = self._post
        if self._change.kind is ChangeKind.TAKE_DOWN:
            refusal = refuse_take_down(
                self._platform,
                mode=post.mode,
                account_status=post.account_status,
                scopes=post.account.scopes,
                external_url=post.external_url,
            )
            return None if refusal is None else (refusal.status, refusal.advice)
        ready = edit_readiness(self._platform, status=post.account_status, scopes=post.account.scopes, mode=post.mode)
        if ready.reason is None or post.account_status is AccountStatus.REAUTH_REQUIRED:
            return None
        why = name_missing(ready) if ready.missing_scopes else "The account is disconnected."
        return LiveStatus.LIVE, f"{why} Connect it again, then send the change again."

    async def _fail_at_once(self, refusal: tuple[LiveStatus, str]) -> None:
        self._result = "failed"
        (status, why), now = refusal, self._job.now()
        if self._change.kind is ChangeKind.EDIT:
            await self._store.settle_edit_failed(self._change, why, {}, now=now)
        else:
            await self._store.settle_take_down(self._change, status, why, f"Not taken down. {why}", {}, now=now)

    async def _take_down(self) -> None:
        connector = self._channel.connector
        if not isinstance(connector, SupportsTakeDown):
            raise Rejected("There is no call that deletes this post.", step="take_down")
        for external_id in await self._find_ids():
            if not await self._delete(connector, external_id):
                return
        await self._settle_taken_down()

    async def _find_ids(self) -> Sequence[str]:
        """Return the platform's ids of what is live, the last part first. Raises TryLater where it is not known yet."""
        if self._post.parts:
            found = [part.external_id for part in reversed(live_parts(self._post.parts))]
            return [external_id for external_id in found if external_id is not None]
        return [await self._find_id()]

    async def _find_id(self) -> str:
        post = self._post
        if post.external_id is not None:
            return post.external_id
        prepared = post.state.get("prepared")
        located = await self._job.while_leased(
            self._channel.connector.locate(self._job, prepared if isinstance(prepared, dict) else {}, None)
        )
        if located.external_id is None:
            raise TryLater("The platform has not reported the id of the post yet, which the call needs.", step="locate")
        await self._context.store.located(
            post, external_id=located.external_id, external_url=located.external_url, now=self._job.now()
        )
        return located.external_id

    async def _delete(self, connector: SupportsTakeDown, external_id: str) -> bool:
        """Delete the post or one part; False: it may have been deleted by a person, and it is looked at again later."""
        progress = self._progress
        if external_id in (*progress.deleted, *progress.gone):
            return True
        was_called = external_id in progress.called
        if not was_called:
            if isinstance(await self._job.while_leased(connector.see_live(self._job, external_id)), Absent):
                return await self._record_absent(external_id)
            progress.absent_since.pop(external_id, None)
            progress.called.append(external_id)
            await self._store.save(self._change)
        self._context.at_point("before_take_down")
        try:
            await self._job.while_leased(connector.take_down(self._job, external_id))
        except TryLater as error:
            if error.is_throttled and not was_called:
                progress.called.remove(external_id)  # after other errors, the call may have had its effect
            raise
        self._context.at_point("after_take_down")
        progress.deleted.append(external_id)
        await self._store.save(self._change)
        return True

    async def _record_absent(self, external_id: str) -> bool:
        """Return whether a post that Presswork never asked to delete has been missing for long enough to be gone."""
        now = self._job.now()
        since = self._progress.absent_since.setdefault(external_id, now)
        look_at = since + self._channel.retry_policy.republish_after
        if now < look_at:
            message = (
                f"The platform does not have it any more, without a call of Presswork. Presswork looks again at "
                f"{format_instant(look_at)}."
            )
            detail = {"externalId": external_id, "nextAt": write_instant(look_at)}
            await self._release(Event.WAITING, message, detail, run_at=look_at, is_failure=False)
            return False
        (self._progress.deleted if self._progress.is_restored else self._progress.gone).append(external_id)
        await self._store.save(self._change)
        return True

    async def _settle_taken_down(self) -> None:
        progress, now = self._progress, self._job.now()
        if doubtful := [part for part in self._post.parts if _may_be_live(part)]:
            names = ", ".join(str(part.index + 1) for part in doubtful)
            await self._fail(
                f"It is not known whether part {names} of the thread is live, or what its id is, so Presswork can't delete it.",
                {},
            )
            return
        if progress.deleted:
            self._result, status, message = "taken_down", LiveStatus.TAKEN_DOWN, "The post is taken down."
        else:
            self._result, status = "gone", LiveStatus.GONE
            message = "The post is gone: it was deleted on the platform before Presswork did."
        await self._store.settle_take_down(
            self._change, status, None, message, {"deleted": [*progress.deleted], "gone": [*progress.gone]}, now=now
        )

    async def _edit(self) -> None:
        connector, edit = self._channel.connector, self._change.edit
        if not isinstance(connector, SupportsLiveEdit):
            raise Rejected("There is no call that changes this post.", step="edit_live")
        external_id, progress = await self._find_id(), self._progress
        if (over_at := self._edit_call_over_at()) is not None and self._job.now() < over_at:
            await self._release(Event.WAITING, None, {}, run_at=over_at, is_failure=False)
            return
        progress.edit_called_at = self._job.now()
        await self._store.save(self._change)
        self._context.at_point("before_edit")
        try:
            await self._job.while_leased(connector.edit_live(self._job, external_id, edit))
        except (TryLater, CredentialInvalid) as error:
            if isinstance(error, CredentialInvalid) or error.is_throttled:
                progress.edit_called_at = None  # the call was refused
            raise
        self._context.at_point("after_edit")
        self._result = "edited"
        options = applied(self._platform, self._post.options.document, edit)
        await self._store.settle_edited(self._change, options, "The live post is changed.", now=self._job.now())

    def _edit_call_over_at(self) -> datetime | None:
        """Return when the next call may change the post: the effect of a former one must not come after it."""
        called_at = self._progress.edit_called_at
        return None if called_at is None else called_at + self._channel.retry_policy.republish_after

    async def _retry(self, error: PlatformError) -> None:
        """Release the change until the error may be over; fail it after TRIED_FOR."""
        now = self._job.now()
        if now >= self._change.gives_up_at:
            await self._fail(f"{error.what} Presswork tried for {_TRIED}. {error.advice}".rstrip(), facts(error))
            return
        if isinstance(error, TryLater) and error.lasts_at_most is not None:
            since = self._progress.errors_since.setdefault(error.platform_code or "", now)
            if now - since > error.lasts_at_most:
                await self._fail(error.message, facts(error))
                return
        is_throttled = isinstance(error, TryLater) and error.is_throttled
        since = self._progress.limited_since or now
        self._progress.limited_since = since if is_throttled else None
        retry_policy = self._channel.retry_policy
        backed_off = backoff(retry_policy.backoff_first, LONGEST_WAIT, failures=self._change.attempts)
        wait = wait_after(retry_policy, error, lasted=now - since, otherwise=backed_off)
        run_at = min(max(now + wait, self._edit_call_over_at() or now), self._change.gives_up_at)
        await self._release(
            Event.WAITING if is_throttled else Event.RETRYING,
            f"{error.what} Presswork tries again at {format_instant(run_at)}.",
            {**facts(error), "nextAt": write_instant(run_at)},
            run_at=run_at,
            is_failure=not is_throttled,
        )

    async def _wait_for_access(self, what: str, detail: Mapping[str, JsonValue]) -> None:
        """Wait until the account is connected again, within TRIED_FOR."""
        now, until = self._job.now(), self._change.gives_up_at
        if now >= until:
            await self._fail(f"{what} It was not connected again within {_TRIED}.", detail)
            return
        message = None
        if not self._progress.is_without_access:
            message = (
                f"{what} Connect the account again (reauth-url): Presswork continues then, and stops waiting at "
                f"{format_instant(until)}."
            )
        self._progress.is_without_access = True
        await self._release(Event.WAITING, message, detail, run_at=min(now + _ACCESS_WAIT, until), is_failure=False)

    async def _release(
        self, event: Event, message: str | None, detail: Mapping[str, JsonValue], *, run_at: datetime, is_failure: bool
    ) -> None:
        now = self._job.now()
        await self._store.retry(self._change, event, message, detail, run_at=run_at, is_failure=is_failure, now=now)

    async def _fail(self, why: str, detail: Mapping[str, JsonValue]) -> None:
        self._result = "failed"
        await fail(self._store, self._change, self._platform, self._post, why, detail, now=self._job.now())


def _may_be_live(part: PartOutcome) -> bool:
    is_known = part.external_id is not None
    return part.status is PartStatus.UNKNOWN or (part.status is PartStatus.PUBLISHED and not is_known)
