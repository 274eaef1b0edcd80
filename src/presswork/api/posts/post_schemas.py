"""What a post looks like in answers and webhooks: its document, the row of a list, its timeline."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final, Literal, Self

from pydantic import ConfigDict, Field, JsonValue
from pydantic.config import JsonDict

from presswork.accounts.model import AccountStatus
from presswork.api.http.body import FromDomain, Out
from presswork.api.http.ids import AccountRef, ContainerRef, PostRef, ProjectRef, QueueRef, RecurrenceRef
from presswork.api.http.paging import NoNextPage
from presswork.api.posts.option_schemas import NO_OPTIONS, shows_options
from presswork.core.enums import Mode
from presswork.core.timestamps import Instant
from presswork.platforms.errors import FailureCode
from presswork.platforms.names import PlatformName
from presswork.posts.model import (
    EditStatus,
    Event,
    ExtraStatus,
    FirstCommentStatus,
    LiveStatus,
    Status,
    TimelineLine,
    Wait,
    WaitReason,
)
from presswork.posts.parts import PartStatus, ThreadStatus

POST_EXAMPLE: Final[JsonDict] = {
    "id": "sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
    "projectId": "prj_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
    "containerId": "cnt_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
    "socialAccountId": "sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
    "platform": "instagram",
    "mode": "publish",
    "status": "published",
    "gateStatus": None,
    "externalId": "17918920912340654",
    "externalUrl": "https://www.instagram.com/p/CuMzZq1sX9k/",
    "sandboxUrl": None,
    "scheduledFor": "2026-11-24T18:30:00.000Z",
    "queueId": None,
    "slotAt": None,
    "attemptedAt": "2026-11-24T18:30:00.041Z",
    "publishedAt": "2026-11-24T18:30:04.512Z",
    "canceledAt": None,
    "lastError": None,
    "captionOverride": None,
    "firstCommentOverride": None,
    "texts": None,
    **NO_OPTIONS,
    "firstCommentStatus": None,
    "parts": None,
    "threadStatus": None,
    "extras": [],
    "liveStatus": "live",
    "liveAdvice": None,
    "lastEdit": None,
    "recurrenceId": None,
    "privacyLevel": None,
    "revision": 1,
    "createdAt": "2026-11-24T18:30:00.000Z",
    "updatedAt": "2026-11-24T18:30:04.512Z",
}
_ACCOUNT_EXAMPLE: Final[JsonDict] = {
    "handle": "corner.bakery",
    "displayName": "Corner Bakery",
    "avatarUrl": None,
    "status": "connected",
}
_TIMELINE_EXAMPLE: Final[list[JsonValue]] = [
    {
        "at": "2026-11-24T18:30:00.000Z",
        "event": "queued",
        "message": "Accepted. Due now.",
        "detail": {"mode": "publish"},
    },
    {
        "at": "2026-11-24T18:30:04.512Z",
        "event": "published",
        "message": "The post is live.",
        "detail": {"externalId": "17918920912340654"},
    },
]


class LastError(Out):
    """Why a post failed; `message` says what to do."""

    code: FailureCode
    message: str
    platform_code: str | None
    platform_message: str | None
    at: Instant
    step: str


class PostAccount(Out):
    """The account of a post, as far as a list shows it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ACCOUNT_EXAMPLE]})

    handle: str
    display_name: str | None
    avatar_url: str | None
    status: AccountStatus = Field(
        description="A post to an account that is not `connected` when it is due fails or is canceled."
    )


class Waiting(Out):
    """Why a post whose time has come is not out."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "rate_limit", "until": "2026-11-25T18:24:30.083Z", "behind": None}]}
    )

    reason: WaitReason = Field(
        description="""`approval`: its content was edited and waits for approval, whether it is due or not.
`lane`: a worker is publishing another post of the account.
`rate_limit`: a limit of the platform, such as posts per day or calls per minute.
`retry`: a temporary error; Presswork retries with backoff.
`outcome_unknown`: the answer of the platform was lost; Presswork asks whether the post is live, and repeats nothing.
`processing`: the platform (or the SMS service) has the post and has not finished.
`provider`: the provider of managed distribution has the post and has not reported its outcome.
`setting`: the operator of Presswork has not set up the platform.
`worker`: no worker has claimed it yet; for longer than some seconds only if no worker runs or all are busy."""
    )
    until: Instant | None = Field(description="When Presswork continues; null where it is not known.")
    behind: PostRef | None = Field(
        description="The post that is ahead in the account's lane, if this is the wait of that post; null if it is its own."
    )


class PostPart(Out):
    """One part of a post that is a thread of posts."""

    index: int = Field(description="From 0, in the order of the thread.")
    external_id: str | None = Field(description="The platform's own id of the part.")
    external_url: str | None = Field(description="Its public URL, if the platform reports it.")
    status: PartStatus = Field(
        description="`queued`: not written yet. `failed`: it is not live and will not be. `unknown`: the platform did not say whether "
        "it is live."
    )


class Extra(Out):
    """Something that is added to a live post, and what became of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"kind": "caption", "subject": "de", "status": "done", "message": "The video has the captions in de."}
            ]
        }
    )

    kind: str = Field(description="On YouTube `thumbnail`, `playlist` or `caption`.")
    subject: str | None = Field(
        description="Which one of its kind: the id of the playlist, or the language of the captions with their name."
    )
    status: ExtraStatus = Field(description="`pending` while Presswork tries, `done` or `failed`.")
    message: str | None = Field(description="What happened, and what to do if it failed. null while it is pending.")


