"""Check idempotency keys, content, accounts, and the API's lists and timelines. Pure, like the ledger."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from pydantic import JsonValue

from chaos.client import Response
from chaos.journal import PlatformCounts
from chaos.ledger import StoredPost, Verdict
from chaos.platforms import PLATFORMS
from chaos.world import Account


def check_keys(verdict: Verdict, responses: Mapping[str, Response], kept: Iterable[tuple[str, Response]]) -> None:
    """Check that each key has one response, for all calls with it and in the database (`kept`)."""
    verdict.keys = len(responses)
    stored = list(kept)
    for key, count in Counter(key for key, _ in stored).items():
        if count > 1 or key not in responses:
            verdict.add_violation("idempotency keys with another stored response", f"{key} {count} times")
    by_key = dict(stored)
    for key, response in responses.items():
        if by_key.get(key) != response:
            verdict.add_violation("idempotency keys with another stored response", key)


def check_contents(verdict: Verdict, recorded: Mapping[str, str], there: Mapping[str, str]) -> None:
    """Check that each upload, approval and rejection took effect exactly once, and nothing else changed content."""
    for content in recorded.keys() | there.keys():
        if recorded.get(content) != there.get(content):
            what = f"{content} {recorded.get(content)} {there.get(content)}"
            verdict.add_violation("content with an unexpected approval status", what)


def check_accounts(
    verdict: Verdict,
    accounts: Iterable[Account],
    ended: Collection[str],
    *,
    stored: Mapping[str, int],
    counts: PlatformCounts,
) -> None:
    """Record a violation for each account that lost access unnecessarily. `stored` counts stored refreshes by account.

    TikTok and Bluesky return a pair of tokens once, so a pair that was never stored ends an account's access. So does a refresh that
    arrives long after its response was lost, with the token that its repetition has used: no wait would help, since the pair that
    it returned would have been lost. If neither happened and a refresh was refused anyway, a race of two refreshes ended it. On the others, a fault that expires a token is a valid
    reason. A token that is refused right after its refresh is none: it is refreshed once more.
    """
    for account in accounts:
        if account.id not in ended:
            continue
        platform, handle = PLATFORMS[account.platform], account.handle
        if platform.rotates_tokens:
            is_justified = counts.refreshes[handle] > stored.get(account.id, 0) or counts.late_refusals[handle] > 0
        else:
            is_justified = counts.expired[handle] > 0
        if not is_justified:
            verdict.add_violation("accounts that lost access unnecessarily", f"{account.id} {account.handle}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPost:
    """A post as the API lists it."""

    post: str
    status: str
    external_id: str | None
    external_url: str | None
    comment_status: str | None
    live_status: str | None

    @classmethod
    def of(cls, item: Mapping[str, JsonValue]) -> Self:
        """Parse an item of a list."""

        def text(name: str) -> str | None:
            return None if item[name] is None else str(item[name])

        return cls(
            post=str(item["id"]),
            status=str(item["status"]),
            external_id=text("externalId"),
            external_url=text("externalUrl"),
            comment_status=text("firstCommentStatus"),
            live_status=text("liveStatus"),
        )

    @classmethod
    def stored(cls, post: str, row: StoredPost) -> Self:
        """Return the list item that is expected for a row."""
        return cls(
            post=post,
            status=row.status,
            external_id=row.external_id,
            external_url=row.external_url,
            comment_status=row.comment_status,
            live_status=row.live_status or ("live" if row.status == "published" else None),
        )


def check_listed_posts(
    verdict: Verdict,
    listed: Sequence[ListedPost],
    timelines: Mapping[str, Sequence[str]],
    *stored: Mapping[str, StoredPost],
) -> None:
    """Check that the lists have each post once, equal to its row before or after the read, and so the timelines."""
    counts = Counter(one.post for one in listed)
    for post in stored[-1].keys() | counts.keys():
        if counts[post] != 1:
            verdict.add_violation("posts that the API returns differently", f"{post} is listed {counts[post]} times")
    for one in listed:
        if one not in [ListedPost.stored(one.post, rows[one.post]) for rows in stored if one.post in rows]:
            verdict.add_violation("posts that the API returns differently", f"{one}")
    for post, events in timelines.items():
        if list(events) not in [list(rows[post].events) for rows in stored if post in rows]:
            verdict.add_violation("posts that the API returns differently", f"{post} {events}")
