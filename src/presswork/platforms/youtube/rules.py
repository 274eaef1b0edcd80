"""What YouTube accepts, as data: the options of a target and their fields in the calls, what they add to a live video, the limits of
title, description and video, and the quotas of the operator's Google Cloud project, which all accounts share, and of a channel.

Preparing a post, preflight and the documentation use it. YouTube converts every video itself and accepts far more formats than
Presswork takes in, so the original is uploaded as it is. Uploads have a bucket with their own daily number of calls; nearly all other
calls share a pool of units. Both are full again at midnight Pacific time.
Sources: Google, "Videos" (resource: snippet, status), "Videos: insert", "Thumbnails: set", "PlaylistItems: insert", "Captions: insert",
"Quota and Compliance Audits" and "Determine Quota Cost";
YouTube Help, "Upload videos longer than 15 minutes", "Supported file formats" and "Use hashtags for video search"; read 2026-11.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, JsonValue, StrictBool, StrictInt, StringConstraints, ValidationError, model_validator

from presswork.core.enums import EditField, Mode
from presswork.core.errors import FieldError, IssueCode
from presswork.platforms import rules
from presswork.platforms.bounds import NONE_WITHIN
from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Advice, Findings, Problem, Warned, found, tenths
from presswork.platforms.limits import LimitEffect, LimitSubject
from presswork.platforms.names import PlatformName
from presswork.platforms.options import (
    ON_BY_DEFAULT,
    Extra,
    OptionField,
    OptionModel,
    OptionText,
    PostOptions,
    audiences,
    labels,
    written_as,
)
from presswork.platforms.port import Draft, Limit, Media, QuotaCost
from presswork.platforms.rate_limits import daily_limit, next_midnight
from presswork.platforms.rules import NumericLimit, Rules, Stated

Privacy = Literal["public", "unlisted", "private"]
PRIVATE: Final = "private"
TITLE_LIMIT: Final = 100
"""Characters of a title."""
TAGS_LIMIT: Final = 500
"""Characters of all tags together, as YouTube counts them: see `tag_characters`."""
_MAX_TAGS: Final = TAGS_LIMIT // 2
MAX_COMMENT: Final = 10_000
"""Characters of a comment (seen by clients; the pages name no number)."""
MAX_PLAYLISTS: Final = 5
"""Playlists to which one post adds its video; the platform has no such limit."""
MAX_CAPTIONS: Final = 20
"""Tracks that one post uploads; each costs 400 units."""
_MAX_CAPTION_NAME: Final = 150
"""Characters (reported by clients, not documented)."""
MAX_CAPTION_BYTES: Final = 104_857_600
MAX_THUMBNAIL_BYTES: Final = 52_428_800
"""2 MB until 2026-09-14, as many copies of the documentation still say."""
_MAX_VIDEO: Final = timedelta(hours=12)
_DEFAULT_CATEGORY: Final = "22"
"""People & Blogs, which is also YouTube's default (general knowledge, not documented)."""
_SETTINGS: Final = "youtubePostSettings"
_NO_MARKUP: Final = written_as(
    r"[^<>\r\n]*[^<>\s][^<>\r\n]*",
    "is blank, or contains <, > or a line break, which YouTube refuses. Send plain text.",
)

_Title = Annotated[OptionText, StringConstraints(max_length=TITLE_LIMIT), _NO_MARKUP]
_Tag = Annotated[OptionText, StringConstraints(max_length=TAGS_LIMIT), _NO_MARKUP]


_FileURL = Annotated[
    str,
    StringConstraints(max_length=2000),
    written_as("https?://[!-~]+", "is no URL in plain ASCII. Send one like https://example.com/file."),
]
_Language = Annotated[
    str,
    StringConstraints(max_length=35),
    written_as("[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", "is no language tag. Send one like en or pt-BR."),
]
_PlaylistId = Annotated[
    str,
    written_as(
        "[A-Za-z0-9_-]{2,64}",
        "is no id of a playlist. Send one of GET /v1/social-accounts/{socialAccountId}/playlists.",
    ),
]


