"""The numbers of posts and accounts, which grow with the sandbox's clock.

A number is a function of the sandbox's seed, the post and its age, so that the same sandbox gives the same numbers and a later
look never finds less, unless the control surface says otherwise. Views come fast in the first hours and slowly for some days;
reach, likes and all else are shares of them. Comments are those that are there, and likes that accounts of this sandbox gave by
the API come on top. What a platform calls a number, and when it
shows one, is written in its own folder.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final, TypeAlias

from presswork_sandbox.accounts import Account, Accounts
from presswork_sandbox.clock import DAY, HOUR, SandboxClock
from presswork_sandbox.comments import Comments
from presswork_sandbox.platform_settings import PlatformSettings
from presswork_sandbox.posts import Post, Posts
from presswork_sandbox.quantities import Quantity
from presswork_sandbox.store import Store
from presswork_sandbox.wire import JSONValue

SETTINGS: Final = "numbers"
MIN_AUDIENCE: Final = 1_000  # views of a post in the end
MAX_AUDIENCE: Final = 10_000
FAST_SHARE: Final = 0.6  # of the views, which come in the first hours; the others take days
FAST_SECONDS: Final = 3 * HOUR
SLOW_SECONDS: Final = 4 * DAY
MIN_FOLLOWERS: Final = 400
MAX_FOLLOWERS: Final = 4_000
MAX_DAILY_FOLLOWERS: Final = 9
MAX_SUMMED_POSTS: Final = 500
"""How many of an account's newest posts a number of the account is the sum of: older ones hardly move."""
MAX_KEPT_TRAITS: Final = 10_000  # posts whose traits are computed once
SHARES_OF_VIEWS: Final[Mapping[Quantity, tuple[float, float]]] = {
    Quantity.VIEWS: (1.0, 1.0),
    Quantity.REACH: (0.6, 0.9),
    Quantity.LIKES: (0.02, 0.09),
    Quantity.SHARES: (0.004, 0.02),
    Quantity.REPOSTS: (0.003, 0.015),
    Quantity.QUOTES: (0.001, 0.005),
    Quantity.SAVES: (0.003, 0.02),
    Quantity.CLICKS: (0.01, 0.05),
    Quantity.FOLLOWS: (0.001, 0.004),
    Quantity.PROFILE_VISITS: (0.005, 0.02),
    Quantity.REPLIES: (0.002, 0.01),
    Quantity.NAVIGATION: (0.4, 0.9),
    Quantity.WATCH_SECONDS: (3.0, 9.0),
}
"""The least and the greatest share; what a post has lies between, by its id."""
SetNumbers: TypeAlias = Mapping[Quantity, "SetNumber"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetNumber:
    """What the control surface made of a number of a post."""

    value: int | None  # instead of what grows, from `set_at` on
    added: int  # to either
    set_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What a post will come to: its views in the end, and how many of them lead to each other number."""

    audience: float
    shares: Mapping[Quantity, float]


class Numbers:
    """The numbers of one sandbox."""

    def __init__(
        self,
        store: Store,
        clock: SandboxClock,
        accounts: Accounts,
        posts: Posts,
        comments: Comments,
        settings: PlatformSettings,
    ) -> None:
        self._store = store
        self._clock = clock
        self._accounts = accounts
        self._posts = posts
        self._comments = comments
        self._settings = settings
        self._traits = lru_cache(maxsize=MAX_KEPT_TRAITS)(self._compute_traits)

    # Posts

    def count(self, post: Post, quantity: Quantity) -> int:
        """Return a number of a post as of now."""
        return self._count_at(post, quantity, self._clock.now(), self._set_numbers(post))

    def counts(self, post: Post) -> Mapping[Quantity, int]:
        """Return all numbers of a post as of now."""
        now, set_numbers = self._clock.now(), self._set_numbers(post)
        return {quantity: self._count_at(post, quantity, now, set_numbers) for quantity in Quantity}

    def series(
        self, post: Post, quantities: Sequence[Quantity], instants: Sequence[float]
    ) -> list[dict[Quantity, int]]:
        """Return what a post gained between each two neighbors of ascending instants, seconds since 1970."""
        set_numbers = self._set_numbers(post)
        # Most posts have nothing that accounts of this sandbox did: then it is not counted for each instant.
        with_actions = self._count_actions(post, Quantity.COMMENTS) + self._count_actions(post, Quantity.LIKES) > 0
        totals = [
            {
                quantity: self._count_at(post, quantity, instant, set_numbers, with_actions=with_actions)
                for quantity in quantities
            }
            for instant in instants
        ]
        return [
            {quantity: max(0, late[quantity] - early[quantity]) for quantity in quantities}
            for early, late in pairwise(totals)
        ]

    def age(self, post: Post) -> float:
        """Return how long a post has been live, seconds."""
        return self._clock.now() - post.created_at

    def _count_at(
        self, post: Post, quantity: Quantity, at: float, set_numbers: SetNumbers, *, with_actions: bool = True
    ) -> int:
        actions = self._count_actions(post, quantity, at) if with_actions else 0
        if quantity is Quantity.COMMENTS:
            return actions
        number = set_numbers.get(quantity)
        total = self._grow(post, quantity, at - post.created_at)
        if number is not None and at >= number.set_at:
            total = (total if number.value is None else number.value) + number.added
        return max(0, total) + actions

    def _count_actions(self, post: Post, quantity: Quantity, until: float | None = None) -> int:
        """Return how often accounts of this sandbox did by the API what a quantity counts."""
        match quantity:
            case Quantity.COMMENTS:
                return self._comments.count(post.external_id, until)
            case Quantity.LIKES:
                return self._posts.like_count(post, until)
            case _:
                return 0

    def _grow(self, post: Post, quantity: Quantity, age: float) -> int:
        """Return a number at an age in seconds, without what the control surface made of it."""
        if age <= 0:
            return 0
        traits = self._traits(post.external_id)
        grown = FAST_SHARE * -math.expm1(-age / FAST_SECONDS) + (1 - FAST_SHARE) * -math.expm1(-age / SLOW_SECONDS)
        return math.floor(math.floor(traits.audience * grown) * traits.shares[quantity])

    def _compute_traits(self, external_id: str) -> Traits:
        return Traits(
            audience=MIN_AUDIENCE + (MAX_AUDIENCE - MIN_AUDIENCE) * self._fraction(f"audience {external_id}"),
            shares={
                quantity: least + (most - least) * self._fraction(f"{quantity} {external_id}")
                for quantity, (least, most) in SHARES_OF_VIEWS.items()
            },
        )

    def _fraction(self, label: str) -> float:
        """Return a number from 0 to 1 that looks random and is the same for the same seed and label."""
        return int.from_bytes(self._store.secret(label, 0, 8).encode()) % 10_007 / 10_007

    # Accounts

    def followers(self, account: Account, at: float | None = None) -> int:
        """Return how many followers an account has now, or had at an instant."""
        fixed = account.settings.get("followers")
        return (
            fixed if isinstance(fixed, int) else self._grown_followers(account, self._clock.now() if at is None else at)
        )

    def new_followers(self, account: Account, since: float, until: float) -> int:
        """Return how many followers an account gained between two instants; none where their number is set."""
        if isinstance(account.settings.get("followers"), int):
            return 0
        return self._grown_followers(account, until) - self._grown_followers(account, since)

    def _grown_followers(self, account: Account, at: float) -> int:
        first = MIN_FOLLOWERS + (MAX_FOLLOWERS - MIN_FOLLOWERS) * self._fraction(f"followers {account.user_id}")
        daily = 1 + (MAX_DAILY_FOLLOWERS - 1) * self._fraction(f"daily followers {account.user_id}")
        return math.floor(first + daily * max(0.0, at - account.created_at) / DAY)

    def account_counts(self, account: Account, quantities: Sequence[Quantity]) -> dict[Quantity, int]:
        """Return the sums over an account's posts as of now."""
        now = self._clock.now()
        totals = dict.fromkeys(quantities, 0)
        for post in self.posts_of(account):
            set_numbers = self._set_numbers(post)
            for quantity in quantities:
                totals[quantity] += self._count_at(post, quantity, now, set_numbers)
        return totals

    def account_series(
        self, account: Account, quantities: Sequence[Quantity], instants: Sequence[float]
    ) -> list[dict[Quantity, int]]:
        """Return what an account's posts gained between each two neighbors of ascending instants."""
        days = [dict.fromkeys(quantities, 0) for _ in instants[1:]]
        for post in self.posts_of(account):
            for day, gained in zip(days, self.series(post, quantities, instants), strict=True):
                for quantity in quantities:
                    day[quantity] += gained[quantity]
        return days

    def posts_of(self, account: Account) -> list[Post]:
        """Return the posts and stories of an account that its numbers are sums of."""
        found = self._posts.of_account(account.id, max_count=MAX_SUMMED_POSTS)
        return [*found, *self._posts.of_account(account.id, stories=True, max_count=MAX_SUMMED_POSTS)]

    # What the control surface sets

    def _set_numbers(self, post: Post) -> SetNumbers:
        rows = self._store.all(
            "SELECT name, value, added, set_at FROM post_numbers WHERE post_id = ? LIMIT 100", post.id
        )
        return {
            Quantity(row["name"]): SetNumber(value=row["value"], added=row["added"], set_at=row["set_at"])
            for row in rows
        }

    def set(self, post: Post, quantity: Quantity, value: int | None) -> None:
        """Fix a number of a post; None has it grow again. Belongs in a transaction."""
        if value is None:
            self._store.run("DELETE FROM post_numbers WHERE post_id = ? AND name = ?", post.id, quantity)
            return
        self._store.run(
            "INSERT INTO post_numbers VALUES (?, ?, ?, 0, ?) ON CONFLICT (post_id, name)"
            " DO UPDATE SET value = excluded.value, added = 0, set_at = excluded.set_at",
            post.id,
            quantity,
            value,
            self._clock.now(),
        )

    def add(self, post: Post, quantity: Quantity, amount: int) -> None:
        """Add to a number of a post, which still grows if it did; a negative amount takes away. Belongs in a transaction."""
        self._store.run(
            "INSERT INTO post_numbers VALUES (?, ?, NULL, ?, ?) ON CONFLICT (post_id, name)"
            " DO UPDATE SET added = added + excluded.added, set_at = excluded.set_at",
            post.id,
            quantity,
            amount,
            self._clock.now(),
        )

    def removed(self, platform: str) -> frozenset[str]:
        """Return the names of the numbers that a platform is set not to know any more."""
        names = self._switches(platform).get("removed")
        return frozenset(map(str, names)) if isinstance(names, list) else frozenset()

    def delay(self, platform: str, default: float) -> float:
        """Return how old a post must be until a platform has numbers of it, seconds."""
        seconds = self._switches(platform).get("delaySeconds")
        return float(seconds) if isinstance(seconds, int) else default

    def switch(self, platform: str, changes: Mapping[str, JSONValue]) -> Mapping[str, JSONValue]:
        """Change `removed` and `delaySeconds` of a platform, and return both."""
        switches: dict[str, JSONValue] = (
            {"removed": [], "delaySeconds": None} | dict(self._switches(platform)) | dict(changes)
        )
        self._settings.put(SETTINGS, {**self._settings.get(SETTINGS), platform: switches})
        return switches

    def _switches(self, platform: str) -> Mapping[str, JSONValue]:
        switches = self._settings.get(SETTINGS).get(platform)
        return switches if isinstance(switches, Mapping) else {}
