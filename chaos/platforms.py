"""The fake platforms as the load, the faults and the checks see them, as one table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from pydantic import JsonValue

_PLENTY: Final = 100_000
_ALL_MEDIA: Final = frozenset({"image", "video", "multi"})
_ALSO_TEXT: Final = _ALL_MEDIA | {"text"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaosPlatform:
    """One platform. Operations, codes and account settings have the names of the sandbox's control surface."""

    calls: Sequence[str]
    """Operations that get faults."""
    live_calls: Sequence[str]
    """Those that can't be undone. Their errors may occur after the effect, and they get the larger share of the faults."""
    job_calls: frozenset[str]
    """Those at which processing can get stuck or fail."""
    token_calls: frozenset[str]
    """Those at which the access token can expire."""
    change_calls: Sequence[str] = ()
    """Those that delete or change a live post. Their errors may occur after the effect, too."""
    taken_down_by: frozenset[str | None] = frozenset({None})
    """Logins that can delete posts."""
    has_live_edit: bool = False
    """Whether the text of a live post can be changed."""
    share: int = 10
    """Its part of the platform faults."""
    throttling: Mapping[str, JsonValue] | None = None
    """The error of a rate limit."""
    unthrottled: frozenset[str] = frozenset({"refresh"})
    """Operations without that error."""
    ambiguous: Mapping[str, Mapping[str, JsonValue]] = field(default_factory=dict)
    """By operation: an error after which the platform may have done what it was asked."""
    media_error: Mapping[str, JsonValue] = field(default_factory=dict)
    part_length: int | None = None
    """How long a post's text may be, in characters of one byte, where longer ones can be threads."""
    media: frozenset[str] = _ALL_MEDIA
    """Kinds of content that it has posts for."""
    rewritten: frozenset[str] = frozenset()
    """Kinds of content of which a copy is sent, so that only the number of its files can be compared."""
    comparable_url: Callable[[str], str] = lambda url: url
    """Returns what two URLs of one post have in common."""
    posts_a_day: int = 130
    has_comments: bool = True
    answers_hidden: bool = True
    """Whether a comment can be answered while it is hidden."""
    has_inbox: bool = False
    """Whether drafts go to an inbox of the platform."""
    can_lose_pictures: bool = False
    """Whether the outcome of a picture can't be asked for once the response to its call is lost."""
    is_readable: bool = True
    """Whether some call shows what is live. Without one, a response that is lost ends the post as unknown at the first look."""
    rotates_tokens: bool = False
    """Whether a refresh token serves once, so that a response that is lost before its commit ends the access."""
    logins: Sequence[str | None] = (None,)
    handle_end: str = ""
    account: Mapping[str, JsonValue] = field(default_factory=dict)
    """Settings of its accounts."""
    chosen: tuple[str, str] | None = None
    """The list of an account of which each post names one, and the option with its id."""
    label: Mapping[str, JsonValue] | None = None
    """An option of its posts, under `<platform>PostSettings`."""
    is_labelled: Callable[[Mapping[str, JsonValue]], bool] = lambda _params: False
    """Whether a post's parameters have that option."""
    is_shown: Callable[[Mapping[str, JsonValue]], bool] = lambda _params: True
    """Whether a viewer sees a post with these parameters."""


