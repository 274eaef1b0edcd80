"""Erase a project: everything that belongs to it leaves the database and the media store, batch by batch.

Each batch is a transaction that also writes its counts to the receipt, so that the counts are exact however often a worker dies. What is
in the store is removed before the rows that lead to it. The order of the steps is such that each of them can be begun again.
"""

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import structlog

from presswork.core.backoff import backoff
from presswork.core.enums import Environment
from presswork.core.errors import PressworkError
from presswork.core.ids import (
    ACCOUNT,
    COMMENT,
    CONTAINER,
    ENDPOINT,
    ERASURE,
    LAYER,
    POST,
    PROJECT,
    QUEUE,
    RECURRENCE,
    SAVED_REPLY,
    SNIPPET,
    public_id,
)
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Connection, Pool, affected
from presswork.jobs.runner import LeaseLost
from presswork.lifecycle.disconnect import revoke_grant
from presswork.lifecycle.erasures import SQL
from presswork.media.store import MediaStore
from presswork.platforms.registry import Platforms

log = structlog.get_logger()

_POSTS: Final = 500
_CONTAINERS: Final = 20
_ROWS: Final = 200
_REPLIES: Final = 100
_DELIVERIES: Final = 2_000
_OF_POSTS: Final = ("delete_timelines", "delete_follow_ups", "delete_live_changes", "delete_insights", "delete_grants")
_OF_CONTAINERS: Final = (
    "delete_upload_parts",
    "delete_reviews",
    "delete_reminders",
    "delete_content_comments",
    "delete_intents",
    "delete_renditions",
    "delete_content_erasures",
)
"""Statements for rows that belong to containers, apart from those that are counted."""
_FIRST_RETRY: Final = timedelta(seconds=10)
_LONGEST_RETRY: Final = timedelta(minutes=10)
_COUNTED: Final = ("content", "posts", "accounts")
"""What the progress counts, as the statement `count_total`."""
_CHANGED: Final = "Something was added to the project meanwhile; the erasure begins again."

Work = Callable[[Connection], Awaitable[Counter[str]]]
"""Removes a batch in a transaction, and returns how much it removed, by the names of the receipt."""


