"""What is taken over from another product: its accounts and posts, in our words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import TypeAlias
from zoneinfo import ZoneInfo

Value: TypeAlias = object
"""JSON that another product wrote. Nothing is known about it before it is looked at."""


class NotReadable(ValueError):
    """A value does not have the shape that the product writes. The message is a sentence."""


class State(StrEnum):
    """What becomes of a foreign post."""

    QUEUED = "queued"
    DRAFT = "draft"
    PAST = "past"  # published, failed, or deleted: counted, not taken over


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Whose accounts they are, in a product that knows customers."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignAccount:
    """A connected account. `platform` is ours, or None for a network that Presswork does not publish to."""

    id: str
    network: str
    platform: str | None
    handle: str
    name: str
    customer: Customer | None = None

    @property
    def label(self) -> str:
        """The account as messages name it."""
        return f"{self.platform or self.network}:{f'@{self.handle}' if self.handle else self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A file of a post, by its URL."""

    url: str
    alt_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignPost:
    """A post for accounts that get the same content. `due` is UTC, or None without a time."""

    id: str
    state: State
    due: datetime | None
    account_ids: Sequence[str]
    text: str
    below: Sequence[str] = ()
    """The texts below it: parts of a thread where the platform has threads; else, the first is the first comment."""
    first_comment: str = ""
    media: Sequence[Media] = ()
    labels: Sequence[str] = ()
    options: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Fields of a target by platform, in the API's names."""
    problem: str | None = None
    """Why it can't be taken over, as a sentence."""

    @property
    def fingerprint(self) -> str:
        """A hash of the content, without the accounts and the time."""
        facts = [self.id, self.text, *self.below, self.first_comment, *(one.url for one in self.media), *self.labels]
        return sha256(json.dumps(facts).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """All that was read of a product. Accounts and posts are unique by id; a post may be there once for each content."""

    accounts: Sequence[ForeignAccount] = ()
    posts: Sequence[ForeignPost] = ()

    def without_repeats(self) -> Export:
        """Return it without accounts and posts that several files have, as pages that overlap do."""
        posts = {(one.id, tuple(one.account_ids)): one for one in self.posts}
        return replace(self, accounts=list({one.id: one for one in self.accounts}.values()), posts=list(posts.values()))


def entries(value: Value, *keys: str) -> Sequence[Mapping[str, Value]]:
    """Return the objects of a list, which may be below keys. Raises NotReadable."""
    for key in keys:
        value = fields(value).get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise NotReadable(f"`{'.'.join(keys)}` is not a list.")
    return [fields(one) for one in value]


def fields(value: Value) -> Mapping[str, Value]:
    """Return an object; null, and the empty list as which PHP writes an empty object, are an empty one. Raises NotReadable."""
    if value is None or value == []:
        return {}
    if not isinstance(value, dict):
        raise NotReadable(f"{json.dumps(value)[:60]} is not an object.")
    return value


def text(value: Value) -> str:
    """Return a text; a number is the text of its digits, and null is empty. Raises NotReadable."""
    if value is None or isinstance(value, str | int | float):
        return "" if value is None else str(value)
    raise NotReadable(f"{json.dumps(value)[:60]} is not a text.")


def required_text(value: Mapping[str, Value], key: str) -> str:
    """Return a text that is there. Raises NotReadable."""
    if not (found := text(value.get(key))):
        raise NotReadable(f"{json.dumps(value)[:60]} has no `{key}`.")
    return found


def instant(value: Value, zone: ZoneInfo) -> datetime | None:
    """Return an instant, UTC, of ISO 8601 or Unix seconds; None for none. Without an offset it is local time of the zone.

    Raises NotReadable, also for a local time that does not exist because the clocks go forward.
    """
    if value is None or value == "":
        return None
    try:
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        read = datetime.fromisoformat(text(value))
        if read.tzinfo is not None:
            return read.astimezone(UTC)
        found = read.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise NotReadable(f"{json.dumps(value)[:60]} is not a date.") from error
    if found.astimezone(zone).replace(tzinfo=None) != read:
        raise NotReadable(f"{read.isoformat()} does not exist in {zone.key}, because the clocks go forward.")
    return found


def options_of(**chosen: Mapping[str, object]) -> Mapping[str, Mapping[str, object]]:
    """Return the fields of targets for the settings of platforms, without settings that have no value."""
    kept = {name: {key: value for key, value in one.items() if value} for name, one in chosen.items()}
    return {name: {f"{name}PostSettings": one} for name, one in kept.items() if one}


def story_if(is_story: object) -> Mapping[str, object]:
    """Return the settings of a post on a platform that has stories."""
    return {"placement": "story" if is_story else None}
