"""Reads all that the ledger compares: from the database, through the API, and from the platforms' side."""

import asyncio
import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import aiohttp
import asyncpg
from pydantic import JsonValue

from chaos.client import Answer, Client
from chaos.counterchecks import Told, check_accounts, check_contents, check_keys, check_told
from chaos.journal import Met
from chaos.ledger import Ledger, Shown, Stored, Verdict
from chaos.load import Memory
from chaos.scene import PHONE, Account, Scene, maps
from presswork.core.ids import ACCOUNT, CONTAINER, POST, public_id
from presswork.core.settings import Settings
from presswork.crypto.keyring import key_id_of, load_keyring

_CAPTION_LENGTH: Final = len("No. ") + 16
_ARRIVED: Final = frozenset({"queued", "sending", "sent", "delivered"})
"""States of a text message that a person has, or will have."""
_TIMELINES_EVERY: Final = 20
"""Of so many posts, one timeline is read through the API too."""

_POSTS: Final = """
SELECT p.id, p.status, p.last_error::json ->> 'code' AS code, p.last_error::json ->> 'step' AS step,
       p.delivery_reference AS reference, p.external_id, p.external_url, p.first_comment_status AS comment_status,
       coalesce(e.events, '{}') AS events, e.asked_for
  FROM scheduled_posts p LEFT JOIN (
       SELECT post_id, array_agg(event ORDER BY id) AS events,
              max(at) FILTER (WHERE event = 'failed') - max(at) FILTER (WHERE event = 'going_live') AS asked_for
         FROM post_events GROUP BY post_id) e ON e.post_id = p.id
"""

_STRAYS: Final = """
SELECT id FROM scheduled_posts
 WHERE (status = 'queued' AND run_at IS NULL) OR (status = 'publishing' AND leased_until IS NULL)
    OR (status IN ('published', 'draft', 'failed', 'canceled') AND (leased_by IS NOT NULL OR leased_until IS NOT NULL))
"""
"""Posts without an owner or a deadline, and ends that somebody still holds."""

OVERDUE = """
SELECT count(*) FILTER (WHERE leased_until < now() - interval '2 minutes') AS overdue,
       count(*) FILTER (WHERE leased_until IS NULL) AS unowned
  FROM scheduled_posts WHERE status = 'publishing'
"""


