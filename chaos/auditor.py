"""Read everything that the ledger compares: from the database, the API and the platforms."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

import aiohttp
import asyncpg
from pydantic import JsonValue

from chaos.client import Client, Response
from chaos.counterchecks import (
    ListedPost,
    Occurrence,
    SlotState,
    check_accounts,
    check_contents,
    check_keys,
    check_limits,
    check_listed_posts,
    check_recurrences,
)
from chaos.journal import JournalReader, count_stored_refreshes
from chaos.ledger import Ledger, PlatformItem, StoredPost, Verdict
from chaos.platforms import PLATFORMS
from chaos.record import CallerRecord
from chaos.replies import is_of_conversation
from chaos.world import PHONE, Account, World, maps
from presswork.core.ids import ACCOUNT, CONTAINER, POST, RECURRENCE, public_id
from presswork.crypto.keyring import key_id_of, load_keyring
from presswork.platforms.settings import Settings

_CAPTION_LENGTH: Final = len("No. ") + 16
_ARRIVED: Final = frozenset({"queued", "sending", "sent", "delivered"})
"""States of an SMS that is delivered or will be."""
_TIMELINES_EVERY: Final = 20
"""One in this many timelines is also read through the API."""

_POSTS: Final = """
SELECT p.id, p.status, p.last_error::json ->> 'code' AS code, p.last_error::json ->> 'step' AS step,
       p.delivery_reference AS reference, p.external_id, p.external_url, p.first_comment_status AS comment_status,
       p.thread_status, coalesce(e.events, '{}') AS events, e.look_up_time, p.live_status, p.live_advice,
       p.last_edit ->> 'status' AS edit_status, c.post_id IS NOT NULL AS is_changing
  FROM scheduled_posts p LEFT JOIN live_changes c ON c.post_id = p.id AND c.ended_at IS NULL LEFT JOIN (
       SELECT post_id, array_agg(event ORDER BY id) AS events,
              max(at) FILTER (WHERE event = 'failed') - max(at) FILTER (WHERE event = 'going_live') AS look_up_time
         FROM post_events GROUP BY post_id) e ON e.post_id = p.id
"""

_WITHOUT_LEASE: Final = """
SELECT id FROM scheduled_posts
 WHERE (status = 'queued' AND run_at IS NULL) OR (status = 'publishing' AND leased_until IS NULL)
    OR (status IN ('published', 'draft', 'failed', 'canceled') AND (leased_by IS NOT NULL OR leased_until IS NOT NULL))
"""
"""Posts without a lease owner or expiry, and ended posts that are still leased."""

USAGE_DIFFERENCES: Final = """
SELECT organization_id, environment, project_id, day, platform, kind, coalesce(p.posts, 0) AS posts,
       coalesce(u.amount, 0) AS counted
  FROM (SELECT s.organization_id, s.environment, s.project_id, (e.at AT TIME ZONE 'UTC')::date AS day, s.platform,
               s.status AS kind, count(*) AS posts
          FROM scheduled_posts s JOIN post_events e ON e.post_id = s.id
               AND e.event = CASE s.status WHEN 'draft' THEN 'drafted' ELSE s.status END
         WHERE s.status IN ('published', 'draft', 'failed', 'canceled') GROUP BY 1, 2, 3, 4, 5, 6) p
  FULL JOIN (SELECT organization_id, environment, project_id, day, platform, kind, sum(amount) AS amount
               FROM usage_entries WHERE kind IN ('published', 'draft', 'failed', 'canceled')
              GROUP BY 1, 2, 3, 4, 5, 6) u
 USING (organization_id, environment, project_id, day, platform, kind)
 WHERE coalesce(p.posts, 0) <> coalesce(u.amount, 0)
"""
"""Where the usage of organizations is not the number of their posts that ended, by their timelines."""

QUEUED_OF_CUSTOMER: Final = """
SELECT count(*) FROM scheduled_posts p JOIN organization_limits l USING (organization_id)
 WHERE p.status IN ('queued', 'publishing')
"""

_SLOTS: Final = """
SELECT id AS post, queue_id AS queue, slot_at, social_account_id AS account, status
  FROM scheduled_posts WHERE queue_id IS NOT NULL
 UNION ALL
