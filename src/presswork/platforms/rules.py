"""The limits of a platform, each written once. `Rules` makes of them what `Connector.check` reports, the bounds that the publish
statement compares with, and the rows of the documentation and of `GET /v1/platforms`.

A `Limit` compares a `Measure`, which most platforms have in common. What only one platform has is a `Stated` limit with a function
in that platform's folder.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial, reduce
from operator import add
from typing import Final, TypeVar

from pydantic import JsonValue
from wcwidth import iter_graphemes

from presswork.core.enums import WITH_MEDIA
from presswork.media.model import Kind
from presswork.media.specs import ImageSpec, VideoSpec
from presswork.platforms.bounds import NONE_WITHIN, Bounds
from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Advice, Findings, Problem, Warned, found, in_words, tenths
from presswork.platforms.limits import (
    LimitEffect,
    LimitRow,
    LimitSubject,
    codecs_of,
    conversion_reasons,
    item,
    megabytes,
    names_of,
    pixels,
    rates_of,
)
from presswork.platforms.port import Draft, Media, MediaType, Mode

PICTURES: Final = frozenset({MediaType.IMAGE, MediaType.MULTI})
TEXTS: Final = frozenset({MediaType.TEXT})
VIDEOS: Final = frozenset({MediaType.VIDEO})
MIXED: Final = frozenset({MediaType.MIXED})
DOCUMENTS: Final = frozenset({MediaType.DOCUMENT})
ANY: Final = frozenset(MediaType)
Finding = TypeVar("Finding", Problem, Warned)
_MEDIA_TYPES: Final[Mapping[LimitSubject, Set[MediaType]]] = {
    LimitSubject.ITEMS: MIXED | {MediaType.MULTI},
    LimitSubject.PICTURE: PICTURES | MIXED,
    LimitSubject.VIDEO: VIDEOS | MIXED,
    LimitSubject.DOCUMENT: DOCUMENTS,
}
_KINDS: Final[Mapping[LimitSubject, Kind]] = {LimitSubject.PICTURE: Kind.IMAGE, LimitSubject.VIDEO: Kind.VIDEO}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A number of posts that platforms limit, and the words for it. `{of}` in them is what has the number."""

    name: str
    """In the API."""
    unit: str
    read: Callable[[Draft], Iterable[tuple[float, Media | None]]]
    """Returns the numbers of a post, each with the item that has it."""
    subject: LimitSubject
    of: str = ""
    what: str
    """In the documentation."""
    suffix: str = ""
    """After a limit in the documentation."""
    sentence: str
    """About a number that is beyond a limit: `{value}` in words, `{pixels}` of the item."""
    advice: str = ""
    reason: str
    words: Callable[[float], str] = "{:,}".format
    """Returns a number in words."""
    bounds: Callable[[float, float], Bounds] = lambda _min, _max: Bounds()
    """Returns the bounds within which no post is beyond a minimum and a maximum."""


_OVERRIDE_HINT: Final = " (captionOverride sets one for this target alone)"
_COMMENT_HINT: Final = _OVERRIDE_HINT.replace("captionOverride", "firstCommentOverride")
_WITHOUT_COMMENT: Final = "The post would go live without it. "


def count_text(
    name: str,
    unit: str,
    count: Callable[[str], int],
    *,
    sentence: str,
    bounds: Callable[[int], Bounds],
    suffix: str = "",
    what: str = "{of}",
    reason: str = "{of}_length",
    advice: str = "Shorten it",
    words: Callable[[float], str] = "{:,}".format,
) -> Measure:
    """Return the measure of a caption that counts it in some way; `bounds` returns those within which no text has more."""
    return Measure(
        name=name,
        unit=unit,
        read=lambda draft: [(count(draft.caption), None)],
        subject=LimitSubject.CAPTION,
        of="caption",
        what=what,
        suffix=suffix,
        sentence=f"The {{of}} {sentence}",
        advice=f"{advice}{_OVERRIDE_HINT}.",
        reason=reason,
        words=words,
        bounds=lambda _min, maximum: bounds(int(maximum)),
    )