@dataclass(slots=True, kw_only=True)
class ErasureJob:
    """An erasure under the lease of a worker."""

    id: UUID
    project_id: UUID
    organization_id: UUID
    environment: Environment
    attempts: int
    done: int
    counts: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, row: asyncpg.Record) -> "ErasureJob":
        """Parse the row of a claim."""
        return cls(
            id=row["id"],
            project_id=row["project_id"],
            organization_id=row["organization_id"],
            environment=Environment(row["environment"]),
            attempts=row["attempts"],
            done=row["done"],
            counts=Counter(json.loads(row["counts"])),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureRun:
    """Erases projects."""

    pool: Pool
    store: MediaStore
    keyring: Keyring
    platforms: Platforms
    worker_id: str

    async def run(self, job: ErasureJob, *, now: datetime | None) -> None:
        """Erase a project. Raises LeaseLost. After an error it waits for the next attempt: an erasure never fails.

        `now` is None in production: the database's time.
        """
        name = public_id(ERASURE, job.id)
        try:
            await self._erase(job, now)
        except (PressworkError, asyncpg.ForeignKeyViolationError) as error:
            message = error.message if isinstance(error, PressworkError) else _CHANGED
            log.warning("erasure interrupted", erasure=name, error=message)
            after = backoff(_FIRST_RETRY, _LONGEST_RETRY, failures=job.attempts - 1)
            await self.pool.execute(SQL["retry"], self.worker_id, job.id, message, now, after)
        else:
            log.info("erasure done", erasure=name, **{key: job.counts[key] for key in _COUNTED})

    async def _erase(self, job: ErasureJob, now: datetime | None) -> None:
        if not await self.pool.fetchval(SQL["count_total"], self.worker_id, job.id):
            raise LeaseLost
        await self.pool.execute(SQL["stop_exports"], job.project_id, now)
        await self._erase_replies(job)
        await self._erase_bulk_items(job)
        await self._end_access(job, now)
        for work in (self._comments, self._saved_replies, self._snippets):
            await self._repeat(job, lambda db, work=work: work(db, job))  # type: ignore[misc]  # the default binds it
        while await self._erase_content(job):
            pass
        await self._repeat(job, lambda db: self._posts(db, job, "lock_posts_left", job.project_id))
        for work in (
            self._accounts,
            self._queues,
            self._links,
            self._layers,
            self._drafts,
            self._logins,
            self._endpoints,
        ):
            await self._repeat(job, lambda db, work=work: work(db, job))  # type: ignore[misc]  # the default binds it
        await self._erase_deliveries(job)
        await self._erase_exports(job)
        await self.store.delete_folder(f"logos/{job.organization_id}/{job.project_id}")
        await self._finish(job, now)

    async def _commit(self, job: ErasureJob, work: Work) -> bool:
        """Remove a batch and write its counts in one transaction. Return whether it removed anything."""
        async with self.pool.acquire() as connection, connection.transaction():
            removed = await work(connection)
            counts = job.counts + removed
            done = job.done + sum(removed[key] for key in _COUNTED)
            if removed and not await connection.fetchval(SQL["move"], self.worker_id, job.id, done, json.dumps(counts)):
                raise LeaseLost
        job.counts, job.done = counts, done
        return bool(removed)

    async def _repeat(self, job: ErasureJob, work: Work) -> None:
        while await self._commit(job, work):
            pass

    async def _erase_replies(self, job: ErasureJob) -> None:
        for caller in await self.pool.fetch(SQL["callers_of"], job.organization_id):
            position: tuple[str, str] = ("", "")
            is_open = True
            while is_open:

                async def page(db: Connection, caller: UUID = caller["id"]) -> Counter[str]:
                    nonlocal position, is_open
                    row = await db.fetchrow(SQL["erase_replies"], caller, *position, job.project_id, _REPLIES)
                    is_open = row is not None and row["route"] is not None
                    if row is None or row["route"] is None:
                        return Counter()
                    position = row["route"], row["idempotency_key"]
                    return +Counter({"storedReplies": row["deleted"]})

                await self._commit(job, page)

    async def _erase_bulk_items(self, job: ErasureJob) -> None:
        for bulk in await self.pool.fetch(SQL["bulk_jobs_of"], job.organization_id, job.environment.value):

            async def some(db: Connection, bulk_id: UUID = bulk["id"]) -> Counter[str]:
                count = await db.fetchval(SQL["erase_bulk_items"], bulk_id, job.project_id, _POSTS)
                return +Counter({"bulkItems": count or 0})

            await self._repeat(job, some)

    async def _end_access(self, job: ErasureJob, now: datetime | None) -> None:
        """Delete the tokens, then revoke the grants, as far as no account of another project uses them."""
        now = await self.pool.fetchval("SELECT coalesce($1, now())", now)
        while rows := await self.pool.fetch(SQL["forget_tokens"], job.project_id, now, _CONTAINERS):
            for row in rows:
                await revoke_grant(self.pool, self.keyring, self.platforms, row)

    async def _erase_content(self, job: ErasureJob) -> bool:
        """Erase some containers: their objects, their posts, then their rows. Return whether there may be more."""
        containers = await self.pool.fetch(SQL["containers_of"], job.project_id, _CONTAINERS)
        ids = [row["id"] for row in containers]
        for row in containers:
            for folder in ("originals", "previews"):
                await self.store.delete_folder(f"{folder}/{job.organization_id}/{row['id']}")
            for asset_id in row["asset_ids"]:
                await self.store.delete_folder(f"renditions/{asset_id}")
        if ids:
            await self._repeat(job, lambda db: self._posts(db, job, "lock_posts", ids))
            await self._commit(job, lambda db: self._containers(db, job, ids))
        return bool(ids)

    async def _posts(
        self, db: Connection, job: ErasureJob, statement: str, key: "UUID | Sequence[UUID]"
    ) -> Counter[str]:
        ids = [row["id"] for row in await db.fetch(SQL[statement], key, _POSTS)]
        if not ids:
            return Counter()
        for dependent in _OF_POSTS:
            await db.execute(SQL[dependent], ids)
        posts = affected(await db.execute(SQL["delete_posts"], ids))
        return Counter({"posts": posts, **await self._audit(db, job, [public_id(POST, one) for one in ids])})

    async def _containers(self, db: Connection, job: ErasureJob, ids: Sequence[UUID]) -> Counter[str]:
        await db.execute(SQL["lock_containers"], ids)
        for dependent in _OF_CONTAINERS:
            await db.execute(SQL[dependent], ids)
        recurrences = [row["id"] for row in await db.fetch(SQL["delete_recurrences"], ids)]
        messages = affected(await db.execute(SQL["delete_text_messages"], ids))
        files = affected(await db.execute(SQL["delete_assets"], ids))
        content = affected(await db.execute(SQL["delete_containers"], ids))
        objects = [public_id(CONTAINER, one) for one in ids] + [public_id(RECURRENCE, one) for one in recurrences]
        audit = await self._audit(db, job, objects)
        return +Counter(
            {
                "content": content,
                "recurrences": len(recurrences),
                "mediaFiles": files,
                "textMessages": messages,
                **audit,
            }
        )

    async def _accounts(self, db: Connection, job: ErasureJob) -> Counter[str]:
        ids = [row["id"] for row in await db.fetch(SQL["lock_accounts"], job.project_id, _ROWS)]
        if not ids:
            return Counter()
        await db.execute(SQL["delete_platform_notices"], ids)
        accounts = affected(await db.execute(SQL["delete_accounts"], ids))
        return Counter({"accounts": accounts, **await self._audit(db, job, [public_id(ACCOUNT, one) for one in ids])})

    async def _comments(self, db: Connection, job: ErasureJob) -> Counter[str]:
        ids = [row["id"] for row in await db.fetch(SQL["lock_comments"], job.project_id, _POSTS)]
        if not ids:
            return Counter()
        comments = affected(await db.execute(SQL["delete_comments"], ids))
        return Counter({"comments": comments, **await self._audit(db, job, [public_id(COMMENT, one) for one in ids])})

    async def _saved_replies(self, db: Connection, job: ErasureJob) -> Counter[str]:
        ids = [row["id"] for row in await db.fetch(SQL["lock_saved_replies"], job.project_id, _ROWS)]
        if not ids:
            return Counter()
        replies = affected(await db.execute(SQL["delete_saved_replies"], ids))
        audit = await self._audit(db, job, [public_id(SAVED_REPLY, one) for one in ids])
        return Counter({"savedReplies": replies, **audit})

    async def _snippets(self, db: Connection, job: ErasureJob) -> Counter[str]:
        ids = [row["id"] for row in await db.fetch(SQL["lock_snippets"], job.project_id, _ROWS)]
        if not ids:
            return Counter()
        snippets = affected(await db.execute(SQL["delete_snippets"], ids))
        audit = await self._audit(db, job, [public_id(SNIPPET, one) for one in ids])
        return Counter({"snippets": snippets, **audit})

    async def _queues(self, db: Connection, job: ErasureJob) -> Counter[str]:
        ids = [row["id"] for row in await db.fetch(SQL["lock_queues"], job.project_id, _ROWS)]
        if not ids:
            return Counter()
        queues = affected(await db.execute(SQL["delete_queues"], ids))
        return Counter({"queues": queues, **await self._audit(db, job, [public_id(QUEUE, one) for one in ids])})

    async def _links(self, db: Connection, job: ErasureJob) -> Counter[str]:
        rows = await db.fetch(SQL["lock_links"], job.project_id, _ROWS)
        if not rows:
            return Counter()
        links = affected(await db.execute(SQL["delete_links"], [row["id"] for row in rows]))
        return Counter({"links": links, **await self._audit(db, job, [row["object_id"] for row in rows])})

    async def _layers(self, db: Connection, job: ErasureJob) -> Counter[str]:
        ids = [row["id"] for row in await db.fetch(SQL["lock_layers"], job.project_id, _ROWS)]
        if not ids:
            return Counter()
        layers = affected(await db.execute(SQL["delete_layers"], ids))
        return Counter({"layers": layers, **await self._audit(db, job, [public_id(LAYER, one) for one in ids])})

    async def _drafts(self, db: Connection, job: ErasureJob) -> Counter[str]:
        return +Counter({"drafts": affected(await db.execute(SQL["delete_drafts"], job.project_id, _ROWS))})

    async def _logins(self, db: Connection, job: ErasureJob) -> Counter[str]:
        return +Counter({"logins": affected(await db.execute(SQL["delete_logins"], job.project_id, _ROWS))})

    async def _endpoints(self, db: Connection, job: ErasureJob) -> Counter[str]:
        """Delete deliveries of the project's endpoints, and the endpoints when they have none."""
        ids = [row["id"] for row in await db.fetch(SQL["lock_endpoints"], job.project_id, _ROWS)]
        if not ids:
            return Counter()
        if deliveries := affected(await db.execute(SQL["delete_deliveries_of"], ids, _DELIVERIES)):
            return Counter({"webhookDeliveries": deliveries})
        endpoints = affected(await db.execute(SQL["delete_endpoints"], ids))
        audit = await self._audit(db, job, [public_id(ENDPOINT, one) for one in ids])
        return Counter({"webhookEndpoints": endpoints, **audit})

    async def _erase_deliveries(self, job: ErasureJob) -> None:
        """Delete what the logs of other endpoints, and streams, have about the project."""
        project = public_id(PROJECT, job.project_id)
        after: UUID | None = UUID(int=0)
        while after is not None:

            async def page(db: Connection, start: UUID = after) -> Counter[str]:
                nonlocal after
                row = await db.fetchrow(SQL["erase_deliveries"], start, job.organization_id, project, _DELIVERIES)
                after = None if row is None else row["last_id"]
                return +Counter({"webhookDeliveries": 0 if row is None else row["deleted"]})

            await self._commit(job, page)
        await self.pool.execute(SQL["erase_waiting_events"], job.project_id)
        await self.pool.execute(SQL["erase_stream_events"], job.organization_id, job.environment.value, job.project_id)

    async def _erase_exports(self, job: ErasureJob) -> None:
        while rows := await self.pool.fetch(SQL["exports_of"], job.project_id, _ROWS):
            ids = [row["id"] for row in rows]
            for export_id in ids:
                await self.store.delete(f"exports/{export_id}.zip")

            async def delete(db: Connection, ids: Sequence[UUID] = ids) -> Counter[str]:
                return +Counter({"exports": affected(await db.execute(SQL["delete_exports"], ids))})

            await self._commit(job, delete)

    async def _finish(self, job: ErasureJob, now: datetime | None) -> None:
        """Delete the project's row and complete the receipt in one transaction."""
        async with self.pool.acquire() as connection, connection.transaction():
            audit = await self._audit(connection, job, [public_id(PROJECT, job.project_id)])
            await connection.execute(SQL["delete_project"], job.project_id)
            counts = job.counts + audit
            if not await connection.fetchval(SQL["finish"], self.worker_id, job.id, json.dumps(counts), now):
                raise LeaseLost
        job.counts = counts

    async def _audit(self, db: Connection, job: ErasureJob, objects: Sequence[str]) -> Counter[str]:
        """Remove the details of what was done to these objects; who did it, what and when stays."""
        return +Counter({"auditEntries": await db.fetchval(SQL["erase_audit"], job.project_id, objects)})