SELECT post_id, queue_id, slot_at, social_account_id, NULL FROM queue_holds
"""

_OCCURRENCES: Final = """
SELECT o.recurrence_id AS recurrence, o.at, ARRAY(
           SELECT coalesce(p.caption_override, '') FROM scheduled_posts p
            WHERE p.recurrence_id = o.recurrence_id AND p.id = ANY(o.post_ids)) AS captions
  FROM recurrence_occurrences o
"""
_STRAY_OCCURRENCES: Final = """
SELECT p.id FROM scheduled_posts p
 WHERE p.recurrence_id IS NOT NULL AND NOT EXISTS (
       SELECT FROM recurrence_occurrences o WHERE o.recurrence_id = p.recurrence_id AND p.id = ANY(o.post_ids))
"""

_MONTHS: Final = """
SELECT coalesce(m.posts, 0) AS counted, coalesce(p.posts, 0) AS stored
  FROM (SELECT organization_id, environment, date_trunc('month', created_at AT TIME ZONE 'UTC')::date AS month,
               count(*) AS posts
          FROM scheduled_posts JOIN organization_limits USING (organization_id) GROUP BY 1, 2, 3) p
  FULL JOIN (SELECT organization_id, environment, month, posts FROM post_months WHERE posts > 0) m
 USING (organization_id, environment, month)
"""

OVERDUE = """
SELECT count(*) FILTER (WHERE leased_until < now() - interval '2 minutes') AS overdue,
       count(*) FILTER (WHERE leased_until IS NULL) AS unowned
  FROM scheduled_posts WHERE status = 'publishing'
