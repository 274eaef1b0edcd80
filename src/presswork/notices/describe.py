"""Say in words what an event is about: the title and the text of a notice. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from presswork.core.ids import USER, parse_id
from presswork.notices.model import NoticeType, SubjectType
from presswork.platforms.names import PlatformName
from presswork.platforms.registry import rules_of

MAX_TITLE: Final = 140
"""Characters of a title: a header of Slack has 150."""
MAX_TEXT: Final = 600
_MAX_EXCERPT: Final = 120
_SPACES: Final = re.compile(r"\s+")
_GIB: Final = 1024**3

Data = Mapping[str, Any]
"""The data of an event: JSON of other parts of the program, which may be older or newer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostFacts:
    """What the event of a post does not contain."""

    handle: str
    caption: str | None
    container_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """An event in words, and whom it names."""

    subject_type: SubjectType
    title: str
    text: str
    mentioned: frozenset[UUID] = frozenset()
    by: UUID | None = None


def approved_by(data: Data) -> frozenset[UUID]:
    """Return the users who have approved the current step of content."""
    current = data.get("currentStep")
    approvals = [one for step in data.get("steps") or () if step["name"] == current for one in step["approvals"]]
    return frozenset(user for user in (_user_of(one["by"]) for one in approvals) if user is not None)


def describe(event: NoticeType, data: Data, *, post: PostFacts | None, project: str | None) -> Described | None:
    """Return an event in words, or None if another event of the same change says more.

    `project` is the name of its project.
    """
    match event:
        case (
            NoticeType.CONTENT_PENDING
            | NoticeType.CONTENT_REMINDER
            | NoticeType.CONTENT_CHANGES_REQUESTED
            | NoticeType.CONTENT_APPROVED
            | NoticeType.CONTENT_REJECTED
        ):
            return _describe_content(event, data, project)
        case NoticeType.CONTENT_COMMENTED | NoticeType.CONTENT_MENTIONED:
            return _describe_comment(event, data, project)
        case NoticeType.POST_FAILED | NoticeType.POST_OUTCOME_UNKNOWN:
            return _describe_post(event, data, post, project)
        case NoticeType.ACCOUNT_NEEDS_REAUTH:
            title = f"{_name_account(data)} must be connected again"
            text = "Its posts wait until its owner logs in again."
            return _write(SubjectType.ACCOUNT, title, text, project)
        case NoticeType.ACCOUNT_TOKEN_EXPIRING:
            days = int(data.get("daysLeft", 0))
            when = "tomorrow" if days <= 1 else f"in {days} days"
            title = f"The access to {_name_account(data)} ends {when}"
            return _write(
                SubjectType.ACCOUNT, title, "Connect the account again before, so that no post waits.", project
            )
        case NoticeType.WEBHOOK_PAUSED:
            title = f"The webhook endpoint at {data.get('host') or 'your server'} was paused"
            why = (
                "It returned 410."
                if data.get("reason") == "gone"
                else f"{data.get('failuresInRow', 'Many')} attempts in a row failed."
            )
            text = f"{why} Its messages are kept for seven days: fix the receiver, then resume the endpoint."
            return _write(SubjectType.ENDPOINT, title, text, project)
        case NoticeType.QUOTA_MEDIA:
            used, quota = int(data.get("usedBytes", 0)), int(data.get("quotaBytes", 1))
            title = f"{100 * used // quota} % of the storage for media is used"
            text = (
                f"{used / _GIB:.1f} of {quota / _GIB:.1f} GiB. Delete content that is not needed, before uploads fail."
            )
            return _write(SubjectType.ORGANIZATION, title, text, project)

        case NoticeType.USAGE_NEAR_LIMIT | NoticeType.USAGE_LIMIT_REACHED:
            return _describe_limit(event, data, project)


_COUNTED: Final[Mapping[str, str]] = {
    "projects": "projects",
    "accounts": "accounts",
    "postsPerMonth": "posts of this month",
    "queued": "queued posts",
    "mediaBytes": "bytes of media",
    "users": "people",
    "keys": "API keys",
}


