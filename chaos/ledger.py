"""The ledger: what the callers were answered, what the database holds, and what the other side shows, held together."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import aiohttp
import asyncpg
from pydantic import JsonValue

from chaos.client import Client
from chaos.load import Memory, Wanted
from chaos.scene import PHONE, Account, Scene

_TERMINAL: Final = frozenset({"published", "draft", "failed", "canceled"})
_END_EVENT: Final = {"published": "published", "draft": "drafted", "failed": "failed", "canceled": "canceled"}
_CAPTION_LENGTH: Final = len("No. ") + 16
_SHOWN: Final = 20
_ARRIVED: Final = frozenset({"queued", "sending", "sent", "delivered"})
"""States of a text message that a person has, or will have."""

POSTS = """
SELECT id, status, last_error::json ->> 'code' AS code, last_error::json ->> 'step' AS step, delivery_reference AS reference FROM scheduled_posts
"""

EVENTS = """
SELECT post_id, array_agg(event ORDER BY id) AS events FROM post_events GROUP BY post_id
"""

STRAYS = """
SELECT id FROM scheduled_posts
 WHERE (status = 'queued' AND run_at IS NULL) OR (status = 'publishing' AND leased_until IS NULL)
    OR (status IN ('published', 'draft', 'failed', 'canceled') AND (leased_by IS NOT NULL OR leased_until IS NOT NULL))