def of_comment(measure: Measure) -> Measure:
    """Return the same measure of a first comment, which `Rules.check_comment` reads like a caption."""
    return replace(
        measure,
        subject=LimitSubject.FIRST_COMMENT,
        of="first comment",
        advice=f"{_WITHOUT_COMMENT}{measure.advice.replace(_OVERRIDE_HINT, _COMMENT_HINT)}",
        bounds=lambda minimum, maximum: Bounds(comment_characters=measure.bounds(minimum, maximum).characters),
    )


def utf8_bytes(text: str) -> int:
    """Return the length of a text in UTF-8."""
    return len(text.encode("utf-8", "surrogatepass"))


def graphemes(text: str) -> int:
    """Count the user-perceived characters of a text, by Unicode's rules (UAX #29)."""
    return sum(1 for _ in iter_graphemes(text))


def utf16_units(text: str) -> int:
    """Return the length of a text in UTF-16 units: most emojis count as two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


CHARACTERS: Final = count_text(
    "code_points",
    "characters",
    len,
    sentence="has {value} characters",
    suffix=" characters",
    bounds=lambda maximum: Bounds(characters=maximum),
)
BYTES: Final = count_text(
    "utf8_bytes",
    "bytes",
    utf8_bytes,
    sentence="has {value} bytes in UTF-8",
    suffix=" bytes in UTF-8",
    bounds=lambda maximum: Bounds(characters=maximum // 4),  # UTF-8 has at most four bytes for a code point
)
UTF16_UNITS: Final = count_text(
    "utf16_units",
    "UTF-16 units",
    utf16_units,
    sentence="has {value} characters as {platform} counts them (UTF-16 units)",
    suffix=" UTF-16 units",
    bounds=lambda maximum: Bounds(characters=maximum // 2),
)
HASHTAGS: Final = count_text(
    "hashtags",
    "hashtags",
    lambda text: len(re.findall(r"(?<![\w&])#\w+", text)),
    sentence="has {value} hashtags",
    what="hashtags in a {of}",
    reason="hashtags",
    advice="Take some out",
    words=str,
    bounds=lambda maximum: Bounds(hashtags=maximum),
)
MENTIONS: Final = count_text(
    "mentions",
    "accounts",
    lambda text: len(re.findall(r"(?<![\w.@])@[\w.]+", text)),
    sentence="names {value} accounts",
    what="accounts that a {of} names",
    reason="mentions",
    advice="Take some out",
    words=str,
    bounds=lambda maximum: Bounds(mentions=maximum),
)
ITEMS: Final = Measure(
    name="count",
    unit="items",
    read=lambda draft: [(len(draft.media), None)] if draft.media else [],
    subject=LimitSubject.ITEMS,
    what="pictures of a post",
    sentence="The post has {value} pictures",
    reason="item_count",
    bounds=lambda _min, maximum: Bounds(items=int(maximum)),
)
CAROUSEL_ITEMS: Final = replace(ITEMS, what="items of a carousel", sentence="The carousel has {value} items")
DURATION: Final = Measure(
    name="duration",
    unit="seconds",
    read=lambda draft: [(tenths(media.duration), media) for media in draft.media if media.duration is not None],
    what="length of {of}",
    of="a video",
    subject=LimitSubject.VIDEO,
    sentence="The video is {value}",
    advice="Publish a {longer} one.",
    reason="duration",
    words=lambda seconds: in_words(timedelta(seconds=seconds)),
    bounds=lambda minimum, maximum: Bounds(duration=(timedelta(seconds=minimum), timedelta(seconds=maximum))),
)
SIZE: Final = Measure(
    name="size",
    unit="bytes",
    read=lambda draft: [(media.size_bytes, media) for media in draft.media if media.is_video],
    what="size of {of}",
    of="a video",
    subject=LimitSubject.VIDEO,
    sentence="The video has {value}",
    advice="Compress it.",
    reason="size",
    words=lambda size_bytes: megabytes(int(size_bytes)),
    bounds=lambda _min, maximum: Bounds(video_bytes=int(maximum)),
)


DOCUMENT_SIZE: Final = replace(
    SIZE,
    read=lambda draft: [(media.size_bytes, media) for media in draft.media if media.pages is not None],
    of="a document",
    subject=LimitSubject.DOCUMENT,
    sentence="The PDF has {value}",
    advice="Make it smaller.",
    bounds=lambda _min, _max: NONE_WITHIN,  # documents are few, and each is read
)
PAGES: Final = Measure(
    name="pages",
    unit="pages",
    read=lambda draft: [(media.pages, media) for media in draft.media if media.pages is not None],
    what="pages of {of}",
    of="a document",
    subject=LimitSubject.DOCUMENT,
    sentence="The PDF has {value} pages",
    advice="Leave some out.",
    reason="page_count",
    bounds=lambda _min, _max: NONE_WITHIN,
)


def _ratio_of(subject: LimitSubject) -> Measure:
    return Measure(
        name="ratio",
        unit="width over height",
        read=lambda draft: [
            (media.width / media.height, media) for media in draft.media if media.kind is _KINDS[subject]
        ],
        what="ratio of {of}",
        of=f"a {subject}",
        subject=subject,
        sentence=f"The {subject} is {{pixels}}, {{number:.2f}}:1",
        advice="Crop it.",
        reason="ratio",
        words="{:g}:1".format,
        bounds=lambda minimum, maximum: Bounds(ratio=(minimum, maximum)),
    )


PICTURE_RATIO: Final = _ratio_of(LimitSubject.PICTURE)
VIDEO_RATIO: Final = _ratio_of(LimitSubject.VIDEO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Which posts a rule is for, where mode and media type don't say it."""

    sentence: str
    """In the API."""
    holds: Callable[[Draft], bool]
    is_usual: bool = False
    """Whether it holds for every post without options."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What all limits have: the posts that they are for."""

    modes: Set[Mode] | None = None
    """Is None for all modes in which the platform's own API delivers."""
    media_types: Set[MediaType] | None = None
    """Is None for all that have the subject."""
    condition: Condition | None = None

    @property
    def about(self) -> LimitSubject:
        """What it limits."""
        return LimitSubject.ACCOUNT

    def is_for(self, draft: Draft) -> bool:
        """Whether it limits a post."""
        return self.may_be_for(draft.mode, draft.media_type) and (self.condition is None or self.condition.holds(draft))

    def may_be_for(self, mode: Mode, media_type: MediaType) -> bool:
        """Whether it limits posts of a mode and media type."""
        return media_type in self.limited_media_types() and (self.modes is None or mode in self.modes)

    def limited_media_types(self) -> Set[MediaType]:
        """Return the media types that it limits, on a platform that has all."""
        return self.media_types or _MEDIA_TYPES.get(self.about, ANY)

    def find(self, draft: Draft, platform: str) -> Iterable[Problem | Warned]:
        """Return what is beyond the limit."""
        raise NotImplementedError

    def bounds(self) -> Bounds:
        """Return bounds within which it finds no error."""
        return Bounds()

    def rows(self) -> Iterator[LimitRow]:
        """Yield what the documentation says about it."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class NumericLimit(Rule):
    """A maximum of a measure, and maybe a minimum."""

    measure: Measure
    min: float | None = None
    max: float
    tolerance: float = 0
    """How far beyond is accepted, where whole pixels can't match the limit."""
    warning: Advice | None = None
    """What is reported, or None for an error."""
    numbers: Sequence[str] = ("value", "limit", "unit")
    """Those that a warning has."""
    unless: "NumericLimit | None" = None
    """A limit that says more about a post that is beyond both."""
    sentence: str = "{begin}; {accepts}. {advice}"
    accepts: str = "{platform} accepts {range}"
    range: str | None = None
    """Both in words, or None for the words of the measure."""
    advice: str | None = None
    reason: str | None = None
    what: str | None = None
    of: str | None = None
    suffix: str = ""
    """After the limit in the documentation."""

    @property
    def about(self) -> LimitSubject:
        """What it limits."""
        return self.measure.subject

    def is_beyond(self, value: float | None) -> bool:
        """Whether a number is beyond the limit; False where it is not known."""
        return value is not None and not (self.min or 0) - self.tolerance <= value <= self.max + self.tolerance

    def find(self, draft: Draft, platform: str) -> Iterator[Problem | Warned]:
        """Yield a finding for each number that is beyond the limit."""
        for value, media in self.measure.read(draft):
            if self.is_beyond(value) and not (self.unless and [*self.unless.find(draft, platform)]):
                yield self._finding(draft, value, media, platform)

    def _finding(self, draft: Draft, value: float, media: Media | None, platform: str) -> Problem | Warned:
        limit = self.min if self.min is not None and value < self.min else self.max
        of = self.of or self.measure.of
        words = {
            "of": of,
            "platform": platform,
            "value": self.measure.words(value),
            "number": value,
            "max": self.measure.words(self.max),
            "range": self._range(),
            "longer": "longer" if limit == self.min else "shorter",
            "pixels": media and pixels(media),
        }
        begin, accepts = self.measure.sentence.format(**words), self.accepts.format(**words)
        advice = (self.measure.advice if self.advice is None else self.advice).format(**words)
        sentence = self.sentence.format(begin=begin, accepts=accepts, advice=advice, **words).rstrip()
        numbers: dict[str, JsonValue] = {"value": round(value, 4), "limit": limit, "unit": self.measure.unit}
        place: dict[str, JsonValue] = {} if media is None else {"item": media.position + 1}
        message = sentence if media is None else item(draft, media) + sentence
        if self.warning is not None:
            return Warned(self.warning, message, {name: numbers[name] for name in self.numbers} | place)
        reason: dict[str, JsonValue] = {"reason": self.reason or self.measure.reason.format(of=of.replace(" ", "_"))}
        return Problem(FailureCode.PLATFORM_LIMIT, message, reason | numbers | place)

    def bounds(self) -> Bounds:
        """Return bounds within which it finds no error."""
        return Bounds() if self.warning else self.measure.bounds(self.min or 0, self.max)

    def rows(self) -> Iterator[LimitRow]:
        """Yield the row of the documentation."""
        measure = self.measure
        what = self.what or measure.what.format(of=self.of or measure.of)
        yield LimitRow(
            what=what[0].upper() + what[1:],
            limit=self._range() + measure.suffix + self.suffix,
            beyond=LimitEffect.WARNING if self.warning else LimitEffect.ERROR,
            subject=measure.subject,
            measure=measure.name,
            unit=measure.unit,
            min=self.min,
            max=self.max,
        )

    def _range(self) -> str:
        limit = self.measure.words(self.max)
        return self.range or (limit if self.min is None else f"{self.measure.words(self.min)} to {limit}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Formats(Rule):
    """The formats of pictures or of a video. Media beyond them are sent as a converted copy."""

    spec: ImageSpec | VideoSpec
    of: str | None = None
    """In the documentation, or None for a picture, or a video."""

    @property
    def about(self) -> LimitSubject:
        """What it limits."""
        return LimitSubject.VIDEO if isinstance(self.spec, VideoSpec) else LimitSubject.PICTURE

    def find(self, draft: Draft, platform: str) -> Iterator[Warned]:
        """Yield a warning for each item that is sent as a converted copy, as far as the probe shows."""
        for media in draft.media:
            if media.kind is _KINDS[self.about] and (reasons := "; ".join(conversion_reasons(media, self.spec))):
                sentence = f"{item(draft, media)}{reasons}. {platform} gets a converted copy; the original stays."
                yield Warned(Advice.MEDIA_CONVERTED, sentence, {"item": media.position + 1})

    def rows(self) -> Iterator[LimitRow]:
        """Yield a row for each property that the spec limits."""
        spec, of = self.spec, self.of or f"a {self.about}"
        row = partial(LimitRow, beyond=LimitEffect.COPY, subject=self.about)
        yield row(f"Format of {of}", names_of(spec.accepts), measure="format", values=sorted(spec.accepts))
        if isinstance(spec, VideoSpec):
            yield row(f"Codec of {of}", codecs_of(spec), measure="codec", values=sorted(spec.video_codecs))
            unit = "frames per second"
            yield row(
                f"Frames a second of {of}",
                rates_of(spec),
                measure="frame_rate",
                unit=unit,
                min=spec.min_frame_rate,
                max=spec.max_frame_rate,
            )
        elif spec.max_size_bytes is not None:
            size = spec.max_size_bytes
            yield row(f"Size of {of}", megabytes(size), measure="size", unit="bytes", max=size)
        for side, pixel in (("Width", spec.max_width), ("Height", spec.max_height)):
            if pixel is not None:
                yield row(f"{side} of {of}", f"{pixel:,} pixels", measure=side.lower(), unit="pixels", max=pixel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated(Rule):
    """A limit of one platform alone, or one that the platform reports of an account: words, and maybe a function."""

    what: str
    limit: str
    subject: LimitSubject = LimitSubject.ACCOUNT
    effect: LimitEffect = LimitEffect.ERROR
    check: Callable[[Draft], Iterable[Problem | Warned]] = lambda _draft: ()
    within: Bounds = Bounds()  # noqa: RUF009  frozen, so one instance can serve all rules
    """Bounds within which `check` finds no error, apart from those of options."""

    @property
    def about(self) -> LimitSubject:
        """What it limits."""
        return self.subject

    def find(self, draft: Draft, platform: str) -> Iterable[Problem | Warned]:  # noqa: ARG002  the function names its platform
        """Return what the function finds."""
        return self.check(draft)

    def bounds(self) -> Bounds:
        """Return bounds within which it finds no error."""
        return self.within

    def rows(self) -> Iterator[LimitRow]:
        """Yield the row of the documentation."""
        yield LimitRow(self.what, self.limit, beyond=self.effect, subject=self.subject, measure="stated")


def _find_missing_words(draft: Draft) -> Iterator[Problem]:
    if draft.link is None and not draft.caption.strip():
        sentence = f"The post has no media, no link and no text. Write a text{_OVERRIDE_HINT}."
        yield Problem(FailureCode.PLATFORM_LIMIT, sentence, {"reason": "text_missing"})


WORDS: Final = Stated(
    what="Text of a post without media",
    limit="some, or a link",
    subject=LimitSubject.CAPTION,
    media_types=TEXTS,
    check=_find_missing_words,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All limits of a platform."""

    platform: str
    """Its name in sentences."""
    rules: Sequence[Rule]
    """In the order in which they are reported and documented."""
    of_some_accounts: Sequence[Rule] = ()
    """Those that depend on the account: documented, and not checked with the others."""
    modes: Set[Mode] = frozenset({Mode.PUBLISH})
    """The modes in which the platform's own API delivers."""
    media_types: Set[MediaType] = WITH_MEDIA
    """Content that it has posts for."""
    has_alt_texts: bool = False
    """Whether the alternative texts of pictures are sent."""

    def check(self, draft: Draft) -> Findings:
        """Return all reasons for which the platform would refuse a post from any account, and what is changed, with the numbers.

        Of a thread, each part is checked as a post.
        """
        if draft.parts:
            parts = enumerate(draft.each_part(), 1)
            return reduce(add, (_of_part(self.check(part), number) for number, part in parts), Findings())
        return found(*(one for rule in self._rules_for(draft) for one in rule.find(draft, self.platform)))

    def _rules_for(self, draft: Draft) -> Iterator[Rule]:
        return (rule for rule in self.rules if rule.is_for(draft) and not _is_of_comment(rule))

    def max_of(self, measure: Measure, mode: Mode, media_type: MediaType) -> float:
        """Return the maximum of a measure. Raises LookupError without one."""
        for rule in self.rules:
            if isinstance(rule, NumericLimit) and rule.measure is measure and rule.may_be_for(mode, media_type):
                return rule.max
        raise LookupError(f"{self.platform} has no limit of {measure.name} for {media_type}")

    def check_comment(self, text: str) -> Problem | None:
        """Return the reason for which the platform would refuse a first comment."""
        comment = Draft(mode=Mode.PUBLISH, media_type=MediaType.IMAGE, caption=text, media=())
        limits = [rule for rule in self.rules if _is_of_comment(rule)]
        errors = found(*(one for limit in limits for one in limit.find(comment, self.platform))).errors
        return errors[0] if errors else None

    def check_reply(self, text: str) -> str | None:
        """Return the sentence that says why the platform would refuse an answer to a comment, or None. It has the limits of a first
        comment."""
        if not text.strip():
            return "The reply is empty. Write a text."
        limits = [_of_reply(rule) for rule in self.rules if isinstance(rule, NumericLimit) and _is_of_comment(rule)]
        reply = Draft(mode=Mode.PUBLISH, media_type=MediaType.IMAGE, caption=text, media=())
        errors = found(*(one for limit in limits for one in limit.find(reply, self.platform))).errors
        return errors[0].message if errors else None

    def bounds(self) -> Mapping[tuple[Mode, MediaType], Bounds]:
        """Return the bounds within which `check` reports no error about a post, apart from those of options."""
        return {(mode, content): self._bounds_of(mode, content) for mode in self.modes for content in self.media_types}

    def _bounds_of(self, mode: Mode, media_type: MediaType) -> Bounds:
        bounds = [
            rule.bounds()
            for rule in self.rules
            if rule.may_be_for(mode, media_type) and (rule.condition is None or rule.condition.is_usual)
        ]
        return NONE_WITHIN if NONE_WITHIN in bounds else reduce(Bounds.within_both, bounds, Bounds())

    def rows(self) -> Sequence[LimitRow]:
        """Return the rows of the documentation."""
        return [
            replace(
                row,
                modes=rule.modes or self.modes,
                media_types=rule.limited_media_types() & self.media_types,
                condition=None if rule.condition is None else rule.condition.sentence,
            )
            for rule in (*self.rules, *self.of_some_accounts)
            for row in rule.rows()
        ]


def _of_reply(limit: NumericLimit) -> NumericLimit:
    """Return a limit of first comments as one of replies, which go without a post."""
    advice = (limit.advice or limit.measure.advice).removeprefix(_WITHOUT_COMMENT)
    return replace(limit, of="reply", advice=advice.replace(_COMMENT_HINT, "") or "Shorten it.")


def _of_part(findings: Findings, number: int) -> Findings:
    """Return the findings of one part of a thread, which say so. A part has no override."""

    def name(finding: Finding) -> Finding:
        message = f"Part {number}: {finding.message.replace(_OVERRIDE_HINT, '')}"
        return replace(finding, message=message, details={**finding.details, "part": number})

    return Findings([name(one) for one in findings.errors], [name(one) for one in findings.warnings])


def _is_of_comment(rule: Rule) -> bool:
    return isinstance(rule, NumericLimit) and rule.measure.subject is LimitSubject.FIRST_COMMENT