"""


class Auditor:
    """Checks a finished run."""

    def __init__(
        self,
        world: World,
        record: CallerRecord,
        client: Client,
        *,
        sandbox_url: str,
        journal: JournalReader,
        folder: Path,
    ) -> None:
        """Check `record`, the callers' responses, against the sandbox, its `journal`, and the logs in `folder`."""
        self._world: Final = world
        self._record: Final = record
        self._client: Final = client
        self._sandbox_url: Final = sandbox_url
        self._journal: Final = journal
        self._folder: Final = folder
        self._keyring: Final = load_keyring(Settings(data_dir=folder))
        self._ledger: Final = Ledger(record)
        self._verdict: Final = self._ledger.verdict

    async def check(self, pool: "asyncpg.Pool[asyncpg.Record]", session: aiohttp.ClientSession) -> Verdict:
        """Return the verdict."""
        verdict, accepted = self._verdict, self._record.accepted
        if self._client.traffic.internal:
            verdict.add_violation("responses with status 500", str(self._client.traffic.internal))
        await self._check_keys(pool)
        await self._check_contents(pool)
        without_access = await _without_access(pool)
        ended = await self._check_accounts(without_access)
        if self._journal.counts.unread:
            verdict.add_violation("platform calls that were not counted", str(self._journal.counts.unread))
        for row in await pool.fetch(_WITHOUT_LEASE):
            verdict.add_violation("posts without lease owner or expiry", public_id(POST, row["id"]))
        before = await _rows(pool)
        for row in await pool.fetch(USAGE_DIFFERENCES):
            what = f"{row['day']} {row['platform']} {row['kind']} {row['counted']}, not {row['posts']}"
            verdict.add_violation("usage that is not what ended", what)
        listed, timelines = await self._listed_posts(before)
        rows = await _rows(pool)  # a URL may have been stored in between
        check_listed_posts(verdict, listed, timelines, before, rows)
        captions = {
            row.reference: accepted[post].caption
            for post, row in rows.items()
            if row.reference is not None and post in accepted
        }
        shown = await self._shown(session, captions)
        return self._ledger.check(rows, shown, ended=ended, without_access=without_access)

    async def _check_keys(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        for key in self._client.contradictions:
            self._verdict.add_violation("idempotency keys with two different responses", key)
        kept = await pool.fetch("SELECT idempotency_key, status, body FROM idempotency_keys")
        responses = [
            (row["idempotency_key"], Response(status=row["status"], body=self._opened(row["body"]))) for row in kept
        ]
        believed = self._record.believe(dict(responses))
        check_keys(self._verdict, self._client.responses | believed, responses)

    def _opened(self, body: bytes) -> bytes:
        """Return a stored response as it was sent: responses with a secret are stored encrypted."""
        return body if key_id_of(body) is None else self._keyring.open(body)

    async def _check_contents(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        rows = await pool.fetch("SELECT id, approval_status FROM content_containers")
        there = {public_id(CONTAINER, row["id"]): row["approval_status"] for row in rows}
        check_contents(self._verdict, self._record.contents, there)

    async def _check_accounts(self, without_access: Collection[str]) -> set[str]:
        """Return the accounts whose access ended, and record a violation for those that lost it unnecessarily."""
        again = self._record.reconnections
        self._verdict.reconnections = sum(again.values())
        ended = {*without_access, *again}
        stored = await count_stored_refreshes(self._folder, self._journal)
        check_accounts(self._verdict, self._world.all_accounts, ended, stored=stored, counts=self._journal.counts)
        return ended

    async def _listed_posts(self, posts: Collection[str]) -> tuple[Sequence[ListedPost], Mapping[str, Sequence[str]]]:
        """Return what the API returns: all listed posts, and some of the timelines."""
        listed: list[ListedPost] = []
        customer = self._world.customer
        clients = dict.fromkeys(self._world.projects, self._client) | {customer.project: customer.client}
        for project, client in clients.items():
            cursor = ""
            while True:
                page = await client.get_ok(f"/v1/projects/{project}/scheduled-posts?limit=100{cursor}")
                listed += [ListedPost.of(item) for item in maps(page["items"])]
                if page["nextCursor"] is None:
                    break
                cursor = f"&cursor={page['nextCursor']}"
        timelines = {}
        for post in list(posts)[::_TIMELINES_EVERY]:
            of_customer = post in self._record.accepted and self._record.accepted[post].account in customer.accounts
            client = customer.client if of_customer else self._client
            lines = (await client.get_ok(f"/v1/scheduled-posts/{post}/timeline"))["items"]
            timelines[post] = [str(line["event"]) for line in maps(lines)]
        return listed, timelines

    async def _shown(self, session: aiohttp.ClientSession, captions: Mapping[str, str]) -> Sequence[PlatformItem]:
        """Return all items on the platforms. `captions` is keyed by the platform's reference: a video in an inbox has no caption."""
        shown: list[PlatformItem] = []
        for account in self._world.all_accounts:
            posts = [
                _live(item, account.platform)
                for item in await self._read(session, "posts", account)
                if PLATFORMS[account.platform].is_shown(_params(item))
                and not _is_part(item)
                and not _is_comment(item)
                and not is_of_conversation(str(item["caption"]))
            ]
            self._verdict.live += len(posts)
            shown += posts
            deleted = [
                _live(item, account.platform, where="deleted")
                for item in await self._read(session, "posts", account, deleted="true")
                if PLATFORMS[account.platform].is_shown(_params(item))
                and not _is_part(item)
                and not is_of_conversation(str(item["caption"]))
            ]
            self._verdict.deleted += len(deleted)
            shown += deleted
            if PLATFORMS[account.platform].part_length is not None:
                replies = await self._read(session, "posts", account, replies="true")
                shown += [_live(item, account.platform, where="part") for item in replies if _is_part(item)]
                shown += [_live(item, account.platform, where="comment") for item in replies if _is_comment(item)]
            if PLATFORMS[account.platform].has_inbox:
                drafts = await self._read(session, "drafts", account)
                self._verdict.drafts += len(drafts)
                shown += [_draft(item, account.platform, captions) for item in drafts]
            if account.is_managed:
                dispatches = await self._read(session, "dispatches", account)
                self._verdict.dispatches += len(dispatches)
                there = {one.caption for one in (*posts, *deleted)}
                for item in dispatches:
                    payload = item["payload"]
                    caption = str(payload.get("caption")) if isinstance(payload, dict) else ""
                    if item["status"] == "published" and caption not in there:
                        shown.append(PlatformItem(where="provider", handle=account.handle, caption=caption, hashes=[]))
        async with session.get(f"{self._sandbox_url}/control/messages?handle={PHONE.removeprefix('+')}") as reply:
            texts = (await reply.json())["items"]
        self._verdict.texts = len(texts)
        for text in texts:
            at = str(text["body"]).find("No. ")
            if at >= 0 and text["status"] in _ARRIVED:
                caption = str(text["body"])[at : at + _CAPTION_LENGTH]
                shown.append(PlatformItem(where="text", handle="", caption=caption, hashes=_hashes(text)))
        return shown

    async def _read(
        self, session: aiohttp.ClientSession, what: str, account: Account, **more: str
    ) -> Sequence[Mapping[str, JsonValue]]:
        url = f"{self._sandbox_url}/control/{what}?platform={account.platform}&handle={account.handle}"
        url += "".join(f"&{name}={value}" for name, value in more.items())
        async with session.get(url) as reply:
            reply.raise_for_status()
            found: Sequence[Mapping[str, JsonValue]] = json.loads(await reply.read())["items"]
        return found


async def read_slots(pool: "asyncpg.Pool[asyncpg.Record]") -> tuple[Sequence[SlotState], Sequence[SlotState]]:
    """Return the slots of posts, and what holds slots, at one instant."""
    found = [SlotState(**{**row, "post": public_id(POST, row["post"])}) for row in await pool.fetch(_SLOTS)]
    return [one for one in found if one.status is not None], [one for one in found if one.status is None]


async def check_planned(
    verdict: Verdict,
    record: CallerRecord,
    pool: "asyncpg.Pool[asyncpg.Record]",
    *,
    limits: Mapping[str, int],
    most_queued: int,
    unmade: Collection[str],
) -> None:
    """Check what recurred, and the limits of the customer. `unmade` are the recurrences of which not all were to be made."""
    check_recurrences(
        verdict,
        record.recurrences,
        [
            Occurrence(recurrence=public_id(RECURRENCE, row["recurrence"]), at=row["at"], captions=row["captions"])
            for row in await pool.fetch(_OCCURRENCES)
        ],
        unmade,
    )
    for row in await pool.fetch(_STRAY_OCCURRENCES):
        verdict.add_violation("occurrences that were not made once each", public_id(POST, row["id"]))
    months = [(row["stored"], row["counted"]) for row in await pool.fetch(_MONTHS)]
    check_limits(verdict, limits, record.limit_refusals, most_queued=most_queued, months=months)


async def _without_access(pool: "asyncpg.Pool[asyncpg.Record]") -> Collection[str]:
    rows = await pool.fetch("SELECT id FROM social_accounts WHERE status = 'reauth_required'")
    return {public_id(ACCOUNT, row["id"]) for row in rows}


async def _rows(pool: "asyncpg.Pool[asyncpg.Record]") -> Mapping[str, StoredPost]:
    return {public_id(POST, row["id"]): _stored(row) for row in await pool.fetch(_POSTS)}


def _stored(row: asyncpg.Record) -> StoredPost:
    names = (
        "status",
        "code",
        "step",
        "reference",
        "external_id",
        "external_url",
        "comment_status",
        "thread_status",
        "events",
        "look_up_time",
        "live_status",
        "live_advice",
        "edit_status",
        "is_changing",
    )
    return StoredPost(**{name: row[name] for name in names})


def _hashes(item: Mapping[str, JsonValue]) -> Sequence[str]:
    media = item.get("media")
    return [str(one["sha256"]) for one in media if isinstance(one, dict)] if isinstance(media, list) else []


def _live(item: Mapping[str, JsonValue], platform: str, *, where: str = "feed") -> PlatformItem:
    comments, at = item.get("comments"), item.get("deletedAt" if where == "deleted" else "createdAt")
    return PlatformItem(
        where=where,
        handle=str(item["handle"]),
        caption=str(item["caption"]),
        hashes=_hashes(item),
        comments=[str(one) for one in comments if not is_of_conversation(str(one))]
        if isinstance(comments, list)
        else [],
        is_labelled=PLATFORMS[platform].is_labelled(_params(item)),
        external_id=str(item.get("externalId")),
        external_url=str(item.get("url")),
        at=datetime.fromisoformat(at) if isinstance(at, str) else None,
    )


def _is_part(item: Mapping[str, JsonValue]) -> bool:
    """Whether an item follows the first one of a thread: some lists have those, too."""
    return str(item["caption"]).startswith("Part ")


def _is_comment(item: Mapping[str, JsonValue]) -> bool:
    """Whether an item is a first comment, which is a post on some platforms."""
    return str(item["caption"]).startswith("First comment ")


def _params(item: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    params = item.get("params")
    return params if isinstance(params, dict) else {}


def _draft(item: Mapping[str, JsonValue], platform: str, captions: Mapping[str, str]) -> PlatformItem:
    name = str(item["publishId"])
    return replace(_live(item, platform, where="inbox"), caption=str(item["caption"] or captions.get(name, name)))