"""
"""Posts without an owner or a deadline, and ends that somebody still holds."""

OVERDUE = """
SELECT count(*) FROM scheduled_posts WHERE status = 'publishing' AND leased_until < now() - interval '2 minutes'
"""


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What the ledger says. All of `faults` must be empty."""

    posts: int = 0
    by_status: dict[str, int] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)
    """Failed posts by code."""
    unknown: dict[str, int] = field(default_factory=dict)
    """Posts that ended OUTCOME_UNKNOWN by platform and mode, with whether the other side has them."""
    live: int = 0
    drafts: int = 0
    texts: int = 0
    dispatches: int = 0
    keys: int = 0
    ended_accounts: int = 0
    """Accounts that must be connected again."""
    faults: dict[str, list[str]] = field(default_factory=dict)

    def blame(self, what: str, who: str) -> None:
        """Note that something is wrong."""
        self.faults.setdefault(what, []).append(who)

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One thing that the other side has."""

    where: str
    handle: str
    caption: str
    hashes: Sequence[str]
    comments: Sequence[str] = ()


class Ledger:
    """Checks a run that is over."""

    def __init__(self, scene: Scene, memory: Memory, client: Client, *, sandbox_url: str) -> None:
        """Take what the callers remember and where the other side is."""
        self._scene: Final = scene
        self._memory: Final = memory
        self._client: Final = client
        self._sandbox_url: Final = sandbox_url
        self._verdict: Final = Verdict()

    async def check(self, pool: "asyncpg.Pool[asyncpg.Record]", session: aiohttp.ClientSession) -> Verdict:
        """Return the verdict."""
        verdict, memory = self._verdict, self._memory
        for surprise in memory.surprises:
            verdict.blame("answers that no caller should get", surprise)
        for key in self._client.contradictions:
            verdict.blame("idempotency keys with two different answers", key)
        if self._client.traffic.internal:
            verdict.blame("answers 500", str(self._client.traffic.internal))
        verdict.keys = len(self._client.answers)
        verdict.ended_accounts = await pool.fetchval(
            "SELECT count(*) FROM social_accounts WHERE status = 'reauth_required'"
        )
        rows = {f"sp_{row['id']}": row for row in await pool.fetch(POSTS)}
        self._check_existence(rows)
        for row in await pool.fetch(STRAYS):
            verdict.blame("posts without owner or deadline", f"sp_{row['id']}")
        self._check_timelines(rows, {f"sp_{row['post_id']}": row["events"] for row in await pool.fetch(EVENTS)})
        captions = {
            row["reference"]: memory.accepted[post].caption
            for post, row in rows.items()
            if row["reference"] is not None and post in memory.accepted
        }
        self._check_other_side(rows, await self._shown(session, captions))
        return verdict

    def _check_existence(self, rows: Mapping[str, asyncpg.Record]) -> None:
        verdict, accepted = self._verdict, self._memory.accepted
        verdict.posts = len(rows)
        for post in accepted.keys() - rows.keys():
            verdict.blame("accepted posts that do not exist", post)
        for post in rows.keys() - accepted.keys():
            verdict.blame("posts that nobody was answered", post)
        for post, row in rows.items():
            status = row["status"]
            verdict.by_status[status] = verdict.by_status.get(status, 0) + 1
            if status not in _TERMINAL:
                verdict.blame("posts that are not over", f"{post} {status}")
            if row["code"] is not None and status == "failed":
                verdict.failures[row["code"]] = verdict.failures.get(row["code"], 0) + 1
                if row["code"] == "INTERNAL":
                    verdict.blame("posts that failed by the program's own fault", post)
        for post in self._memory.canceled:
            if post in rows and rows[post]["status"] != "canceled":
                verdict.blame("answered as canceled, and not", f"{post} {rows[post]['status']}")

    def _check_timelines(self, rows: Mapping[str, asyncpg.Record], events: Mapping[str, Sequence[str]]) -> None:
        for post, row in rows.items():
            told, end = events.get(post, []), _END_EVENT.get(row["status"])
            ends = [event for event in told if event in _END_EVENT.values()]
            if not told or told[0] != "queued" or ends != [end]:
                self._verdict.blame("timelines that do not agree with the state", f"{post} {row['status']}: {told}")
            if row["status"] == "published" and "going_live" not in told:
                self._verdict.blame("live without having been asked for", f"{post}: {told}")

    def _check_other_side(self, rows: Mapping[str, asyncpg.Record], shown: Sequence[Shown]) -> None:
        verdict, memory = self._verdict, self._memory
        there: dict[str, list[Shown]] = {}
        for one in shown:
            there.setdefault(one.caption, []).append(one)
        known = {wanted.caption for wanted in memory.accepted.values()}
        for caption in there.keys() - known:
            verdict.blame("on the other side, and nobody was answered", f"{caption} {there[caption][0].where}")
        for post, wanted in memory.accepted.items():
            row, found = rows.get(post), there.get(wanted.caption, [])
            if row is None:
                continue
            if len(found) > 1:
                verdict.blame("doubles", f"{post} {row['status']}: {[one.where for one in found]}")
            is_delivered = row["status"] in ("published", "draft")
            if is_delivered and not found:
                verdict.blame("delivered, and not on the other side", f"{post} {row['status']}")
            if found and row["status"] == "canceled":
                verdict.blame("canceled, and on the other side", post)
            if row["code"] == "OUTCOME_UNKNOWN":
                self._check_unknown(post, wanted, row["step"], has_arrived=bool(found))
            elif found and row["status"] == "failed":
                verdict.blame("failed, and on the other side", f"{post} {row['code']}")
            for one in found:
                self._check_content(post, wanted, one)

    def _check_unknown(self, post: str, wanted: Wanted, step: str | None, *, has_arrived: bool) -> None:
        arrived = "arrived" if has_arrived else "not there"
        line = f"{wanted.account.platform}, {wanted.mode}, {wanted.content.kind}: {arrived}"
        self._verdict.unknown[line] = self._verdict.unknown.get(line, 0) + 1
        if step != "look_up":
            self._verdict.blame("outcome unknown without having asked", f"{post} {step}")

    def _check_content(self, post: str, wanted: Wanted, one: Shown) -> None:
        if one.handle != wanted.account.handle and one.where != "text":
            self._verdict.blame("on the wrong account", f"{post} {one.handle}")
        if one.hashes and list(one.hashes) != list(wanted.content.hashes):
            self._verdict.blame("with the wrong media", post)
        comments = Counter(one.comments)
        if any(count > 1 for count in comments.values()) or (comments and set(comments) != {wanted.comment}):
            self._verdict.blame("with the wrong first comment", f"{post} {dict(comments)}")

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


def told(verdict: Verdict) -> Sequence[str]:
    """Return what is wrong, a line each, the first few of each kind."""
    return [f"{what} ({len(who)}): " + "; ".join(who[:_SHOWN]) for what, who in sorted(verdict.faults.items())]
