"""What a target can request on Threads: the schema, and the parameters of containers.

Source: Meta, "Publishing", "Posts", "Reply Management", "Geo-Gated Content", "Spoilers", "Polls" and "Share posts to Instagram
Stories" (Threads API), read 2026-11.
"""

import json
from typing import Annotated, Final, Literal

from pydantic import Field, StrictBool, StringConstraints

from presswork.core.enums import Mode
from presswork.platforms.names import PlatformName
from presswork.platforms.options import (
    MEDIA_ONLY,
    POLL,
    OptionField,
    OptionLine,
    OptionModel,
    PostOptions,
    labels,
    written_as,
)
from presswork.platforms.port import Media

_SETTINGS: Final = "threadsPostSettings"
TOPIC_LIMIT: Final = 50
"""Characters of a topic."""
_MAX_COUNTRIES: Final = 250
"""More than ISO 3166-1 has; Threads documents no limit."""

MAX_POLL_OPTION: Final = 25
"""Characters of an option of a poll."""
_POLL_FIELDS: Final = ("option_a", "option_b", "option_c", "option_d")
_Country = Annotated[str, written_as("[A-Z]{2}", "is no country. Send its two letters, like US.")]


class ThreadsPoll(OptionModel):
    """A poll below a text."""

    options: Annotated[
        list[Annotated[OptionLine, StringConstraints(max_length=MAX_POLL_OPTION)]],
        Field(min_length=2, max_length=len(_POLL_FIELDS)),
    ] = Field(title="Answer", description="What people can choose: 2 to 4 answers of at most 25 characters.")


class ThreadsPostSettings(OptionModel):
    """How a post appears on Threads."""

    reply_control: (
        Literal["everyone", "accounts_you_follow", "mentioned_only", "parent_post_author_only", "followers_only"] | None
    ) = Field(
        title="Who can reply",
        json_schema_extra=labels(
            {
                "everyone": "Everyone",
                "accounts_you_follow": "Accounts that the profile follows",
                "followers_only": "Followers",
                "mentioned_only": "Mentioned accounts",
                "parent_post_author_only": "The author alone",
            }
        ),
        default=None,
        description="Who can reply. Default: everyone.",
    )
    topic_tag: (
        Annotated[
            str,
            StringConstraints(min_length=1, max_length=TOPIC_LIMIT),
            written_as(r"[^.&\x00-\x1f]+", "is no topic. Send one without periods, ampersands and line ends."),
        ]
        | None
    ) = Field(
        title="Topic",
        default=None,
        description="The topic of the post, without #. Default: the first hashtag of the caption, if it has one.",
    )
    is_spoiler_media: StrictBool | None = Field(
        title="Hide the media until a person taps them",
        default=None,
        description="Hide the images or the video until a person taps them.",
    )
    enable_reply_approvals: StrictBool | None = Field(
        title="Show replies only once they are approved",
        default=None,
        description="Show replies only after the author has approved them.",
    )
    allowlisted_country_codes: Annotated[list[_Country], Field(min_length=1, max_length=_MAX_COUNTRIES)] | None = Field(
        title="Only in these countries",
        default=None,
        description="Countries (ISO 3166-1, two letters) in which the post is shown; only for accounts for which Threads "
        "has enabled this. Default: all.",
    )
    crossreshare_to_instagram: StrictBool | None = Field(
        title="Share it as a story on the linked Instagram account",
        default=None,
        description="Share the post as a story of the linked Instagram account. It needs the permission "
        "threads_share_to_instagram.",
    )
    quote_post_id: Annotated[str, written_as("[0-9]{1,32}", "is no id. Send the digits of one.")] | None = Field(
        title="Quoted post", default=None, description="The id of a Threads post that this one quotes."
    )
    poll: ThreadsPoll | None = Field(
        title="Poll",
        default=None,
        description="A poll. Its question is the text of the post; Threads decides how long it is open.",
    )


def settings_of(options: PostOptions) -> ThreadsPostSettings:
    """Return the requested settings."""
    return options.of(_SETTINGS, ThreadsPostSettings)


def post_parameters(settings: ThreadsPostSettings) -> dict[str, str]:
    """Return the parameters of the container that is published, whatever its media."""
    requested = {
        "reply_control": settings.reply_control,
        "topic_tag": settings.topic_tag,
        "is_spoiler_media": _write_flag(settings.is_spoiler_media),
        "enable_reply_approvals": _write_flag(settings.enable_reply_approvals),
        "allowlisted_country_codes": ",".join(settings.allowlisted_country_codes or ()) or None,
        "crossreshare_to_ig": _write_flag(settings.crossreshare_to_instagram),
        "quote_post_id": settings.quote_post_id,
        "poll_attachment": None if settings.poll is None else _write_poll(settings.poll),
    }
    return {name: value for name, value in requested.items() if value is not None}


def item_parameters(media: Media) -> dict[str, str]:
    """Return the parameters of the container of one picture or video beyond its URL."""
    return {"alt_text": media.alt_text} if media.alt_text else {}


def _write_poll(poll: ThreadsPoll) -> str:
    return json.dumps(dict(zip(_POLL_FIELDS, poll.options, strict=False)), ensure_ascii=False, separators=(",", ":"))


def _write_flag(value: bool | None) -> str | None:
    return None if value is None else str(value).lower()


OPTIONS: Final = (
    OptionField(
        name=_SETTINGS,
        platform=PlatformName.THREADS,
        schema=ThreadsPostSettings,
        description="Threads targets in the modes `publish` and `managed`; validated, then ignored for others.",
        modes=frozenset({Mode.PUBLISH, Mode.MANAGED}),
        carriers={"isSpoilerMedia": MEDIA_ONLY, "poll": POLL},
        reviewed=("topicTag", "quotePostId", "poll"),
    ),
)