def _object(value: JsonValue) -> Mapping[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def _is_true(value: JsonValue) -> bool:
    return value in (True, "true")


PLATFORMS: Final[Mapping[str, ChaosPlatform]] = MappingProxyType(
    {
        "instagram": ChaosPlatform(
            calls=(
                "media",
                "container_status",
                "media_publish",
                "permalink",
                "comments",
                "comments_list",
                "comment",
                "comment_replies",
                "content_publishing_limit",
                "refresh",
            ),
            live_calls=("media_publish", "comments", "comment_replies"),
            change_calls=("media_delete", "comment_update", "comment_delete", "likes"),
            taken_down_by=frozenset({"facebook"}),
            job_calls=frozenset({"media"}),
            token_calls=frozenset({"media", "media_publish", "container_status", "media_delete"}),
            throttling={"code": 4},
            ambiguous={"media_publish": {"code": 4, "subcode": 2207051, "afterEffect": True}},
            media_error={"subcode": 2207026},
            media=_ALL_MEDIA | {"mixed"},
            answers_hidden=False,
            posts_a_day=130,  # it accepts 400 containers a day, and a slideshow needs four
            logins=("instagram", "facebook"),
            account={"quotaTotal": _PLENTY},
            label={"isAiGenerated": True},
            is_labelled=lambda params: _is_true(params.get("is_ai_generated")),
        ),
        "tiktok": ChaosPlatform(
            calls=("creator_info", "video_init", "inbox_init", "content_init", "upload", "status_fetch", "refresh"),
            live_calls=("upload", "content_init"),
            taken_down_by=frozenset(),
            job_calls=frozenset({"video_init", "inbox_init", "content_init"}),
            token_calls=frozenset({"creator_info", "video_init", "status_fetch"}),
            throttling={"code": "rate_limit_exceeded"},
            unthrottled=frozenset({"refresh", "upload"}),
            media_error={"code": "file_format_check_failed"},
            posts_a_day=12,  # it accepts 15, and some are reserved for retried calls
            has_comments=False,
            has_inbox=True,
            can_lose_pictures=True,
            rotates_tokens=True,
            label={"isAiGenerated": True},
            is_labelled=lambda params: (  # of pictures it stands beside `post_info`
                _is_true(params.get("is_aigc")) or _is_true(_object(params.get("post_info")).get("is_aigc"))
            ),
        ),
        "threads": ChaosPlatform(
            calls=(
                "threads",
                "container_status",
                "threads_publish",
                "permalink",
                "replies_list",
                "own_replies",
                "conversation",
                "threads_publishing_limit",
                "refresh",
            ),
            live_calls=("threads_publish",),
            change_calls=("delete", "manage_reply"),
            job_calls=frozenset({"threads"}),
            token_calls=frozenset({"threads", "threads_publish", "container_status", "delete"}),
            throttling={"code": 4},
            ambiguous={"threads_publish": {"code": 2, "status": 500, "afterEffect": True}},
            media_error={"code": "UNKNOWN"},
            part_length=500,
            media=_ALSO_TEXT | {"mixed"},
            account={"quotaTotal": _PLENTY, "replyQuotaTotal": _PLENTY},
            label={"enableReplyApprovals": True},
            is_labelled=lambda params: _is_true(params.get("enable_reply_approvals")),
        ),
        "facebook": ChaosPlatform(
            calls=(
                "photos",
                "feed",
                "publish_post",
                "video_start",
                "video_transfer",
                "video_finish",
                "video_status",
                "photo",
                "published_posts",
                "permalink",
                "comments",
                "comments_list",
                "comment",
                "comment_replies",
            ),
            live_calls=("feed", "publish_post", "video_finish", "comments", "comment_replies"),
            change_calls=("delete", "post_update", "comment_update", "comment_delete", "comment_likes"),
            has_live_edit=True,
            job_calls=frozenset({"video_start"}),
            token_calls=frozenset(),  # a Page's token does not expire, and can't be renewed
            throttling={"code": 4},
            ambiguous={"feed": {"code": 2, "status": 500, "afterEffect": True}},
            media_error={"code": 1363024},
            media=_ALSO_TEXT,
            account={"quotaTotal": _PLENTY},
        ),
        "linkedin": ChaosPlatform(
            calls=(
                "images_initialize",
                "videos_initialize",
                "documents_initialize",
                "upload",
                "videos_finalize",
                "media_status",
                "posts",
                "posts_by_author",
                "comments",
                "comments_list",
            ),
            live_calls=("posts", "comments"),
            change_calls=("delete", "post_update", "comment_delete", "reactions", "reactions_delete"),
            has_live_edit=True,
            job_calls=frozenset({"videos_finalize"}),
            token_calls=frozenset({"images_initialize"}),
            media_error={"code": "PROCESSING_FAILED"},
            media=_ALSO_TEXT | {"document"},
            account={"quotaTotal": _PLENTY},
            label={"isReshareDisabled": True},
            is_labelled=lambda params: _is_true(params.get("isReshareDisabledByAuthor")),
        ),
        "youtube": ChaosPlatform(
            calls=(
                "videos_insert",
                "upload",
                "videos_list",
                "videos_update",
                "comment_threads_insert",
                "comment_threads_list",
                "comments_insert",
                "comments_list",
                "refresh",
            ),
            live_calls=("videos_update", "comment_threads_insert", "comments_insert"),
            change_calls=("videos_delete", "comments_delete", "comments_set_moderation_status"),
            has_live_edit=True,
            job_calls=frozenset({"videos_insert"}),
            token_calls=frozenset({"videos_insert", "videos_list", "videos_update", "videos_delete"}),
            throttling={"code": "rateLimitExceeded"},
            unthrottled=frozenset({"refresh", "upload"}),
            media_error={"code": "conversion"},
            media=frozenset({"video"}),
            comparable_url=lambda url: url.rpartition("/")[2].removeprefix("watch?v="),  # a short has two URLs
            account={"quotaTotal": _PLENTY},
            label={"containsSyntheticMedia": True},
            is_labelled=lambda params: _is_true(_object(params.get("status")).get("containsSyntheticMedia")),
            # An upload is private until its call that makes it live.
            is_shown=lambda params: _object(params.get("status")).get("privacyStatus") != "private",
        ),
        "bluesky": ChaosPlatform(
            calls=(
                "upload_blob",
                "upload_video",
                "job_status",
                "put_record",
                "apply_writes",
                "get_record",
                "get_post_thread",
                "get_posts",
                "refresh",
            ),
            live_calls=("put_record", "apply_writes"),
            change_calls=("delete_record",),
            job_calls=frozenset({"upload_video"}),
            token_calls=frozenset({"upload_blob", "put_record", "apply_writes", "get_record", "delete_record"}),
            part_length=300,
            throttling={"code": "RateLimitExceeded", "status": 429},
            media_error={"code": "encoding_failure"},
            media=_ALSO_TEXT,
            rewritten=frozenset({"image", "multi"}),
            rotates_tokens=True,
            handle_end=".bsky.social",
            label={"contentLabels": ["nudity"]},
            is_labelled=lambda params: "labels" in params,
        ),
        "mastodon": ChaosPlatform(
            calls=("media", "media_status", "statuses", "status", "account_statuses", "context", "instance"),
            live_calls=("statuses",),
            change_calls=("status_delete", "status_update", "favourite"),
            has_live_edit=True,
            job_calls=frozenset({"media"}),
            token_calls=frozenset(),  # a token has no end, and can't be renewed
            part_length=500,
            throttling={"code": "429"},
            ambiguous={"statuses": {"code": "503", "afterEffect": True}},
            media_error={"code": "422"},
            media=_ALSO_TEXT,
            rewritten=frozenset({"image", "multi"}),
            label={"sensitive": True},
            is_labelled=lambda params: _is_true(params.get("sensitive")),
        ),
        "telegram": ChaosPlatform(
            calls=("send_message", "send_photo", "send_video", "send_media_group"),
            live_calls=("send_message", "send_photo", "send_video", "send_media_group"),
            change_calls=("delete_message", "edit_message_text", "edit_message_caption"),
            has_live_edit=True,
            job_calls=frozenset(),
            token_calls=frozenset(),  # the token is the bot's, and so that of every channel
            throttling={"code": "429"},
            ambiguous={"send_message": {"code": "500", "afterEffect": True}},
            media=_ALSO_TEXT | {"mixed"},
            has_comments=False,
            is_readable=False,
            label={"isSilent": True},
            is_labelled=lambda params: _is_true(params.get("disable_notification")),
        ),
        "pinterest": ChaosPlatform(
            calls=("media", "upload", "media_status", "pins", "pins_list", "pin", "user_account", "refresh"),
            live_calls=("pins",),
            change_calls=("pin_delete", "pin_update"),
            has_live_edit=True,
            job_calls=frozenset({"media"}),
            token_calls=frozenset({"media", "media_status", "pins", "pins_list", "pin_delete"}),
            throttling={"code": "8"},
            unthrottled=frozenset({"refresh", "upload"}),
            media_error={"message": "The file is no video that can be read."},
            has_comments=False,
            rotates_tokens=True,
            chosen=("boards", "boardId"),
            label={"link": "https://example.com/bread"},
            is_labelled=lambda params: params.get("link") is not None,
        ),
        "x": ChaosPlatform(
            calls=(
                "media_initialize",
                "media_append",
                "media_finalize",
                "media_status",
                "tweets",
                "tweet",
                "user_tweets",
                "search_recent",
                "refresh",
            ),
            live_calls=("tweets",),
            change_calls=("delete", "hide_reply"),
            job_calls=frozenset({"media_initialize"}),
            token_calls=frozenset({"media_initialize", "tweets", "user_tweets", "delete"}),
            part_length=280,
            throttling={"code": "429"},
            ambiguous={"tweets": {"code": "503", "afterEffect": True}},
            media_error={"message": "The file is no media that can be read."},
            media=_ALSO_TEXT,
            rotates_tokens=True,
            account={"quotaTotal": _PLENTY, "replyQuotaTotal": _PLENTY},
            label={"madeWithAi": True},
            is_labelled=lambda params: _is_true(params.get("made_with_ai")),
        ),
    }
)
"""By name. Text messages and the managed provider are not among them."""

SERVICES: Final[Mapping[str, ChaosPlatform]] = MappingProxyType(
    {
        "sms": ChaosPlatform(
            calls=("messages", "message_status"),
            live_calls=("messages",),
            job_calls=frozenset({"messages"}),
            token_calls=frozenset(),
            share=1,
            media_error={"code": "30008"},
        ),
        "provider": ChaosPlatform(
            calls=("dispatch", "dispatch_status"),
            live_calls=("dispatch",),
            job_calls=frozenset({"dispatch"}),
            token_calls=frozenset(),
            share=1,
            media_error={"code": "media_unreachable"},
        ),
    }
)
"""What else posts are delivered through."""

SETTINGS: Final[Mapping[str, Mapping[str, JsonValue]]] = MappingProxyType(
    {
        # The limits of the app, which all its accounts share.
        "youtube": {"uploadsPerDay": _PLENTY, "unitsPerDay": 100_000_000},
        # Those of the app and of a user. People in this run comment without a mention of the account.
        "x": {"appPostsPerDay": _PLENTY, "userPostsPerWindow": _PLENTY, "summonedReplies": False},
    }
)
"""Settings of a whole platform."""
