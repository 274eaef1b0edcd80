"""What LinkedIn accepts, as data: the options of a target and their fields in the call that publishes, the limits of texts and media,
and how many calls it accepts a day: of a member, and of the operator's app, which all accounts share.

Preparing a post, preflight and the documentation use it. Calls are counted until midnight UTC; every call counts, so a post reserves
all that it needs before its first one.
Sources: LinkedIn, "Images API" (2026-06), "Videos API" (2026-03), "Documents API" (2026-08), "MultiImage API" and "Posts API" (2026-05); "Poll API" (its lengths are
those that clients report, 2026); LinkedIn Help, "Video
upload" (codecs and frame rates); "Share on LinkedIn" (rate limits, 2023-12): 150 calls a member and 100,000 an app; "Community
Management API", development tier: 100 a member and 500 an app; read 2026-11.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, JsonValue, StrictBool, StringConstraints

from presswork.core.enums import WITH_MEDIA_OR_TEXT, MediaType, Mode
from presswork.media.model import ContentType, Kind
from presswork.media.specs import ImageSpec, VideoSpec
from presswork.platforms import rules
from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Advice, Findings, Problem, found
from presswork.platforms.limits import LimitSubject
from presswork.platforms.linkedin.notation import is_organization, little_text, utf16_units, visible
from presswork.platforms.names import PlatformName
from presswork.platforms.options import (
    PICTURES_ONLY,
    POLL,
    Carriers,
    OptionCode,
    OptionField,
    OptionLine,
    OptionModel,
    PostOptions,
    Unsuitable,
    audiences,
    labels,
)
from presswork.platforms.port import Draft, Limit, LinkCard, Media, TargetAccount
from presswork.platforms.rate_limits import daily_limit, next_midnight
from presswork.platforms.rules import Condition, Formats, NumericLimit, Rules, Stated

_SETTINGS: Final = "linkedinPostSettings"
TITLE_LIMIT: Final = 200
"""Characters of the title of a video or a document. LinkedIn documents no limit; this is ours."""
MAX_COMMENT: Final = 1250
"""Characters of a comment on LinkedIn's site (general knowledge); the API documents no length."""
MAX_NAME: Final = 100
"""Characters of a file's name as the title of a document; other clients cut titles there (2026-08)."""
UNTITLED: Final = "Document"
"""The title of a document without one, whose file has no name. Whether LinkedIn accepts none is not documented."""
PUBLIC: Final = "PUBLIC"

MAX_QUESTION: Final = 140
"""Characters of the question of a poll."""
MAX_POLL_OPTION: Final = 30
"""Characters of an answer of a poll."""
_Title = Annotated[OptionLine, StringConstraints(max_length=TITLE_LIMIT)]


class LinkedInPoll(OptionModel):
    """A poll below a text."""

    question: Annotated[OptionLine, StringConstraints(max_length=MAX_QUESTION)] = Field(
        title="Question", description="The question, at most 140 characters."
    )
    options: Annotated[
        list[Annotated[OptionLine, StringConstraints(max_length=MAX_POLL_OPTION)]], Field(min_length=2, max_length=4)
    ] = Field(title="Answer", description="What people can choose: 2 to 4 answers of at most 30 characters.")
    duration: Literal["ONE_DAY", "THREE_DAYS", "SEVEN_DAYS", "FOURTEEN_DAYS"] = Field(
        title="Open for",
        json_schema_extra=labels(
            {"ONE_DAY": "1 day", "THREE_DAYS": "3 days", "SEVEN_DAYS": "7 days", "FOURTEEN_DAYS": "14 days"}
        ),
        description="How long it is open: `ONE_DAY`, `THREE_DAYS`, `SEVEN_DAYS` or `FOURTEEN_DAYS`.",
    )