class LastEdit(Out):
    """What became of a change of a live post."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"status": "done", "message": "The live post is changed."}]}
    )

    status: EditStatus
    message: str | None = Field(description="What happened, and what to do if it failed. null while it is pending.")


class PostTexts(FromDomain):
    """The texts of a post as they go out."""

    caption: str
    first_comment: str | None


@shows_options
class ScheduledPost(Out):  # describes what document.sql builds
    """One container going to one social account. A field that does not apply (yet) is null."""

    model_config = ConfigDict(json_schema_extra={"examples": [POST_EXAMPLE]})

    id: PostRef
    project_id: ProjectRef
    container_id: ContainerRef
    social_account_id: AccountRef
    platform: PlatformName
    mode: Mode
    status: Status
    gate_status: Literal["blocked_on_approval"] | None = Field(
        description="`blocked_on_approval`: queued, but its content was edited and waits for approval."
    )
    external_id: str | None = Field(description="The platform's own id of the live post.")
    external_url: str | None = Field(description="The public URL of the live post, if the platform reports it.")
    sandbox_url: str | None = Field(
        description="The page of a live post of a test project, in the sandbox: there `externalUrl` leads nowhere. "
        "null in live projects, and as long as `externalUrl` is."
    )
    scheduled_for: Instant
    queue_id: QueueRef | None = Field(description="The queue of whose slot it is; null for others.")
    slot_at: Instant | None = Field(
        description="Its slot: `scheduledFor` without the queue's jitter. null once it is rescheduled, failed or canceled."
    )
    attempted_at: Instant | None
    published_at: Instant | None
    canceled_at: Instant | None
    last_error: LastError | None
    caption_override: str | None
    first_comment_override: str | None
    texts: PostTexts | None = Field(
        description="What goes out: the texts with the values of variables and the parameters of links, as of its creation or last "
        "edit; null where nothing is filled in."
    )
    first_comment_status: FirstCommentStatus | None
    parts: list[PostPart] | None = Field(
        description="What became of each part of a thread of posts; null for a single post, and for a text that `autoSplit` has not "
        "split yet."
    )
    thread_status: ThreadStatus | None = Field(
        description="How a published thread ended: `partial` if it ended before all parts were live, `unknown` if it is not known "
        "whether one is; `lastError` says why. null for a single post, and before."
    )
    extras: list[Extra] = Field(
        description="What is added to the live post, such as a YouTube thumbnail, each with its outcome. None of them changes "
        "`status`. Empty until the post is live."
    )
    live_status: LiveStatus | None = Field(
        description="What became of the post since it was published: `taking_down` while a worker tries, `taken_down`, `gone` if it was "
        "deleted on the platform first, `take_down_failed` or `not_supported` if a person has to delete it there. null before it is "
        "published, and for drafts."
    )
    live_advice: str | None = Field(
        description="What a person has to do about a live post that could not be taken down, with its URL."
    )
    last_edit: LastEdit | None = Field(description="The last change of the live post; null if there was none.")
    privacy_level: str | None = Field(
        description="TikTok's privacy level that was sent with the post; null before, and on other platforms."
    )
    recurrence_id: RecurrenceRef | None = Field(
        description="The recurrence that it was made for; null for other posts."
    )
    revision: int = Field(description="1 at first, and one more for each edit of its texts and options.")
    created_at: Instant
    updated_at: Instant


class FoundPost(ScheduledPost):  # describes what document.sql builds with its context
    """A post with what a list of several projects shows besides: its account, what goes out, and why it waits."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **POST_EXAMPLE,
                    "account": _ACCOUNT_EXAMPLE,
                    "caption": "Fresh from the oven",
                    "thumbnailUrl": "https://presswork.example.com/media/previews/…/image.jpg?expires=1795651200&signature=…",
                    "waiting": None,
                }
            ]
        },
    )

    account: PostAccount
    caption: str = Field(description="The caption that goes out: `captionOverride`, or else that of the content.")
    thumbnail_url: str | None = Field(
        description="Signed URL of a thumbnail of the first media item, or of the picture of the link's card; null if there is "
        "none (yet)."
    )
    waiting: Waiting | None = Field(
        description="Why it is not out although its time has come; null if it is not due, is being published, or has ended."
    )


class TimelineItem(Out):
    """One timeline entry of a post."""

    at: Instant
    event: Event
    message: str
    detail: dict[str, JsonValue]


class Timeline(Out):
    """The timeline of a post, oldest entry first."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"items": _TIMELINE_EXAMPLE, "nextCursor": None, "waiting": None}]}
    )

    items: list[TimelineItem]
    next_cursor: NoNextPage = None
    waiting: Waiting | None = Field(
        description="Why it is not out although its time has come; null if it is not due, is being published, or has ended."
    )

    @classmethod
    def of(cls, lines: Sequence[TimelineLine], wait: Wait | None) -> Self:
        """Build it from timeline lines, oldest first, and the current wait."""
        items = [
            TimelineItem(at=line.at, event=line.event, message=line.message, detail=dict(line.detail)) for line in lines
        ]
        return cls(items=items, waiting=None if wait is None else Waiting.model_validate(asdict(wait)))