def _describe_limit(event: NoticeType, data: Data, project: str | None) -> Described:
    used, maximum = int(data.get("used", 0)), int(data.get("maximum", 0))
    what = _COUNTED.get(str(data.get("limit")), str(data.get("limit")))
    if event is NoticeType.USAGE_NEAR_LIMIT:
        title = f"{100 * used // max(1, maximum)} % of the {what} that your plan includes are used"
        text = f"{used:,} of {maximum:,}."
    else:
        title = f"All {what} that your plan includes are used"
        text = f"{used:,} of {maximum:,}. What would exceed them is refused."
    return _write(SubjectType.ORGANIZATION, title, text, project)


_CONTENT_TITLES: Final[Mapping[NoticeType, str]] = {
    NoticeType.CONTENT_PENDING: "Content waits for approval",
    NoticeType.CONTENT_REMINDER: "Content still waits for approval",
    NoticeType.CONTENT_CHANGES_REQUESTED: "Changes were requested",
    NoticeType.CONTENT_APPROVED: "Content was approved",
    NoticeType.CONTENT_REJECTED: "Content was rejected",
}


def _describe_content(event: NoticeType, data: Data, project: str | None) -> Described:
    step = data.get("currentStep")
    title = _CONTENT_TITLES[event] + (f": {step}" if step else "")
    note, reviewer = data.get("reviewNote"), data.get("reviewerName")
    said = f"{reviewer or 'The note'}: “{_shorten(note)}”" if note else ""
    by = data.get("approvedBy") or data.get("rejectedBy")
    return _write(SubjectType.CONTENT, title, _join(said, _shorten(data.get("caption"))), project, by=_user_of(by))


def _describe_comment(event: NoticeType, data: Data, project: str | None) -> Described:
    author = data.get("author") or {}
    name = author.get("name") or "A program"
    what = "named you in a comment" if event is NoticeType.CONTENT_MENTIONED else "commented on content"
    mentioned = {user for user in map(_user_of, data.get("mentions") or ()) if user is not None}
    return _write(
        SubjectType.CONTENT,
        f"{name} {what}",
        _shorten(data.get("text")),
        project,
        mentioned=frozenset(mentioned),
        by=_user_of(author.get("id")),
    )


def _describe_post(event: NoticeType, data: Data, post: PostFacts | None, project: str | None) -> Described | None:
    error = data.get("lastError") or {}
    if event is NoticeType.POST_FAILED and error.get("code") == "OUTCOME_UNKNOWN":
        return None
    where = f"to {post.handle} on {_name_platform(data)}" if post else f"on {_name_platform(data)}"
    if event is NoticeType.POST_FAILED:
        title = f"A post {where} failed"
    else:
        title = f"It is not known whether a post {where} is live"
    said = str(error.get("message") or "")
    return _write(SubjectType.POST, title, _join(said, _shorten(post.caption if post else None)), project)


def _write(
    subject_type: SubjectType,
    title: str,
    text: str,
    project: str | None,
    *,
    mentioned: frozenset[UUID] = frozenset(),
    by: UUID | None = None,
) -> Described:
    return Described(
        subject_type=subject_type,
        title=_cut(_SPACES.sub(" ", title), MAX_TITLE),
        text=_cut(_join(text, f"Project: {project}" if project else ""), MAX_TEXT),
        mentioned=mentioned,
        by=by,
    )


def _name_platform(data: Data) -> str:
    try:
        return rules_of(PlatformName(str(data.get("platform")))).platform
    except ValueError:  # of a newer version
        return "its platform"


def _name_account(data: Data) -> str:
    return f"{data.get('handle') or data.get('displayName') or 'An account'} on {_name_platform(data)}"


def _user_of(text: object) -> UUID | None:
    """Return the user with a public id, or None for another kind of id."""
    try:
        return parse_id(USER, str(text))
    except ValueError:
        return None


def _shorten(text: object) -> str:
    return _cut(_SPACES.sub(" ", str(text or "")).strip(), _MAX_EXCERPT)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def _join(*parts: str) -> str:
    return "\n".join(part for part in parts if part)