class LinkedInPostSettings(OptionModel):
    """How a post appears on LinkedIn."""

    visibility: Literal["PUBLIC", "CONNECTIONS", "LOGGED_IN"] | None = Field(
        title="Who can see the post",
        json_schema_extra=audiences(
            {"PUBLIC": "Everyone", "LOGGED_IN": "Members of LinkedIn", "CONNECTIONS": "Connections of the member"},
            narrowest="CONNECTIONS",
        ),
        default=None,
        description="Who can see the post: `PUBLIC` (default), `LOGGED_IN` (members of LinkedIn) or `CONNECTIONS` (the member's). "
        "A page's posts are public.",
    )
    is_reshare_disabled: StrictBool | None = Field(
        title="Keep others from reposting it",
        default=None,
        description="Keep others from reposting the post. Default: false.",
    )
    title: _Title | None = Field(
        title="Title of the video or document",
        default=None,
        description="The title of the video or document. Default: none; of a document, the name of its file.",
    )
    document_from_images: StrictBool | None = Field(
        title="Make a PDF of the pictures",
        default=None,
        description="Publish the pictures as one PDF with a page for each, which readers leaf through. Default: false.",
    )
    poll: LinkedInPoll | None = Field(
        title="Poll",
        default=None,
        description="A poll below the text, instead of the card of a link. The author sees who voted for what.",
    )

    @property
    def audience(self) -> str:
        """Who can see the post, with the default."""
        return self.visibility or PUBLIC


def settings_of(options: PostOptions) -> LinkedInPostSettings:
    """Return the requested settings."""
    return options.of(_SETTINGS, LinkedInPostSettings)


def post_body(
    settings: LinkedInPostSettings,
    *,
    author: str,
    caption: str,
    media: Sequence[tuple[Media, str]],
    link: LinkCard | None = None,
) -> dict[str, JsonValue]:
    """Return the body of the call that publishes; `media` are the pictures, the video or the document with their URNs, or the picture of the
    link's card.
    """
    if settings.poll is not None:
        content: dict[str, JsonValue] = {"poll": poll_body(settings.poll)}
    elif link is not None:
        content = {"article": _article(link, [urn for _, urn in media])}
    else:
        content = _content(settings, media)
    return {
        "author": author,
        "commentary": little_text(caption),
        "visibility": settings.audience,
        "distribution": {
            "feedDistribution": "MAIN_FEED",
            "targetEntities": [],
            "thirdPartyDistributionChannels": [],
        },
        **({"content": content} if content else {}),
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": settings.is_reshare_disabled is True,
    }


def _article(link: LinkCard, pictures: Sequence[str]) -> dict[str, JsonValue]:
    """Return the card of a link. LinkedIn reads nothing from the page, and refuses a card without a title."""
    card: dict[str, JsonValue] = {"source": link.url, "title": link.title or urlsplit(link.url).hostname or link.url}
    if link.description is not None:
        card["description"] = link.description
    if pictures:
        card["thumbnail"] = pictures[0]
    return card


def poll_body(poll: LinkedInPoll) -> dict[str, JsonValue]:
    """Return a poll as it is sent. A listed post has it with the votes."""
    return {
        "question": poll.question,
        "options": [{"text": option} for option in poll.options],
        "settings": {"duration": poll.duration},
    }


def _content(settings: LinkedInPostSettings, media: Sequence[tuple[Media, str]]) -> dict[str, JsonValue]:
    if not media:
        return {}
    if len(media) > 1:
        return {"multiImage": {"images": [_picture(one, urn) for one, urn in media]}}
    ((one, urn),) = media
    if one.kind is Kind.IMAGE:
        return {"media": _picture(one, urn)}
    title = settings.title or (_name_document(one) if one.kind is Kind.DOCUMENT else None)
    return {"media": {"id": urn, **({"title": title} if title else {})}}


def _name_document(document: Media) -> str:
    """Return the title of a document that the target has none for: the name of its file, or the text above its pictures."""
    return (document.filename or "").strip().removesuffix(".pdf")[:MAX_NAME].rstrip() or UNTITLED