class Auditor:
    """Checks a run that is over."""

    def __init__(
        self, scene: Scene, memory: Memory, client: Client, *, sandbox_url: str, met: Met, folder: Path
    ) -> None:
        """Take what the callers remember, where the other side is, what it met, and the program's folder, with its logs."""
        self._scene: Final = scene
        self._memory: Final = memory
        self._client: Final = client
        self._sandbox_url: Final = sandbox_url
        self._met: Final = met
        self._folder: Final = folder
        self._keyring: Final = load_keyring(Settings(data_dir=folder))
        self._ledger: Final = Ledger(memory)
        self._verdict: Final = self._ledger.verdict

    async def check(self, pool: "asyncpg.Pool[asyncpg.Record]", session: aiohttp.ClientSession) -> Verdict:
        """Return the verdict."""
        verdict, accepted = self._verdict, self._memory.accepted
        if self._client.traffic.internal:
            verdict.blame("answers 500", str(self._client.traffic.internal))
        if self._met.unread:
            verdict.blame("calls to the platforms that were not counted", str(self._met.unread))
        await self._check_keys(pool)
        await self._check_contents(pool)
        ended = await self._check_accounts(pool)
        for row in await pool.fetch(_STRAYS):
            verdict.blame("posts without owner or deadline", public_id(POST, row["id"]))
        before = await _rows(pool)
        told, timelines = await self._told(before)
        rows = await _rows(pool)  # an address may still have come in between
        check_told(verdict, told, timelines, before, rows)
        captions = {
            row.reference: accepted[post].caption
            for post, row in rows.items()
            if row.reference is not None and post in accepted
        }
        return self._ledger.check(rows, await self._shown(session, captions), ended=ended)

    async def _check_keys(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        for key in self._client.contradictions:
            self._verdict.blame("idempotency keys with two different answers", key)
        kept = await pool.fetch("SELECT idempotency_key, status, body FROM idempotency_keys")
        answers = [
            (row["idempotency_key"], Answer(status=row["status"], body=self._opened(row["body"]))) for row in kept
        ]
        check_keys(self._verdict, self._client.answers, answers)

    def _opened(self, body: bytes) -> bytes:
        """Return a stored answer as it was given: one that shows a secret is stored sealed."""
        return body if key_id_of(body) is None else self._keyring.open(body)

    async def _check_contents(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        rows = await pool.fetch("SELECT id, approval_status FROM content_containers")
        there = {public_id(CONTAINER, row["id"]): row["approval_status"] for row in rows}
        check_contents(self._verdict, self._memory.contents, there)

    async def _check_accounts(self, pool: "asyncpg.Pool[asyncpg.Record]") -> set[str]:
        """Return the accounts whose access ended, and blame those that lost it without need."""
        again = self._memory.connected_again
        self._verdict.connected_again = sum(again.values())
        rows = await pool.fetch("SELECT id FROM social_accounts WHERE status = 'reauth_required'")
        ended = {public_id(ACCOUNT, row["id"]) for row in rows} | again.keys()
        stored = await asyncio.to_thread(self._renewals_stored)
        accounts = [*self._scene.accounts, *self._scene.gated_accounts]
        check_accounts(self._verdict, accounts, ended, stored=stored, met=self._met)
        return ended

    def _renewals_stored(self) -> Counter[str]:
        """Count how often each account's tokens were stored after a refresh, by the program's own log."""
        found: Counter[str] = Counter()
        for file in self._folder.glob("*.log"):
            with file.open(errors="replace") as lines:
                found.update(
                    str(json.loads(line)["account"]) for line in lines if '"event": "access refreshed"' in line
                )
        return found

    async def _told(self, posts: Collection[str]) -> tuple[Sequence[Told], Mapping[str, Sequence[str]]]:
        """Return what a person is shown: all that the lists say, and some of the timelines."""
        listed: list[Told] = []
        for project in (self._scene.project, self._scene.gated_project):
            cursor = ""
            while True:
                page = await self._client.get_ok(f"/v1/projects/{project}/scheduled-posts?limit=100{cursor}")
                listed += [Told.of(item) for item in maps(page["items"])]
                if page["nextCursor"] is None:
                    break
                cursor = f"&cursor={page['nextCursor']}"
        timelines = {}
        for post in list(posts)[::_TIMELINES_EVERY]:
            lines = (await self._client.get_ok(f"/v1/scheduled-posts/{post}/timeline"))["items"]
            timelines[post] = [str(line["event"]) for line in maps(lines)]
        return listed, timelines

    async def _shown(self, session: aiohttp.ClientSession, captions: Mapping[str, str]) -> Sequence[Shown]:
        """Return what is there. `captions` by the platform's reference: a video in an inbox comes without its caption."""
        shown: list[Shown] = []
        for account in [*self._scene.accounts, *self._scene.gated_accounts]:
            posts = [_live(item) for item in await self._read(session, "posts", account)]
            self._verdict.live += len(posts)
            shown += posts
            if account.platform == "tiktok":
                drafts = await self._read(session, "drafts", account)
                self._verdict.drafts += len(drafts)
                shown += [_draft(item, captions) for item in drafts]
            if account.is_managed:
                dispatches = await self._read(session, "dispatches", account)
                self._verdict.dispatches += len(dispatches)
                there = {one.caption for one in posts}
                for item in dispatches:
                    payload = item["payload"]
                    caption = str(payload.get("caption")) if isinstance(payload, dict) else ""
                    if item["status"] == "published" and caption not in there:
                        shown.append(Shown(where="provider", handle=account.handle, caption=caption, hashes=[]))
        async with session.get(f"{self._sandbox_url}/control/messages?handle={PHONE.removeprefix('+')}") as reply:
            texts = (await reply.json())["items"]
        self._verdict.texts = len(texts)
        for text in texts:
            at = str(text["body"]).find("No. ")
            if at >= 0 and text["status"] in _ARRIVED:
                caption = str(text["body"])[at : at + _CAPTION_LENGTH]
                shown.append(Shown(where="text", handle="", caption=caption, hashes=_hashes(text)))
        return shown

    async def _read(
        self, session: aiohttp.ClientSession, what: str, account: Account
    ) -> Sequence[Mapping[str, JsonValue]]:
        place = f"{self._sandbox_url}/control/{what}?platform={account.platform}&handle={account.handle}"
        async with session.get(place) as reply:
            reply.raise_for_status()
            found: Sequence[Mapping[str, JsonValue]] = json.loads(await reply.read())["items"]
        return found


async def _rows(pool: "asyncpg.Pool[asyncpg.Record]") -> Mapping[str, Stored]:
    return {public_id(POST, row["id"]): _stored(row) for row in await pool.fetch(_POSTS)}


def _stored(row: asyncpg.Record) -> Stored:
    names = (
        "status",
        "code",
        "step",
        "reference",
        "external_id",
        "external_url",
        "comment_status",
        "events",
        "asked_for",
    )
    return Stored(**{name: row[name] for name in names})


def _hashes(item: Mapping[str, JsonValue]) -> Sequence[str]:
    media = item.get("media")
    return [str(one["sha256"]) for one in media if isinstance(one, dict)] if isinstance(media, list) else []


def _live(item: Mapping[str, JsonValue], *, where: str = "feed") -> Shown:
    comments = item.get("comments")
    return Shown(
        where=where,
        handle=str(item["handle"]),
        caption=str(item["caption"]),
        hashes=_hashes(item),
        comments=[str(one) for one in comments] if isinstance(comments, list) else [],
        external_id=str(item.get("externalId")),
        external_url=str(item.get("url")),
    )


def _draft(item: Mapping[str, JsonValue], captions: Mapping[str, str]) -> Shown:
    name = str(item["publishId"])
    return replace(_live(item, where="inbox"), caption=str(item["caption"] or captions.get(name, name)))
