"""What is held together besides the posts: idempotency keys, content, accounts, and what the API shows. Pure, as the ledger."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from pydantic import JsonValue

from chaos.client import Answer
from chaos.journal import Met
from chaos.ledger import Stored, Verdict
from chaos.scene import Account


def check_keys(verdict: Verdict, answers: Mapping[str, Answer], kept: Iterable[tuple[str, Answer]]) -> None:
    """One key, one answer: to the callers, however often they asked, and in the database (`kept`)."""
    verdict.keys = len(answers)
    stored = list(kept)
    for key, count in Counter(key for key, _ in stored).items():
        if count > 1 or key not in answers:
            verdict.blame("idempotency keys with another effect than was answered", f"{key} {count} times")
    by_key = dict(stored)
    for key, answer in answers.items():
        if by_key.get(key) != answer:
            verdict.blame("idempotency keys with another effect than was answered", key)


def check_contents(verdict: Verdict, answered: Mapping[str, str], there: Mapping[str, str]) -> None:
    """Each call that brings content in, approves or rejects it did so once, and nobody else did."""
    for content in answered.keys() | there.keys():
        if answered.get(content) != there.get(content):
            what = f"{content} {answered.get(content)} {there.get(content)}"
            verdict.blame("content that is not what the callers were answered", what)


def check_accounts(
    verdict: Verdict, accounts: Iterable[Account], ended: Collection[str], *, stored: Mapping[str, int], met: Met
) -> None:
    """Blame the accounts that lost their access without need. `stored` is how often tokens were stored after a refresh.

    TikTok tells a pair of tokens once, so one that was given out and never stored is the end of an account's access. Where
    each was stored, a race of two refreshes ended it. On Instagram only a token that was ended on purpose can be the reason.
    """
    for account in accounts:
        if account.id not in ended:
            continue
        if account.platform == "tiktok":
            is_excused = met.renewals[account.handle] > stored.get(account.id, 0)
        else:
            is_excused = met.expired[account.handle] > 0
        if not is_excused:
            verdict.blame("accounts that lost their access without need", f"{account.id} {account.handle}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the API says of a post."""

    post: str
    status: str
    external_id: str | None
    external_url: str | None
    comment_status: str | None

    @classmethod
    def of(cls, item: Mapping[str, JsonValue]) -> Self:
        """Read an item of a list."""

        def text(name: str) -> str | None:
            return None if item[name] is None else str(item[name])

        return cls(
            post=str(item["id"]),
            status=str(item["status"]),
            external_id=text("externalId"),
            external_url=text("externalUrl"),
            comment_status=text("firstCommentStatus"),
        )

    @classmethod
    def stored(cls, post: str, row: Stored) -> Self:
        """Return what it should say of a row."""
        return cls(
            post=post,
            status=row.status,
            external_id=row.external_id,
            external_url=row.external_url,
            comment_status=row.comment_status,
        )


def check_told(
    verdict: Verdict, listed: Sequence[Told], timelines: Mapping[str, Sequence[str]], *stored: Mapping[str, Stored]
) -> None:
    """The lists show each post once, and as it was stored before or after; so do the timelines."""
    counts = Counter(one.post for one in listed)
    for post in stored[-1].keys() | counts.keys():
        if counts[post] != 1:
            verdict.blame("posts that the API shows otherwise", f"{post} is listed {counts[post]} times")
    for one in listed:
        if one not in [Told.stored(one.post, rows[one.post]) for rows in stored if one.post in rows]:
            verdict.blame("posts that the API shows otherwise", f"{one}")
    for post, events in timelines.items():
        if list(events) not in [list(rows[post].events) for rows in stored if post in rows]:
            verdict.blame("posts that the API shows otherwise", f"{post} {events}")
