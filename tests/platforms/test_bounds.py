"""The bounds that the publish statement compares content with: within them, no rule of the platform finds an error."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Final
from uuid import UUID

from tests.platforms.rows import each_row

from presswork.media.model import MAX_DOCUMENT_PAGES, Kind, limit_bytes
from presswork.platforms.bounds import NONE_WITHIN, Bounds
from presswork.platforms.port import Draft, LinkCard, LoginName, Media, MediaType, Mode
from presswork.platforms.registry import Platforms
from presswork.platforms.settings import Settings

_PLATFORMS: Final = Platforms(Settings(_env_file=None), base_url="http://localhost").described()
_OFFERS: Final = [
    (login, mode, media_type)
    for login, platform in _PLATFORMS.items()
    for mode in platform.required_scopes
    for media_type in MediaType
    if media_type in platform.media_types
]
_WORDS: Final = ("a", "漢", "🎬", "#a ", "@b ")
_LINKS: Final = " ".join(f"http://{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")
"""The shortest links that differ."""
_NOTE: Final = "\U0001d160"
"""A letter that becomes three where a text is normalized: the one that counts most where texts are weighed."""
_TIMES: Final = (0, 20, 21, 30, 31, 1100, 1101, 2000, 2001, 2200, 2201, 4000)
"""How often a word is repeated: around the limits."""
_SIZES: Final = (
    (1080, 1080),
    (800, 1000),
    (799, 1000),
    (1910, 1000),
    (1911, 1000),
    (359, 640),
    (4097, 700),
    (3600, 359),
)
_COUNTS: Final = {
    MediaType.TEXT: (0,),
    MediaType.IMAGE: (1,),
    MediaType.VIDEO: (1,),
    MediaType.MULTI: (4, 10, 35),
    MediaType.MIXED: (10, 20),
    MediaType.DOCUMENT: (1,),
}
_KINDS: Final = {
    MediaType.VIDEO: (Kind.VIDEO,),
    MediaType.MIXED: (Kind.VIDEO, Kind.IMAGE),
    MediaType.DOCUMENT: (Kind.DOCUMENT,),
}
_VIDEO_BYTES: Final = tuple(
    limit + more
    for limit in (1, 100_000_000, 300_000_000, 500_000_000, 4_000_000_000, 10_000_000_000)
    for more in (0, 1)
)
_SECONDS: Final = (0, 2.9, 2.96, 3, 599.9, 600, 600.1, 900, 900.04, 901)


def _drafts(mode: Mode, media_type: MediaType) -> Iterator[Draft]:
    """Yield drafts around every limit: texts with each size, and lengths with each size."""
    kinds = _KINDS.get(media_type, (Kind.IMAGE,))
    captions = [(word * times)[:4000] for word, times in product(_WORDS, _TIMES)]
    captions += [_LINKS[:length] for length in range(40, 70)]
    texts = [(caption, size, 9, 1_000_000) for caption, size in product(captions, _SIZES)]
    lengths = [("", size, seconds, 1_000_000) for size, seconds in product(_SIZES, _SECONDS)]
    files = [("", (1080, 1080), 9, size_bytes) for size_bytes in _VIDEO_BYTES]
    has_video = Kind.VIDEO in kinds
    for caption, (width, height), seconds, size_bytes in [*texts, *([*lengths, *files] if has_video else [])]:
        media = [_make_media(kind, width, height, seconds, size_bytes) for kind in kinds]
        link = LinkCard(url="http://another") if media_type is MediaType.TEXT else None
        for count in _COUNTS[media_type]:
            yield Draft(mode=mode, media_type=media_type, caption=caption, media=(media * count)[:count], link=link)


def _make_media(kind: Kind, width: int, height: int, seconds: float, video_bytes: int) -> Media:
    is_video = kind is Kind.VIDEO
    return Media(
        asset_id=UUID(int=1),
        position=0,
        content_type={Kind.VIDEO: "video/mp4", Kind.IMAGE: "image/jpeg", Kind.DOCUMENT: "application/pdf"}[kind],
        size_bytes=video_bytes if is_video else limit_bytes(kind),
        sha256="0" * 64,
        width=width,
        height=height,
        duration=timedelta(seconds=seconds) if is_video else None,
        video_codec="h264" if is_video else None,
        frame_rate=30.0 if is_video else None,
        pages=MAX_DOCUMENT_PAGES if kind is Kind.DOCUMENT else None,
    )


def _is_within(bounds: Bounds, draft: Draft) -> bool:
    """Compare as publish.sql does."""
    numbers = bounds.as_json()
    measured: dict[str, float | None] = {
        "characters": len(draft.caption),
        "hashtags": draft.caption.count("#"),
        "mentions": draft.caption.count("@"),
        "items": len(draft.media),
    }
    for media in draft.media[:1]:  # all have its size, and the first one its length
        ratio, sides = media.width / media.height, (media.width, media.height)
        duration = None if media.duration is None else media.duration // timedelta(milliseconds=1)
        measured |= {"ratio_min": ratio, "ratio_max": ratio, "side_min": min(sides), "side_max": max(sides)}
        measured |= {"duration_min": duration, "duration_max": duration}
        measured |= {"video_bytes": media.size_bytes if media.is_video else None}
    return not any(
        (value < limit if name.endswith("_min") else value > limit)
        for name, value in measured.items()
        if value is not None and isinstance(limit := numbers.get(name), int | float)
    )


@each_row(("login", "mode", "media_type"), _OFFERS)
def test_within_the_bounds_no_rule_finds_an_error(login: LoginName, mode: Mode, media_type: MediaType) -> None:
    """Content within the bounds of a login and mode, or any content where there are none, has no error."""
    platform = _PLATFORMS[login]
    bounds = platform.bounds.get((mode, media_type))
    check = platform.channel(mode).connector.check
    within = [draft for draft in _drafts(mode, media_type) if bounds is None or _is_within(bounds, draft)]
    assert within or bounds == NONE_WITHIN
    assert [(draft.caption[:9], draft.media[:1]) for draft in within if check(draft).errors] == []


@each_row("login", _PLATFORMS)
def test_within_the_bounds_no_first_comment_is_refused(login: LoginName) -> None:
    """The longest comment within the bound is accepted, whatever its characters, and the next longer one is not."""
    platform = _PLATFORMS[login]
    for (mode, _), bounds in platform.bounds.items():
        longest = bounds.comment_characters if mode is Mode.PUBLISH else None
        if longest is not None:
            assert [platform.check_comment(word * longest) for word in ("a", "漢", "🎬")] == [None] * 3
            longer = ["a" * (longest + 1), _LINKS[: longest + 1], _NOTE * (longest + 1)]
            assert any(platform.check_comment(text) for text in longer)
    if not any(bounds.comment_characters for bounds in platform.bounds.values()):
        assert platform.check_comment("a" * 4000) is None
