"""What a platform offers about live posts, as data: numbers, comments, and how often it may be asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLimit:
    """How many calls a platform allows within a window of time. Reads of numbers and comments use at most a fifth of it."""

    calls: int
    """In the platform's units."""
    window: timedelta
    is_per_account: bool
    """Whether each account has that many. Otherwise all accounts of the operator's app share them."""


class Metric(StrEnum):
    """A number that means the same on each platform, by the API's name."""

    VIEWS = "views"
    REACH = "reach"
    LIKES = "likes"
    COMMENTS = "comments"
    SHARES = "shares"
    SAVES = "saves"
    CLICKS = "clicks"
    WATCH_SECONDS = "watchSeconds"
    AVERAGE_WATCH_SECONDS = "averageWatchSeconds"
    FOLLOWS = "follows"


class AccountNumber(StrEnum):
    """A number of an account, by the API's name. All but `followers` are by day."""

    FOLLOWERS = "followers"
    VIEWS = "views"
    REACH = "reach"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberNote:
    """What one number means on one platform, for the documentation. English."""

    source: str
    """The platform's own name of it; of several that are added up, all."""
    meaning: str
    """What is counted, in the platform's sense: a phrase that begins in lower case."""
    delay: str
    """How late it is: a phrase, such as `within minutes`."""
    scopes: frozenset[str] = frozenset()
    """Permissions that it needs beyond those that publishing needs."""
    needed_by: str = ""
    """The accounts that need them, such as `members`, where others do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InsightsSupport:
    """The part of a description that says how numbers are read."""

    max_posts: int
    """Posts that one `read_posts` takes at most."""
    calls_per_post: float
    """Calls that a read costs for each post, in the units of the read limit: the worker reserves that many, rounded up, and corrects
    it by `PostsRead.calls`."""
    scopes: frozenset[str] = frozenset()
    """Permissions beyond those that publishing needs, which logins request only with PRESSWORK_INSIGHTS_SCOPES=on."""
    offered: frozenset[Metric]
    """The metrics that the platform has for some kind of post, with every permission."""
    notes: Mapping[Metric, NumberNote] = field(default_factory=dict)
    """What each offered metric means there."""
    account_notes: Mapping[AccountNumber, NumberNote] = field(default_factory=dict)
    """What each number of an account means there. A number that is missing, the platform does not have."""


class CommentAction(StrEnum):
    """What can be done with a comment. `hide` and `like` include taking it back where the platform can."""

    REPLY = "reply"
    HIDE = "hide"
    LIKE = "like"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentsSupport:
    """The part of a description that says what can be done with comments."""

    read_scopes: frozenset[str]
    """Permissions that reading needs, beyond those that publishing needs."""
    reply_scopes: frozenset[str]
    """Permissions that replies, hiding, likes and deletion need."""
    actions: frozenset[CommentAction]
    """What the platform has calls for."""
    delete_own_only: bool = False
    """Whether only its author can delete a comment."""
    reply_to_shown_only: bool = False
    """Whether a hidden comment can't be answered."""
    max_text: int
    """Length of a reply at most, in characters, graphemes or bytes as the platform counts (`SupportsComments.check_reply`)."""
    has_webhooks: bool = False
    """Whether the platform reports new comments."""
    max_text_age: timedelta | None = None
    """How long texts and authors of others' comments may be stored after they were read, or None where the platform sets no limit.
    After that the text and the author are erased, and the comment stays; the next read stores them again."""
    is_readable: bool = True
    """Whether comments can be listed at all. False: replies need the id of the comment from a person."""
