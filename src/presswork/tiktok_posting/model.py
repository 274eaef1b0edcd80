"""TikTok's posting page: what TikTok's content sharing guideline demands of a form that posts, and what a filled-in form
asks for. Pure.

Source: TikTok, "Content Sharing Guidelines" (required UX implementation), read 2026-11. docs/tiktok-posting-page.md lists
its lines, and where each is met.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final, Self

from pydantic import JsonValue

from presswork.core.enums import MediaType
from presswork.platforms.findings import tenths
from presswork.platforms.port import CreatorInfo
from presswork.platforms.rules import utf16_units

TEXTS_VERSION: Final = "2026-11"
"""Which wording of TikTok's guideline the page shows: the month in which it was read. Consent is recorded with it."""


class Privacy(StrEnum):
    """Who can see a post. The page offers those that TikTok offers the account now, in TikTok's order."""

    EVERYONE = "PUBLIC_TO_EVERYONE"
    FOLLOWERS = "FOLLOWER_OF_CREATOR"
    FRIENDS = "MUTUAL_FOLLOW_FRIENDS"
    ONLY_ME = "SELF_ONLY"


class Label(StrEnum):
    """How TikTok labels a post that advertises."""

    PROMOTIONAL_CONTENT = "Promotional content"  # the creator's own brand
    PAID_PARTNERSHIP = "Paid partnership"  # the brand of a third party, or both


class Policy(StrEnum):
    """What a person agrees to by posting; the value is its public URL."""

    MUSIC_USAGE = "https://www.tiktok.com/legal/page/global/music-usage-confirmation/en"
    BRANDED_CONTENT = "https://www.tiktok.com/legal/page/global/bc-policy/en"


class Part(StrEnum):
    """A part of the form; the value is the name of its field."""

    CAPTION = "caption"
    TITLE = "title"
    PRIVACY = "privacy"
    COMMENT = "allow_comment"
    DUET = "allow_duet"
    STITCH = "allow_stitch"
    DISCLOSURE = "disclosure"
    YOUR_BRAND = "your_brand"
    BRANDED_CONTENT = "branded_content"
    AI_GENERATED = "ai_generated"


class Fault(StrEnum):
    """Why a filled-in form can't be posted."""

    CAPTION_TOO_LONG = "caption_too_long"
    CAPTION_IS_FIXED = "caption_is_fixed"
    TITLE_TOO_LONG = "title_too_long"
    PRIVACY_MISSING = "privacy_missing"
    PRIVACY_NOT_OFFERED = "privacy_not_offered"
    TURNED_OFF_BY_CREATOR = "turned_off_by_creator"
    NOTHING_DISCLOSED = "nothing_disclosed"
    BRANDED_IS_PRIVATE = "branded_is_private"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormFault:
    """One fault, and the part of the form that it is shown beside."""

    part: Part
    fault: Fault
    value: int = 0
    limit: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContent:
    """What the page posts, as far as the form depends on it."""

    media_type: MediaType
    duration: timedelta | None
    """Of a video."""
    caption: str
    is_text_fixed: bool
    """Whether an approval covers the texts, so that they can't be changed here."""
    max_caption: int
    """UTF-16 units that TikTok accepts."""
    max_title: int
    """UTF-16 units that TikTok accepts; of image posts."""

    @property
    def is_video(self) -> bool:
        """Whether it is a video: image posts have no duet and no stitch, but a title."""
        return self.media_type is MediaType.VIDEO


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """A form as it was filled in. Nothing is chosen before a person has."""

    caption: str = ""
    title: str = ""
    privacy: str = ""
    chosen: frozenset[Part] = field(default_factory=frozenset)
    """The ticked boxes."""

    @classmethod
    def of(cls, form: Mapping[str, str]) -> Self:
        """Read the fields of a form. Browsers send line breaks as CR LF, and no field of a box that is not ticked."""
        return cls(
            caption=_text(form, Part.CAPTION),
            title=" ".join(_text(form, Part.TITLE).split()),
            privacy=form.get(Part.PRIVACY.value, ""),
            chosen=frozenset(part for part in _BOXES if form.get(part.value)),
        )

    def has(self, part: Part) -> bool:
        """Whether a box counts as ticked. What belongs to the disclosure does so only while that is on."""
        return part in self.chosen and (part not in _DISCLOSED or Part.DISCLOSURE in self.chosen)

    @property
    def label(self) -> Label | None:
        """How TikTok will label the post."""
        if self.has(Part.BRANDED_CONTENT):
            return Label.PAID_PARTNERSHIP
        return Label.PROMOTIONAL_CONTENT if self.has(Part.YOUR_BRAND) else None

    @property
    def policies(self) -> Sequence[Policy]:
        """What the person agrees to by posting, in the order of TikTok's sentence."""
        is_branded = self.has(Part.BRANDED_CONTENT)
        return (Policy.BRANDED_CONTENT, Policy.MUSIC_USAGE) if is_branded else (Policy.MUSIC_USAGE,)


_HOST_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-*")
_AVATAR: Final = re.compile(r"(https://[a-z0-9.-]+(?::[0-9]{1,5})?)/", re.ASCII | re.IGNORECASE)
_DISCLOSED: Final = (Part.YOUR_BRAND, Part.BRANDED_CONTENT)
_BOXES: Final = (Part.COMMENT, Part.DUET, Part.STITCH, Part.DISCLOSURE, *_DISCLOSED, Part.AI_GENERATED)


