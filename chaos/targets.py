"""Targets of publish calls: drawn within the daily limits of the accounts, sent, and recorded when they are accepted."""

import random
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import JsonValue

from chaos.client import Client, Response
from chaos.platforms import PLATFORMS
from chaos.record import CallerRecord, RequestedPost
from chaos.world import Account, Content, reconnect

DRAFTS_PER_DAY: Final = 3
_LABELLED: Final = 0.2
"""Share of the posts in mode `publish` with an option of their platform."""
_SPLIT: Final = 0.4
"""Share of the texts that are split into a thread where there are threads."""
_DRAFT_THRESHOLD: Final = 0.98
"""There are few drafts, because all SMS go to one phone, whose messages the service lists in pages."""


class Targets:
    """Draws targets, and records what became of the calls that had them."""

    def __init__(self, client: Client, record: CallerRecord, draw: random.Random, last: deque[str]) -> None:
        """Accounts are connected again by `client`. `last` gets the newest posts."""
        self._client: Final = client
        self._record: Final = record
        self._draw: Final = draw
        self._last: Final = last

    def choose(
        self, content: Content, accounts: Sequence[Account], *, max_targets: int | None = None
    ) -> Sequence[RequestedPost]:
        """Return targets for some of the accounts, without those that have as many posts as their platform takes."""
        count = max_targets or (50 if self._draw.random() < 0.02 else self._draw.randrange(1, 9))
        chosen = self._draw.sample(accounts, min(count, len(accounts)))
        return [one for account in chosen if (one := self._draw_target(content, account)) is not None]

    def _draw_target(self, content: Content, account: Account) -> RequestedPost | None:
        platform = PLATFORMS[account.platform]
        if account.today >= platform.posts_a_day or account.is_reconnecting or content.kind not in platform.media:
            return None
        mode, chance = "publish", self._draw.random()
        if account.is_managed and chance < 0.3:
            mode = "managed"
        elif chance > _DRAFT_THRESHOLD and account.drafts_today < DRAFTS_PER_DAY:
            mode = "draft"
            account.drafts_today += 1
        account.today += 1
        number = self._draw.getrandbits(64)
        parts: Sequence[str] = ()
        if mode == "publish" and content.kind == "text" and platform.part_length and self._draw.random() < _SPLIT:
            parts = [_fill(f"Part {place} of {number:016x}", platform.part_length) for place in (2, 3)]
        comment = None
        if mode == "publish" and platform.has_comments and self._draw.random() < 0.1:
            comment = f"First comment {number:016x}"
        return RequestedPost(
            caption=f"No. {number:016x}",
            account=account,
            mode=mode,
            content=content,
            comment=comment,
            parts=parts,
            is_labelled=mode == "publish" and platform.label is not None and self._draw.random() < _LABELLED,
        )

    def remember(self, ids: Sequence[JsonValue], wanted: Sequence[RequestedPost]) -> None:
        """Record accepted posts."""
        for post, one in zip(ids, wanted, strict=True):
            self._record.accepted[str(post)] = one
            self._last.append(str(post))

    async def accept(self, response: Response, wanted: Sequence[RequestedPost]) -> Sequence[str]:
        """Record the response of a call, and return its posts."""
        if await self.is_refusal(response, wanted):
            return []
        if not response.is_success:
            self._record.add_unexpected("publish", response)
            return []
        ids = response.json()["scheduledPostIds"]
        if not isinstance(ids, list) or len(ids) != len(wanted):
            self._record.unexpected_responses.append(f"{len(wanted)} targets returned the ids {ids}")
            return []
        self.remember(ids, wanted)
        return [str(post) for post in ids]

    async def is_refusal(self, response: Response, wanted: Sequence[RequestedPost]) -> bool:
        """Whether a call was refused because its time had passed, or because an account has to be connected again. If so, connect it.

        A token that Instagram revokes within its first day can't be refreshed. TikTok returns a refresh token only once: a worker
        that is killed between the response and its commit loses it.
        """
        if response.is_late_refusal:
            self._record.refuse(response)
            self.doubt(response, wanted)
            return True
        if response.status != 422:
            return False
        error = response.json()["error"]
        if not isinstance(error, dict) or not await self.reconnect_if_required(error, wanted):
            return False
        self._record.refuse(response)
        return True

    def doubt(self, response: Response, wanted: Sequence[RequestedPost]) -> None:
        """Record the targets of a refused call if one of its attempts may have been accepted."""
        if response.key is not None and response.key in self._client.unanswered:
            self._record.doubtful[response.key] = wanted

    async def reconnect_if_required(self, error: Mapping[str, JsonValue], wanted: Sequence[RequestedPost]) -> bool:
        """Connect the account that an error names, if it has to be connected again, and return whether it does."""
        details = error.get("details")
        if not isinstance(details, dict) or details.get("reason") != "reauth_required":
            return False
        ended = {one.account.id: one.account for one in wanted if one.account.id == details["socialAccountId"]}
        for account in ended.values():
            if account.is_reconnecting:
                continue  # another caller is connecting it
            account.is_reconnecting = True
            self._record.reconnections[account.id] = self._record.reconnections.get(account.id, 0) + 1
            try:
                await reconnect(self._client, account)
            except RuntimeError as error:
                self._record.unexpected_responses.append(f"a new login for {account.handle}: {error}")
            account.is_reconnecting = False
        return bool(ended)


def _fill(text: str, length: int) -> str:
    """Return one sentence that no other one fits beside into a part of this length."""
    return text + " bread" * ((length - len(text)) // len(" bread"))


def bodies_of(wanted: Sequence[RequestedPost], own_caption: str | None = None) -> list[JsonValue]:
    """Return the targets. One with the content's own caption does not override it."""
    bodies: list[JsonValue] = []
    for one in wanted:
        body: dict[str, JsonValue] = {"socialAccountId": one.account.id, "mode": one.mode}
        if one.caption != own_caption:
            body["captionOverride"] = "\n".join([one.caption, *one.parts])
        if one.parts:
            body["autoSplit"] = {}
        if one.comment is not None:
            body["firstCommentOverride"] = one.comment
        label = PLATFORMS[one.account.platform].label if one.is_labelled else None
        if options := {**one.account.options, **(label or {})}:
            body[f"{one.account.platform}PostSettings"] = options
        bodies.append(body)
    return bodies