def _picture(media: Media, urn: str) -> dict[str, JsonValue]:
    return {"id": urn, **({"altText": media.alt_text} if media.alt_text else {})}


_TITLED: Final = Carriers(
    media_types=frozenset({MediaType.VIDEO, MediaType.DOCUMENT}) | PICTURES_ONLY.media_types,
    reason=OptionCode.NON_VIDEO_CONTAINER,
    problem="is supported for a video or a document only. Omit it for other content.",
)
_MAKES_DOCUMENT: Final = Carriers(
    media_types=PICTURES_ONLY.media_types,
    reason=OptionCode.DOCUMENT_MEDIA,
    problem="makes a PDF of pictures, and this content is none of pictures alone. Omit it.",
)


def _find_unfit(value: JsonValue, media_type: MediaType) -> Iterator[Unsuitable]:
    """Yield a title of pictures that stay pictures."""
    settings = LinkedInPostSettings.model_validate(value)
    if settings.title and media_type in PICTURES_ONLY.media_types and not settings.document_from_images:
        yield Unsuitable(path=".title", reason=_TITLED.reason, problem=_TITLED.problem)


OPTIONS: Final = (
    OptionField(
        name=_SETTINGS,
        platform=PlatformName.LINKEDIN,
        schema=LinkedInPostSettings,
        description="LinkedIn targets in the modes `publish` and `managed`; validated, then ignored for others.",
        modes=frozenset({Mode.PUBLISH, Mode.MANAGED}),
        carriers={"title": _TITLED, "documentFromImages": _MAKES_DOCUMENT, "poll": POLL},
        unfit=_find_unfit,
        checked=("poll", "documentFromImages"),
        reviewed=("title", "poll"),
        filled=("title",),
    ),
)


_MAX_SIDE: Final = 6012
"""Pixels of the sides of a square with nearly 36,152,320, of which a picture must have fewer: a copy never has more."""
IMAGE: Final = ImageSpec(
    accepts=frozenset({ContentType.JPEG, ContentType.PNG}), max_width=_MAX_SIDE, max_height=_MAX_SIDE
)
"""A picture: JPEG or PNG, at most 6012 pixels on each side."""
VIDEO: Final = VideoSpec(
    accepts=frozenset({ContentType.MP4}),
    video_codecs=frozenset({"h264"}),
    pixel_formats=frozenset({"yuv420p", "yuvj420p"}),
    min_frame_rate=10,
    max_frame_rate=60,
    max_width=4096,
    max_height=4096,
    max_bits_per_second=30_000_000,
    is_moov_first=False,
)
"""A video: MP4 with H.264 and AAC."""

_COMMENTARY: Final = NumericLimit(
    measure=replace(
        rules.CHARACTERS, name="visible_code_points", read=lambda draft: [(len(visible(draft.caption)), None)]
    ),
    max=3000,
    advice="Shorten it.",
)
"""What readers see of a caption. Whether LinkedIn counts before or after escaping is not documented."""


def _find_poll_with_link(draft: Draft) -> Iterator[Problem]:
    if draft.link is not None and settings_of(draft.options).poll is not None:
        sentence = (
            "The post has a link and a poll, and LinkedIn shows one of them. Omit linkedinPostSettings.poll, or publish a text "
            "without `link` (its URL may stand in the text)."
        )
        yield Problem(FailureCode.PLATFORM_LIMIT, sentence, {"reason": "poll_link"})


_AS_PICTURES: Final = Condition(
    sentence="posts without documentFromImages",
    holds=lambda draft: not settings_of(draft.options).document_from_images,
    is_usual=True,
)