def _text(form: Mapping[str, str], part: Part) -> str:
    """Return a text without the line breaks of browsers, and without NUL characters, which PostgreSQL can't store."""
    return form.get(part.value, "").replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def offered_privacy(creator: CreatorInfo) -> Sequence[Privacy]:
    """Return the choices of privacy that TikTok offers now. One that Presswork does not know is left out."""
    known = {privacy.value: privacy for privacy in Privacy}
    return [known[level] for level in dict.fromkeys(creator.privacy_levels) if level in known]


def is_private_account(creator: CreatorInfo) -> bool:
    """Return whether the account is private: TikTok then offers its followers instead of everyone."""
    offered = offered_privacy(creator)
    return Privacy.FOLLOWERS in offered and Privacy.EVERYONE not in offered


def is_turned_off(part: Part, creator: CreatorInfo) -> bool:
    """Return whether the creator has turned an interaction off for the whole account, in TikTok's settings."""
    off = {
        Part.COMMENT: creator.is_comment_disabled,
        Part.DUET: creator.is_duet_disabled,
        Part.STITCH: creator.is_stitch_disabled,
    }
    return off[part]


def interactions(content: PageContent) -> Sequence[Part]:
    """Return what viewers can be allowed to do. Duet and Stitch do not exist for pictures."""
    return (Part.COMMENT, Part.DUET, Part.STITCH) if content.is_video else (Part.COMMENT,)


def is_too_long(content: PageContent, creator: CreatorInfo) -> bool:
    """Return whether the video is longer than TikTok lets this account post now."""
    longest = creator.max_video_duration
    if not content.is_video or content.duration is None or longest is None:
        return False
    return tenths(content.duration) > tenths(longest)


def check(answers: Answers, creator: CreatorInfo, content: PageContent) -> Sequence[FormFault]:
    """Return every fault of a filled-in form, in the order of its fields."""
    return [
        *_text_faults(answers, content),
        *_privacy_faults(answers, creator),
        *(
            FormFault(part=part, fault=Fault.TURNED_OFF_BY_CREATOR)
            for part in interactions(content)
            if answers.has(part) and is_turned_off(part, creator)
        ),
        *_disclosure_faults(answers),
    ]


def _text_faults(answers: Answers, content: PageContent) -> Iterator[FormFault]:
    caption = answers.caption
    if content.is_text_fixed and caption != content.caption:
        yield FormFault(part=Part.CAPTION, fault=Fault.CAPTION_IS_FIXED)
    if (units := utf16_units(caption)) > content.max_caption:
        yield FormFault(part=Part.CAPTION, fault=Fault.CAPTION_TOO_LONG, value=units, limit=content.max_caption)
    if not content.is_video and (units := utf16_units(answers.title)) > content.max_title:
        yield FormFault(part=Part.TITLE, fault=Fault.TITLE_TOO_LONG, value=units, limit=content.max_title)


def _privacy_faults(answers: Answers, creator: CreatorInfo) -> Iterator[FormFault]:
    if not answers.privacy:
        yield FormFault(part=Part.PRIVACY, fault=Fault.PRIVACY_MISSING)
    elif answers.privacy not in offered_privacy(creator):
        yield FormFault(part=Part.PRIVACY, fault=Fault.PRIVACY_NOT_OFFERED)


def _disclosure_faults(answers: Answers) -> Iterator[FormFault]:
    if answers.has(Part.DISCLOSURE) and answers.label is None:
        yield FormFault(part=Part.DISCLOSURE, fault=Fault.NOTHING_DISCLOSED)
    if answers.has(Part.BRANDED_CONTENT) and answers.privacy == Privacy.ONLY_ME:
        yield FormFault(part=Part.BRANDED_CONTENT, fault=Fault.BRANDED_IS_PRIVATE)


def options_of(answers: Answers, content: PageContent) -> Mapping[str, JsonValue]:
    """Return the options of the publish call for a form without faults, as `tiktokPostSettings` has them.

    Everything that the page asks is in them, also what is off: nothing is left to a default.
    """
    settings: dict[str, JsonValue] = {
        "privacyLevel": answers.privacy,
        "disableComment": not answers.has(Part.COMMENT),
        "isBrandOrganic": answers.has(Part.YOUR_BRAND),
        "isBrandedContent": answers.has(Part.BRANDED_CONTENT),
        "isAiGenerated": answers.has(Part.AI_GENERATED),
    }
    if content.is_video:
        settings |= {
            "disableDuet": not answers.has(Part.DUET),
            "disableStitch": not answers.has(Part.STITCH),
        }
    elif answers.title and not content.is_text_fixed:
        settings["title"] = answers.title
    return {"tiktokPostSettings": settings}


def frame_ancestors(return_domains: Sequence[str]) -> tuple[str, ...]:
    """Return who may show the page in a frame, as sources of a content security policy: who may get a return URL.

    As there, the port does not matter, and plain http is for this machine only. Policies know no IPv6 addresses.
    """
    sources = [_source(domain.strip().lower()) for domain in return_domains]
    return tuple(dict.fromkeys(source for source in sources if source is not None))


def _source(domain: str) -> str | None:
    if not domain or not set(domain) <= _HOST_CHARACTERS:
        return None
    is_loopback = domain in ("localhost", "127.0.0.1") or domain.endswith(".localhost")
    return f"{'http' if is_loopback else 'https'}://{domain}:*"


def avatar_source(url: str | None) -> str | None:
    """Return the origin of an account's picture, as a source of a content security policy; None of a URL that is not plain https."""
    match = _AVATAR.match(url or "")
    return None if match is None else match[1].lower()
