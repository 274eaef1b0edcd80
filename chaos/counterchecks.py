"""Check idempotency keys, content, accounts, slots, recurrences, limits, and the API's lists and timelines. Pure, like the ledger."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import JsonValue

from chaos.client import Response
from chaos.journal import PlatformCounts
from chaos.ledger import StoredPost, Verdict
from chaos.platforms import PLATFORMS
from chaos.record import CallerRecord, RequestedRecurrence
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotState:
    """The slot of a post, or a hold of a slot by a post: `status` is None for a hold."""

    post: str
    queue: UUID
    slot_at: datetime
    account: UUID
    status: str | None


def check_slots(verdict: Verdict, record: CallerRecord, posts: Sequence[SlotState], holds: Sequence[SlotState]) -> None:
    """Check that each slot has one post per account, held by it, and that no post left the slot that its call got."""
    for place, count in Counter((one.queue, one.slot_at, one.account) for one in posts).items():
        if count > 1:
            verdict.add_violation("two posts in one slot", f"{place} {count}")
    held = {(one.post, one.queue, one.slot_at, one.account) for one in holds}
    taken = {(one.post, one.queue, one.slot_at, one.account) for one in posts}
    for one in held ^ taken:
        verdict.add_violation("slots that are held by another post, or by none", f"{one}")
    by_post = {one.post: one for one in posts}
    for post in by_post.keys() - record.slots.keys():
        verdict.add_violation("posts in a slot that no call got", post)
    for post, slot in record.slots.items():
        if post in by_post and by_post[post].slot_at != slot:
            verdict.add_violation(
                "posts in another slot than was answered", f"{post} {by_post[post].slot_at}, not {slot}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """An occurrence of a recurrence, and the captions of its posts."""

    recurrence: str
    at: datetime
    captions: Sequence[str]


def check_recurrences(
    verdict: Verdict,
    requested: Mapping[str, RequestedRecurrence],
    found: Iterable[Occurrence],
    unmade: Collection[str],
) -> None:
    """Check that each occurrence was made once, in order, and none was left out. `unmade` are recurrences of which not all were to be made."""
    by_recurrence: dict[str, list[Occurrence]] = {name: [] for name in requested}
    for one in found:
        by_recurrence.setdefault(one.recurrence, []).append(one)
    for name, occurrences in by_recurrence.items():
        if (wanted := requested.get(name)) is None:
            verdict.add_violation("recurrences without an accepted call", name)
            continue
        made = sorted(occurrences, key=lambda one: one.at)
        if [one.captions for one in made] != [[caption] for caption in wanted.captions[: len(made)]]:
            verdict.add_violation(
                "occurrences that were not made once each", f"{name} {[one.captions for one in made]}"
            )
        if [one.at for one in made] != [wanted.next_at + number * wanted.every for number in range(len(made))]:
            verdict.add_violation("occurrences at another time", f"{name} {[str(one.at) for one in made]}")
        if len(made) < len(wanted.captions) and name not in unmade:
            verdict.add_violation("occurrences that were left out", f"{name} {len(made)} of {len(wanted.captions)}")


def check_limits(
    verdict: Verdict,
    limits: Mapping[str, int],
    refusals: Iterable[JsonValue],
    *,
    most_queued: int,
    months: Iterable[tuple[int, int]],
) -> None:
    """Check that no limit of the customer was exceeded, and none refused a call, of one post each, before it was reached.

    `months` are the posts of each month, as they are stored and as they are counted.
    """
    for stored, counted in months:
        if stored > limits["postsPerMonth"]:
            verdict.add_violation("posts beyond a limit", f"{stored} in a month, of {limits['postsPerMonth']}")
        if stored != counted:
            verdict.add_violation("posts of a month that are counted wrongly", f"{counted}, not {stored}")
    if most_queued > limits["queued"]:
        verdict.add_violation("posts beyond a limit", f"{most_queued} queued, of {limits['queued']}")
    for details in refusals:
        is_reached = (
            isinstance(details, dict) and details["used"] == details["maximum"] == limits[str(details["limit"])]
        )
        if not is_reached:
            verdict.add_violation("refused before a limit was reached", f"{details}")