class YouTubeThumbnail(OptionModel):
    """The picture that stands for a video: a file, or a frame of the video."""

    url: _FileURL | None = Field(
        title="URL of a picture",
        default=None,
        description="Public URL of a JPEG, PNG or WebP; converted to what YouTube accepts.",
    )
    timestamp_ms: Annotated[StrictInt, Field(ge=0, le=_MAX_VIDEO // timedelta(milliseconds=1))] | None = Field(
        title="Frame of the video", default=None, description="A frame of the video, in milliseconds from its start."
    )

    @model_validator(mode="after")
    def _check_source(self) -> Self:
        if (self.url is None) == (self.timestamp_ms is None):
            raise FieldError("needs either url or timestampMs. Send one of them.", IssueCode.CONFLICTING_OPTIONS)
        return self


class YouTubeCaption(OptionModel):
    """A file with subtitles in one language."""

    language: _Language = Field(title="Language", description="The language, like `en` or `pt-BR`.")
    name: Annotated[str, StringConstraints(max_length=_MAX_CAPTION_NAME, pattern=r"^[^\x00]*$")] | None = Field(
        title="Name",
        default=None,
        description="The name that viewers choose it by, beside the language. Default: none.",
    )
    url: _FileURL = Field(title="URL of the file", description="Public URL of an SRT or WebVTT file in UTF-8.")

    @property
    def subject(self) -> str:
        """What distinguishes it from the other captions of a video: for YouTube too, language and name."""
        return f"{self.language} {self.name or ''}".rstrip()


class YouTubePostSettings(OptionModel):
    """How a video appears on YouTube."""

    title: _Title | None = Field(
        title="Title",
        default=None,
        description=f"The title. Default: the first line of the caption, cut to {TITLE_LIMIT} characters.",
    )
    privacy: Privacy | None = Field(
        title="Who can see the video",
        json_schema_extra=audiences(
            {"public": "Everyone", "unlisted": "People who have the link", "private": "The channel alone"},
            narrowest="private",
            commented="unlisted",
        ),
        default=None,
        description="Who can see the video: `public` (default), `unlisted` (all who have the link) or `private` (the channel).",
    )
    tags: Annotated[list[_Tag], Field(max_length=_MAX_TAGS)] | None = Field(
        title="Tags",
        default=None,
        description=f"Keywords; {TAGS_LIMIT} characters in all, where each comma counts 1 and the quotes of a tag with spaces 2.",
    )
    category_id: Annotated[str, written_as("[0-9]{1,4}", "is no category. Send the digits of one, like 22.")] | None = (
        Field(title="Category", default=None, description="The id of a video category. Default: 22 (People & Blogs).")
    )
    made_for_kids: StrictBool | None = Field(
        title="The video is made for kids",
        default=None,
        description="Declare that the video is made for kids, as the law requires for one. The channel's owner answers for it. "
        "Such videos have no comments. Default: false.",
    )
    contains_synthetic_media: StrictBool | None = Field(
        title="It shows altered or synthetic content that looks real",
        default=None,
        description="Declare altered or synthetic content that looks real. Default: false.",
    )
    notify_subscribers: StrictBool | None = Field(
        json_schema_extra=ON_BY_DEFAULT,
        title="Notify subscribers",
        default=None,
        description="Let YouTube notify the channel's subscribers. Default: true.",
    )
    license: Literal["youtube", "creativeCommon"] | None = Field(
        title="License",
        json_schema_extra=labels(
            {"youtube": "YouTube's standard license", "creativeCommon": "Creative Commons, with attribution"}
        ),
        default=None,
        description="The license. Default: YouTube's standard license.",
    )
    embeddable: StrictBool | None = Field(
        json_schema_extra=ON_BY_DEFAULT,
        title="Allow other sites to embed it",
        default=None,
        description="Allow other sites to embed the video. Default: true.",
    )
    default_language: _Language | None = Field(
        title="Language", default=None, description="The language of title and description, like `en` or `pt-BR`."
    )
    thumbnail: YouTubeThumbnail | None = Field(
        title="Thumbnail",
        default=None,
        description="The picture that stands for the video, set once it is live. Default: one that YouTube chooses.",
    )
    playlist_ids: Annotated[list[_PlaylistId], Field(max_length=MAX_PLAYLISTS)] | None = Field(
        title="Playlists", default=None, description="Playlists of the channel to which the live video is added."
    )
    captions: Annotated[list[YouTubeCaption], Field(max_length=MAX_CAPTIONS)] | None = Field(
        title="Captions",
        default=None,
        description="Files with subtitles that are uploaded once the video is live, each with its own language or name.",
    )

    @model_validator(mode="after")
    def _check_repetitions(self) -> Self:
        subjects = [caption.subject for caption in self.captions or ()]
        for member, wanted in (("playlistIds", self.playlist_ids or []), ("captions", subjects)):
            if len(set(wanted)) < len(wanted):
                problem = f"has the same entry twice in {member}. Send each playlist, and each language and name, once."
                raise FieldError(problem, IssueCode.CONFLICTING_OPTIONS)
        return self

    @property
    def visibility(self) -> Privacy:
        """Who can see the video, with the default."""
        return self.privacy or "public"


def settings_of(options: PostOptions) -> YouTubePostSettings:
    """Return the requested settings."""
    return options.of(_SETTINGS, YouTubePostSettings)


def title_of(settings: YouTubePostSettings, caption: str) -> str:
    """Return the title: the requested one, else the first line of the caption that is not blank; empty if there is none."""
    if settings.title is not None:
        return settings.title.strip()
    lines = caption.strip().splitlines()
    return lines[0].strip()[:TITLE_LIMIT].rstrip() if lines else ""


def tag_characters(tags: list[str]) -> int:
    """Count the characters of all tags as YouTube does: with the commas between them, and the quotes of tags with spaces."""
    return sum(len(tag) + 2 * (" " in tag) for tag in tags) + max(0, len(tags) - 1)


def snippet(settings: YouTubePostSettings, caption: str) -> dict[str, JsonValue]:
    """Return the part `snippet` of an upload."""
    texts: dict[str, JsonValue] = {
        "title": title_of(settings, caption),
        "description": caption,
        "categoryId": settings.category_id or _DEFAULT_CATEGORY,
    }
    tags: dict[str, JsonValue] = {"tags": [*settings.tags]} if settings.tags else {}
    language: dict[str, JsonValue] = {"defaultLanguage": settings.default_language} if settings.default_language else {}
    return texts | tags | language


def status(settings: YouTubePostSettings, privacy: Privacy) -> dict[str, JsonValue]:
    """Return the part `status` of an upload or an update. An update replaces the whole part, so every field is sent."""
    return {
        "privacyStatus": privacy,
        "selfDeclaredMadeForKids": settings.made_for_kids is True,
        "containsSyntheticMedia": settings.contains_synthetic_media is True,
        "embeddable": settings.embeddable is not False,
        "license": settings.license or "youtube",
        "publicStatsViewable": True,
    }


def upload_parameters(settings: YouTubePostSettings) -> Mapping[str, str]:
    """Return the options that an upload carries in its query."""
    return {"notifySubscribers": "false" if settings.notify_subscribers is False else "true"}


def check_options(settings: YouTubePostSettings) -> Iterator[Problem]:
    """Yield the requested options that exceed YouTube's limits, with the numbers."""
    count = tag_characters(settings.tags or [])
    if count > TAGS_LIMIT:
        yield Problem(
            FailureCode.PLATFORM_LIMIT,
            f"The tags have {count} characters as YouTube counts them (with commas, and quotes around tags with spaces); it "
            f"accepts {TAGS_LIMIT}. Take some out.",
            {"reason": "tags_length", "value": count, "limit": TAGS_LIMIT, "unit": "characters"},
        )


THUMBNAIL: Final = "thumbnail"
PLAYLIST: Final = "playlist"
CAPTION: Final = "caption"


def extras_of(settings: YouTubePostSettings) -> Sequence[Extra]:
    """Return what is added to the live video."""
    return [
        *([] if settings.thumbnail is None else [Extra(kind=THUMBNAIL)]),
        *(Extra(kind=PLAYLIST, subject=playlist_id) for playlist_id in settings.playlist_ids or ()),
        *(Extra(kind=CAPTION, subject=caption.subject) for caption in settings.captions or ()),
    ]


def _find_extras(value: JsonValue) -> Sequence[Extra]:
    try:
        return extras_of(YouTubePostSettings.model_validate(value))
    except ValidationError:  # a rule became stricter while the post was being published
        return ()


def _find_fetched(value: JsonValue) -> Mapping[str, str]:
    settings = YouTubePostSettings.model_validate(value)
    url = None if settings.thumbnail is None else settings.thumbnail.url
    captions = {f".captions[{index}].url": caption.url for index, caption in enumerate(settings.captions or ())}
    return captions if url is None else {".thumbnail.url": url, **captions}


OPTIONS: Final = (
    OptionField(
        name=_SETTINGS,
        platform=PlatformName.YOUTUBE,
        schema=YouTubePostSettings,
        description="YouTube targets in the modes `publish` and `managed`; validated, then ignored for others.",
        modes=frozenset({Mode.PUBLISH, Mode.MANAGED}),
        checked=("title", "tags", "thumbnail"),
        edited={EditField.TITLE: "title", EditField.PRIVACY: "privacy"},
        reviewed=("title", "tags", "thumbnail", "captions"),
        filled=("title",),
        extras=_find_extras,
        fetched=_find_fetched,
    ),
)


_MAX_SHORT: Final = timedelta(minutes=3)
"""Maximum length of a Short. A square or vertical video of this length becomes one by itself."""
_MARKUP: Final = re.compile(r"[<>]")


def _check_title(draft: Draft) -> Iterator[Problem]:
    settings = settings_of(draft.options)
    title = title_of(settings, draft.caption)
    if not title:
        yield Problem(
            FailureCode.PLATFORM_LIMIT,
            "A YouTube video needs a title, and neither youtubePostSettings.title nor a caption is set. Send one of them "
            "(captionOverride sets a caption for this target alone).",
            {"reason": "title_missing"},
        )
    elif settings.title is None and _MARKUP.search(title):
        yield Problem(
            FailureCode.PLATFORM_LIMIT,
            "The caption's first line, which becomes the title, contains < or >; YouTube accepts neither. Send "
            "youtubePostSettings.title, and change the caption.",
            {"reason": "title_characters"},
        )


def _check_characters(draft: Draft) -> Iterator[Problem]:
    if _MARKUP.search(draft.caption):
        yield Problem(
            FailureCode.PLATFORM_LIMIT,
            "The caption contains < or >; YouTube accepts neither in a description. Take them out (captionOverride sets a "
            "caption for this target alone).",
            {"reason": "caption_characters"},
        )


def _check_thumbnail(draft: Draft) -> Iterator[Warned]:
    thumbnail = settings_of(draft.options).thumbnail
    duration = draft.media[0].duration if draft.media else None
    if thumbnail is None or thumbnail.timestamp_ms is None or duration is None:
        return
    limit = duration // timedelta(milliseconds=1)
    if thumbnail.timestamp_ms > limit:
        yield Warned(
            Advice.EXTRA_ADAPTED,
            f"The thumbnail is at {thumbnail.timestamp_ms:,} ms, but the video ends at {limit:,} ms, so its last frame becomes the "
            "thumbnail. Lower timestampMs for another one.",
            {"reason": "thumbnail_timestamp", "value": thumbnail.timestamp_ms, "limit": limit, "unit": "milliseconds"},
        )


_UNVERIFIED: Final = NumericLimit(
    measure=rules.DURATION,
    max=15 * 60,
    of="a video on a channel that is not verified",
    accepts="{platform} accepts {max} from this channel, because it is not verified",
    advice="Verify it at youtube.com/verify, or publish a shorter video.",
)
"""On a channel that has not been verified by phone."""

MAX_DESCRIPTION_BYTES: Final = 5000

RULES: Final = Rules(
    platform="YouTube",
    media_types=rules.VIDEOS,
    rules=(
        Stated(
            what="Title (`title`, or the caption's first line, which is cut)",
            limit=f"1 to {TITLE_LIMIT} characters",
            subject=LimitSubject.OPTIONS,
            check=_check_title,
            within=NONE_WITHIN,  # every caption needs a line for the title, which bounds can't express
        ),
        NumericLimit(
            measure=rules.BYTES, max=MAX_DESCRIPTION_BYTES, accepts="{platform} accepts {range} in a description"
        ),
        Stated(
            what="Title and caption",
            limit="without < and >",
            subject=LimitSubject.CAPTION,
            check=_check_characters,
            within=NONE_WITHIN,
        ),
        Stated(
            what="`tags` in all, with commas and quotes",
            limit=f"{TAGS_LIMIT} characters",
            subject=LimitSubject.OPTIONS,
            check=lambda draft: check_options(settings_of(draft.options)),
        ),
        Stated(
            what="`thumbnail.timestampMs`",
            limit="within the video",
            subject=LimitSubject.OPTIONS,
            effect=LimitEffect.WARNING,
            check=_check_thumbnail,
        ),
        NumericLimit(measure=rules.DURATION, max=_MAX_VIDEO // timedelta(seconds=1)),
        NumericLimit(
            measure=rules.HASHTAGS,
            max=60,  # YouTube Help
            warning=Advice.TOO_MANY_HASHTAGS,
            sentence="{begin}; with more than {max}, YouTube ignores all of them.",
            suffix="; with more, YouTube ignores all",
        ),
    ),
    of_some_accounts=(_UNVERIFIED,),
)
"""All limits. Formats are not among them: see above."""
BOUNDS: Final = RULES.bounds()
check: Final = RULES.check


def check_unverified(draft: Draft) -> Findings:
    """Check a post to a channel that may not upload long videos."""
    return found(*_UNVERIFIED.find(draft, RULES.platform))


def is_long(media: Media) -> bool:
    """Whether a video needs a channel that is verified."""
    return media.duration is not None and _UNVERIFIED.is_beyond(tenths(media.duration))


def is_short(media: Media) -> bool:
    """Whether YouTube shows a video as a Short. Source: YouTube Help, "Understand three-minute YouTube Shorts"."""
    is_brief = media.duration is not None and tenths(media.duration) <= tenths(_MAX_SHORT)
    return is_brief and media.height >= media.width


UPLOADS_A_DAY: Final = 100
"""Calls of `videos.insert` a day that a project has by default; an audit may grant more."""
UNITS_A_DAY: Final = 10_000
"""Units a day for all other calls, by default."""
UNITS_OF_A_WRITE: Final = 50
"""Units of `videos.update`, `videos.delete`, `commentThreads.insert`, `thumbnails.set`, `playlistItems.insert` and `captions.list`;
another read costs 1."""
WRITES_OF_A_CAPTION: Final = 8
"""`captions.insert` costs as many units as so many other writes."""
SHARE_OF_READS: Final = 5
"""One unit in so many is left for reads, which are not counted here: status polls, channels, comments."""
DAY: Final = timedelta(hours=24)
CHANNEL_RECHECK: Final = timedelta(hours=2)
"""First wait after the unpublished daily limit of a channel is reached: its end is not reported, and each try costs a call."""
_LONGEST_DAY: Final = timedelta(hours=25)
"""Of the year, in Los Angeles."""
_PACIFIC: Final = ZoneInfo("America/Los_Angeles")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What the operator's Google Cloud project may do in a day."""

    uploads: int = UPLOADS_A_DAY
    units: int = UNITS_A_DAY

    def of_uploads(self, now: datetime) -> Limit:
        """Return the limit of uploads of the day."""
        return daily_limit(
            "videos_insert",
            self.uploads,
            f"YouTube accepts {self.uploads} uploads a day from the operator's Google Cloud project, by all its accounts "
            "together. They are used up until midnight Pacific time.",
            resets_at=next_reset(now),
            window=_LONGEST_DAY,
        )

    @property
    def writes(self) -> int:
        """How many calls that change something the pool of units allows in a day."""
        return max(1, (self.units - self.units // SHARE_OF_READS) // UNITS_OF_A_WRITE)

    def cost(self, draft: Draft, *, has_comment: bool) -> QuotaCost:
        """Return what a post uses of the units: making its video visible, the first comment and the extras."""
        extras = extras_of(settings_of(draft.options)) if draft.mode is Mode.PUBLISH else ()
        writes = sum(WRITES_OF_A_CAPTION if extra.kind == CAPTION else 1 for extra in extras)
        return QuotaCost(units=(1 + has_comment + writes) * UNITS_OF_A_WRITE, units_per_day=self.units)

    def warn(self, draft: Draft) -> Warned | None:
        """Return a warning where one post needs more than the writes of a whole day."""
        units, max_units = self.cost(draft, has_comment=False).units, self.writes * UNITS_OF_A_WRITE
        if units <= max_units:
            return None
        return Warned(
            Advice.QUOTA_LOW,
            f"The video and its extras need {units:,} quota units; {max_units:,} of a day are for writes, of all accounts together. "
            "What does not fit is added on the next day, or fails. Send fewer captions.",
            {"reason": "units", "value": units, "limit": max_units, "unit": "units"},
        )

    def of_writes(self, now: datetime) -> Limit:
        """Return the limit of calls that change something, which the pool of units allows in a day."""
        return daily_limit(
            "writes",
            self.writes,
            f"The {self.units:,} quota units a day of the operator's Google Cloud project, which all its accounts share, are used "
            "up until midnight Pacific time.",
            resets_at=next_reset(now),
            window=_LONGEST_DAY,
        )


def next_reset(now: datetime) -> datetime:
    """Return when the project's quotas are full again, UTC: the next midnight in Los Angeles, and a little later."""
    return next_midnight(now, _PACIFIC)


def until_reset(now: datetime) -> timedelta:
    """Return how long it is until then."""
    return next_reset(now) - now
