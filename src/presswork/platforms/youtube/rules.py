"""What YouTube accepts, as data: the options of a target and their fields in the calls, the limits of title, description and video, and
the quotas of the operator's Google Cloud project, which all accounts share, and of a channel.

Preparing a post, preflight and the documentation use it. YouTube converts every video itself and accepts far more formats than
Presswork takes in, so the original is uploaded as it is. Uploads have a bucket with their own daily number of calls; nearly all other
calls share a pool of units. Both are full again at midnight Pacific time.
Sources: Google, "Videos" (resource: snippet, status), "Videos: insert", "Quota and Compliance Audits" and "Determine Quota Cost";
YouTube Help, "Upload videos longer than 15 minutes", "Supported file formats" and "Use hashtags for video search"; read 2026-11.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, JsonValue, StrictBool, StringConstraints

from presswork.core.enums import Mode
from presswork.platforms import rules
from presswork.platforms.bounds import NONE_WITHIN
from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Advice, Findings, Problem, found, tenths
from presswork.platforms.limits import LimitSubject
from presswork.platforms.names import PlatformName
from presswork.platforms.options import (
    ON_BY_DEFAULT,
    OptionField,
    OptionModel,
    OptionText,
    PostOptions,
    labels,
    written_as,
)
from presswork.platforms.port import Draft, Limit, Media
from presswork.platforms.rate_limits import daily_limit, next_midnight
from presswork.platforms.rules import NumericLimit, Rules, Stated

Privacy = Literal["public", "unlisted", "private"]
PRIVATE: Final = "private"
TITLE_LIMIT: Final = 100
"""Characters of a title."""
TAGS_LIMIT: Final = 500
"""Characters of all tags together, as YouTube counts them: see `tag_characters`."""
_MAX_TAGS: Final = TAGS_LIMIT // 2
_DEFAULT_CATEGORY: Final = "22"
"""People & Blogs, which is also YouTube's default (general knowledge, not documented)."""
_SETTINGS: Final = "youtubePostSettings"
_NO_MARKUP: Final = written_as(
    r"[^<>\r\n]*[^<>\s][^<>\r\n]*",
    "is blank, or contains <, > or a line break, which YouTube refuses. Send plain text.",
)

_Title = Annotated[OptionText, StringConstraints(max_length=TITLE_LIMIT), _NO_MARKUP]
_Tag = Annotated[OptionText, StringConstraints(max_length=TAGS_LIMIT), _NO_MARKUP]


class YouTubePostSettings(OptionModel):
    """How a video appears on YouTube."""

    title: _Title | None = Field(
        title="Title",
        default=None,
        description=f"The title. Default: the first line of the caption, cut to {TITLE_LIMIT} characters.",
    )
    privacy: Privacy | None = Field(
        title="Who can see the video",
        json_schema_extra=labels(
            {"public": "Everyone", "unlisted": "People who have the link", "private": "The channel alone"}
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
    default_language: (
        Annotated[
            str,
            StringConstraints(max_length=35),
            written_as("[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", "is no language tag. Send one like en or pt-BR."),
        ]
        | None
    ) = Field(
        title="Language", default=None, description="The language of title and description, like `en` or `pt-BR`."
    )

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


OPTIONS: Final = (
    OptionField(
        name=_SETTINGS,
        platform=PlatformName.YOUTUBE,
        schema=YouTubePostSettings,
        description="YouTube targets in the modes `publish` and `managed`; validated, then ignored for others.",
        modes=frozenset({Mode.PUBLISH, Mode.MANAGED}),
        checked=("title", "tags"),
        reviewed=("title", "tags"),
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
        NumericLimit(measure=rules.DURATION, max=12 * 3600),
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
"""Units of `videos.update`, `videos.delete` and `commentThreads.insert`; a read costs 1."""
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

    def of_writes(self, now: datetime) -> Limit:
        """Return the limit of calls that change something, which the pool of units allows in a day."""
        return daily_limit(
            "writes",
            max(1, (self.units - self.units // SHARE_OF_READS) // UNITS_OF_A_WRITE),
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
