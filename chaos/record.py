"""What the callers asked for, and the responses that they got."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pydantic import JsonValue

from chaos.client import Response
from chaos.world import Account, Content


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedPost:
    """A target of a publish call. Its caption is unique, so that the post can be found on the platform."""

    caption: str
    account: Account
    mode: str
    content: Content
    comment: str | None
    parts: Sequence[str] = ()
    """The parts after the first, if its text is split into a thread of posts. Each is unique."""
    is_labelled: bool = False
    """Whether the platform's option for its AI label is sent; only in mode `publish`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedRecurrence:
    """Content that recurs on one account."""

    wanted: RequestedPost
    """Its posts, apart from their captions."""
    captions: Sequence[str]
    """One for each time. Each is unique."""
    every: timedelta
    next_at: datetime
    """The first time, UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenComment:
    """A comment that another person has written on a live post."""

    id: str
    """The platform's."""
    text: str
    """Unique."""
    post: str
    account: Account
    """Of the post."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedReply:
    """An accepted reply. Its text is unique, so that it can be found on the platform."""

    text: str
    answered: WrittenComment


@dataclass(slots=True, kw_only=True)
class CallerRecord:
    """The responses that the callers got."""

    accepted: dict[str, RequestedPost] = field(default_factory=dict)
    """By post id."""
    canceled: set[str] = field(default_factory=set)
    moved: set[str] = field(default_factory=set)
    """Posts that were given another time."""
    slots: dict[str, datetime] = field(default_factory=dict)
    """Posts by the slot of the queue that the call got, UTC."""
    recurrences: dict[str, RequestedRecurrence] = field(default_factory=dict)
    limit_refusals: list[JsonValue] = field(default_factory=list)
    """Details of the calls that were refused because a limit of the organization was reached. Each had one target."""
    doubtful: dict[str, Sequence[RequestedPost]] = field(default_factory=dict)
    """By idempotency key, the targets of a call that was refused after an attempt without a final response. Refusals are not kept under
    the key, so that the API may have accepted that attempt: earlier, or when there was room again."""
    revisions: dict[str, int] = field(default_factory=dict)
    """Revision of the last accepted edit of a queued post."""
    former_texts: dict[str, str] = field(default_factory=dict)
    """Posts by a text that an edit was refused with, or that an accepted edit has replaced while the post was queued."""
    live_edits: dict[str, list[str]] = field(default_factory=dict)
    """Texts that live posts were to be changed to, in their order."""
    taken_down: set[str] = field(default_factory=set)
    """Posts whose take-down was accepted."""
    bulk_jobs: list[str] = field(default_factory=list)
    """Jobs that take posts down."""
    deleted_by_person: set[str] = field(default_factory=set)
    """Posts that the account's owner has deleted on the platform."""
    deleted_contents: dict[str, bool] = field(default_factory=dict)
    """Deleted content, and whether its texts were erased."""
    comments: dict[str, WrittenComment] = field(default_factory=dict)
    """Comments of others, by their text."""
    removed_comments: set[str] = field(default_factory=set)
    """Those that someone has deleted, or wanted to."""
    hidden_comments: set[str] = field(default_factory=set)
    """Those that a caller wanted to hide."""
    replies: dict[str, RequestedReply] = field(default_factory=dict)
    """Accepted replies, by id."""
    contents: dict[str, str] = field(default_factory=dict)
    """Approval status of all uploaded content, by id."""
    reconnections: dict[str, int] = field(default_factory=dict)
    """How often an account's access ended and its owner connected it again, by id."""
    refused: dict[str, int] = field(default_factory=dict)
    """Expected refusals, by code, such as a cancel that came too late."""
    unexpected_responses: list[str] = field(default_factory=list)
    """Responses that no caller should get."""
    counts: dict[str, int] = field(default_factory=dict)
    """Calls, by purpose."""

    def accept_edit(self, post: str, text: str, revision: int) -> None:
        """Record an accepted edit of a queued post: the highest revision is the text that is to go live."""
        wanted = self.accepted[post]
        if revision > self.revisions.get(post, 0):
            self.revisions[post] = revision
            self.accepted[post], text = replace(wanted, caption=text), wanted.caption
        self.former_texts[text] = post

    def refuse_edit(self, post: str, text: str, response: Response) -> None:
        """Record a refused edit: its text must not be live."""
        self.former_texts[text] = post
        self.refuse(response)

    def settle_take_down(self, post: str, error: JsonValue) -> None:
        """Record what a take-down of several posts did with one. It is refused only if the post is not published."""
        if error is None:
            self.taken_down.add(post)
            return
        code = str(error.get("code")) if isinstance(error, dict) else str(error)
        self.refused[code] = self.refused.get(code, 0) + 1
        if code != "CONFLICT":
            self.unexpected_responses.append(f"the take-down of {post} was refused with {error}")

    def believe(self, kept: Mapping[str, Response]) -> dict[str, Response]:
        """Record the posts of doubtful calls that were accepted, as the responses kept under their keys say, and return these."""
        accepted = {key: kept[key] for key in self.doubtful.keys() & kept.keys() if kept[key].is_success}
        for key, response in accepted.items():
            ids = response.json()["scheduledPostIds"]
            self.accepted.update(zip(map(str, ids if isinstance(ids, list) else ()), self.doubtful[key], strict=True))
        return accepted

    def count(self, name: str) -> None:
        """Count a call."""
        self.counts[name] = self.counts.get(name, 0) + 1

    def refuse(self, response: Response) -> None:
        """Count an expected refusal."""
        error = response.json().get("error")
        code = str(error.get("code")) if isinstance(error, dict) else str(response.status)
        self.refused[code] = self.refused.get(code, 0) + 1

    def add_unexpected(self, what: str, response: Response) -> None:
        """Record a response that no caller should get."""
        self.unexpected_responses.append(f"{what} returned {response.status}: {response.body[:400].decode()}")
