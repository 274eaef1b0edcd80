"""Reads all that the ledger compares: from the database, and from the platforms' side."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import aiohttp
import asyncpg
from pydantic import JsonValue

from chaos.client import Client
from chaos.ledger import Ledger, Shown, Stored, Verdict
from chaos.load import Memory
from chaos.scene import PHONE, Account, Scene

_CAPTION_LENGTH: Final = len("No. ") + 16
_ARRIVED: Final = frozenset({"queued", "sending", "sent", "delivered"})
"""States of a text message that a person has, or will have."""

_POSTS: Final = """
SELECT id, status, last_error::json ->> 'code' AS code, last_error::json ->> 'step' AS step, delivery_reference AS reference FROM scheduled_posts
"""

_EVENTS: Final = """
SELECT post_id, array_agg(event ORDER BY id) AS events FROM post_events GROUP BY post_id
"""

_STRAYS: Final = """
SELECT id FROM scheduled_posts
 WHERE (status = 'queued' AND run_at IS NULL) OR (status = 'publishing' AND leased_until IS NULL)
    OR (status IN ('published', 'draft', 'failed', 'canceled') AND (leased_by IS NOT NULL OR leased_until IS NOT NULL))
"""
"""Posts without an owner or a deadline, and ends that somebody still holds."""

OVERDUE = """
SELECT count(*) FROM scheduled_posts WHERE status = 'publishing' AND leased_until < now() - interval '2 minutes'
"""


class Auditor:
    """Checks a run that is over."""

    def __init__(self, scene: Scene, memory: Memory, client: Client, *, sandbox_url: str) -> None:
        """Take what the callers remember and where the other side is."""
        self._scene: Final = scene
        self._memory: Final = memory
        self._client: Final = client
        self._sandbox_url: Final = sandbox_url
        self._ledger: Final = Ledger(memory)
        self._verdict: Final = self._ledger.verdict

    async def check(self, pool: "asyncpg.Pool[asyncpg.Record]", session: aiohttp.ClientSession) -> Verdict:
        """Return the verdict."""
        verdict, accepted = self._verdict, self._memory.accepted
        for key in self._client.contradictions:
            verdict.blame("idempotency keys with two different answers", key)
        if self._client.traffic.internal:
            verdict.blame("answers 500", str(self._client.traffic.internal))
        verdict.keys = len(self._client.answers)
        verdict.ended_accounts = await pool.fetchval(
            "SELECT count(*) FROM social_accounts WHERE status = 'reauth_required'"
        )
        for row in await pool.fetch(_STRAYS):
            verdict.blame("posts without owner or deadline", f"sp_{row['id']}")
        rows = {f"sp_{row['id']}": _stored(row) for row in await pool.fetch(_POSTS)}
        events = {f"sp_{row['post_id']}": row["events"] for row in await pool.fetch(_EVENTS)}
        captions = {
            row.reference: accepted[post].caption
            for post, row in rows.items()
            if row.reference is not None and post in accepted
        }
        return self._ledger.check(rows, events, await self._shown(session, captions))

    async def _shown(self, session: aiohttp.ClientSession, captions: Mapping[str, str]) -> Sequence[Shown]:
        """Return what is there. `captions` by the platform's reference: a video in an inbox comes without its caption."""
        shown: list[Shown] = []
        for account in [*self._scene.accounts, *self._scene.gated_accounts]:
            posts = await self._read(session, "posts", account)
            self._verdict.live += len(posts)
            shown += [_live(item) for item in posts]
            if account.platform == "tiktok":
                drafts = await self._read(session, "drafts", account)
                self._verdict.drafts += len(drafts)
                shown += [_draft(item, captions) for item in drafts]
            if account.is_managed:
                dispatches = await self._read(session, "dispatches", account)
                self._verdict.dispatches += len(dispatches)
                for item in dispatches:
                    payload = item["payload"]
                    caption = str(payload.get("caption")) if isinstance(payload, dict) else ""
                    if item["status"] == "published" and caption not in {one.caption for one in shown}:
                        shown.append(Shown(where="provider", handle=account.handle, caption=caption, hashes=[]))
        async with session.get(f"{self._sandbox_url}/control/messages?handle={PHONE.removeprefix('+')}") as reply:
            texts = (await reply.json())["items"]
        self._verdict.texts = len(texts)
        for text in texts:
            at = str(text["body"]).find("No. ")
            if at >= 0 and text["status"] in _ARRIVED:
                caption = str(text["body"])[at : at + _CAPTION_LENGTH]
                shown.append(Shown(where="text", handle="", caption=caption, hashes=[]))
        return shown

    async def _read(
        self, session: aiohttp.ClientSession, what: str, account: Account
    ) -> Sequence[Mapping[str, JsonValue]]:
        place = f"{self._sandbox_url}/control/{what}?platform={account.platform}&handle={account.handle}"
        async with session.get(place) as reply:
            reply.raise_for_status()
            found: Sequence[Mapping[str, JsonValue]] = json.loads(await reply.read())["items"]
        return found


def _stored(row: asyncpg.Record) -> Stored:
    return Stored(status=row["status"], code=row["code"], step=row["step"], reference=row["reference"])


def _live(item: Mapping[str, JsonValue], *, where: str = "feed") -> Shown:
    media, comments = item.get("media"), item.get("comments")
    return Shown(
        where=where,
        handle=str(item["handle"]),
        caption=str(item["caption"]),
        hashes=[str(one["sha256"]) for one in media if isinstance(one, dict)] if isinstance(media, list) else [],
        comments=[str(one) for one in comments] if isinstance(comments, list) else [],
    )


def _draft(item: Mapping[str, JsonValue], captions: Mapping[str, str]) -> Shown:
    name = str(item["publishId"])
    return replace(_live(item, where="inbox"), caption=str(item["caption"] or captions.get(name, name)))