RULES: Final = Rules(
    platform="LinkedIn",
    has_alt_texts=True,
    media_types=WITH_MEDIA_OR_TEXT | {MediaType.DOCUMENT},
    rules=(
        rules.WORDS,
        _COMMENTARY,
        NumericLimit(
            measure=replace(
                rules.CHARACTERS,
                name="escaped_utf16_units",
                read=lambda draft: [(utf16_units(little_text(draft.caption)), None)],
            ),
            max=_COMMENTARY.max,
            warning=Advice.CAPTION_NEAR_LIMIT,
            unless=_COMMENTARY,
            sentence="The caption has {value} characters as it is sent, with escapes; {accepts} and may count them. Shorten it, or "
            "use fewer of the characters ( ) [ ] {{ }} < > @ | ~ _ * #.",
            what="Caption with escapes, as it is sent",
        ),
        NumericLimit(
            measure=rules.of_comment(rules.CHARACTERS), max=MAX_COMMENT, reason="comment_length", advice="Shorten it."
        ),
        NumericLimit(measure=rules.ITEMS, min=2, max=20, condition=_AS_PICTURES),
        Stated(
            what="`poll`",
            limit="no link beside it",
            subject=LimitSubject.OPTIONS,
            media_types=rules.TEXTS,
            check=_find_poll_with_link,
        ),
        NumericLimit(measure=rules.DURATION, min=3, max=30 * 60, advice="Publish one of that length."),
        # The page also says 5 GB. It says 75 KB at least, too: LinkedIn itself refuses smaller ones before anything is public.
        NumericLimit(measure=rules.SIZE, max=500_000_000),
        NumericLimit(measure=rules.PAGES, max=300),
        NumericLimit(measure=rules.DOCUMENT_SIZE, max=100_000_000),
        Formats(spec=IMAGE, condition=_AS_PICTURES),
        Formats(spec=VIDEO),
    ),
    of_some_accounts=(Stated(what="Visibility of a page's post", limit=f"`{PUBLIC}`", subject=LimitSubject.OPTIONS),),
)
"""All limits."""
BOUNDS: Final = RULES.bounds()
check: Final = RULES.check
check_comment: Final = RULES.check_comment


def check_for(account: TargetAccount, draft: Draft) -> Findings:
    """Check what depends on the account: a page's posts are public."""
    visibility = settings_of(draft.options).audience
    if not is_organization(account.external_id) or visibility == PUBLIC:
        return Findings()
    return found(
        Problem(
            FailureCode.PLATFORM_LIMIT,
            f"Posts of a LinkedIn page are public; linkedinPostSettings.visibility is {visibility}. Omit it, or choose the account of "
            "a member.",
            {"reason": "page_visibility", "value": visibility, "limit": PUBLIC},
        )
    )


MEMBER_CALLS_A_DAY: Final = 150
APP_CALLS_A_DAY: Final = 100_000
STATUS_READS: Final = 4
"""Reads of a status for which a post reserves calls; most videos need fewer."""
_WINDOW: Final = timedelta(days=1, minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How many calls a day LinkedIn accepts."""

    of_member: int = MEMBER_CALLS_A_DAY
    of_app: int = APP_CALLS_A_DAY

    def limits(self, now: datetime) -> Sequence[Limit]:
        """Return the limits of the day: the app's, which is shared, and the account's.

        LinkedIn counts the second for the person who connected the account. Pages of one person share it, which is not
        counted here; then LinkedIn's own answer decides.
        """
        resets_at = next_reset(now)
        return (
            daily_limit(
                "app",
                self.of_app,
                f"LinkedIn accepts {self.of_app:,} calls a day from the operator's app, by all its accounts together. They are used "
                "up until midnight UTC.",
                resets_at=resets_at,
                window=_WINDOW,
            ),
            daily_limit(
                "member",
                self.of_member,
                f"LinkedIn accepts {self.of_member:,} calls a day for one account. They are used up until midnight UTC.",
                resets_at=resets_at,
                window=_WINDOW,
                is_app_wide=False,
            ),
        )


def next_reset(now: datetime) -> datetime:
    """Return when the calls of the day are counted from zero again, UTC."""
    return next_midnight(now, UTC)


def until_reset(now: datetime) -> timedelta:
    """Return how long it is until then."""
    return next_reset(now) - now
