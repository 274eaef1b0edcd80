"""What TikTok checks when a post is initiated, and what it finds wrong with media later.

Source: TikTok, "Direct Post", "Photo Post", "Upload" references and "Media Transfer Guide", read 2026-11.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from presswork_sandbox.accounts import Account
from presswork_sandbox.media import Asset
from presswork_sandbox.media_info import TooManyPixels
from presswork_sandbox.tiktok.errors import TikTokRefusal
from presswork_sandbox.wire import JSONValue

TITLE_UNITS: Final = 2200  # UTF-16 units, as the next two
INT32: Final = 2**31 - 1
PHOTO_TITLE_UNITS: Final = 90
DESCRIPTION_UNITS: Final = 4000
PHOTOS: Final = 35
PHOTO_BYTES: Final = 20 * 1000 * 1000
PHOTO_FORMATS: Final = frozenset({"JPEG", "WEBP"})
PHOTO_SHORT_SIDE: Final = 1080  # "1080p"; the lenient reading: the shorter side
VIDEO_BYTES: Final = 4 * 1024**3
VIDEO_FORMATS: Final = frozenset({"MP4", "MOV", "WEBM"})
MIN_CHUNK: Final = 5_000_000
MAX_CHUNK: Final = 64 * 1024 * 1024  # the guide counts in decimals, yet 64 MiB from clients is accepted
MAX_LAST_CHUNK: Final = 128 * 1024 * 1024
CHUNKS: Final = 1000
FRAME_RATES: Final = (22.5, 60.5)  # 23 to 60, with room for 22.98 and 59.94 and the like
SIDES: Final = (360, 4096)
CODECS: Final = frozenset({"h264", "hevc", "vp8", "vp9"})
PHOTO_DRAFT_VERSION: Final = (31, 8)
DRAFT_SECONDS: Final = 600.0
PRIVACY: Final = ("PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY")
DEFAULT_MAX_SECONDS: Final = 600
FLAGS: Final = [
    "disable_duet",
    "disable_stitch",
    "disable_comment",
    "brand_content_toggle",
    "brand_organic_toggle",
    "is_aigc",
    "auto_add_music",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a post's media comes from."""

    source: str  # FILE_UPLOAD or PULL_FROM_URL
    urls: tuple[str, ...] = ()
    video_size: int = 0
    chunk_size: int = 0
    chunk_count: int = 0


def bad(message: str) -> TikTokRefusal:
    """Return the refusal of a parameter."""
    return TikTokRefusal("invalid_param", message)


def units(text: str) -> int:
    """Return a text's length as TikTok counts: UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def privacy_options(account: Account) -> list[str]:
    """Return the levels that creator_info offers this account."""
    options = account.creator_info.get("privacy_level_options")
    return [str(option) for option in options] if isinstance(options, list) else list(PRIVACY)


def max_seconds(account: Account) -> float:
    """Return how long this account's videos may be, seconds."""
    seconds = account.creator_info.get("max_video_post_duration_sec")
    return float(seconds) if isinstance(seconds, int | float) else DEFAULT_MAX_SECONDS


def section(body: Mapping[str, JSONValue], name: str) -> Mapping[str, JSONValue]:
    """Return a nested object of the body. Raises TikTokRefusal."""
    value = body.get(name)
    if not isinstance(value, Mapping):
        raise bad(f"{name} is missing or not an object")
    return value


def _text(info: Mapping[str, JSONValue], name: str, max_units: int) -> str:
    value = info.get(name, "")
    if value is None:
        return ""
    if not isinstance(value, str):
        raise bad(f"{name} must be a string")
    if units(value) > max_units:
        raise bad(f"{name} is longer than {max_units} UTF-16 units")
    return value


def _number(info: Mapping[str, JSONValue], name: str) -> int:
    value = info.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise bad(f"{name} is missing or not a whole number")
    return value


def check_post_info(account: Account, info: Mapping[str, JSONValue], *, photo: bool) -> tuple[str, str]:
    """Return caption and privacy level of a direct post. Raises TikTokRefusal."""
    for name in FLAGS:
        if not isinstance(info.get(name, False), bool):
            raise bad(f"{name} must be true or false")
    title = _text(info, "title", PHOTO_TITLE_UNITS if photo else TITLE_UNITS)
    description = _text(info, "description", DESCRIPTION_UNITS) if photo else ""
    cover = info.get("video_cover_timestamp_ms", 0)
    if not photo and (isinstance(cover, bool) or not isinstance(cover, int) or abs(cover) > INT32):
        raise bad("video_cover_timestamp_ms must be a whole number of 32 bits")
    level = info.get("privacy_level")
    if not isinstance(level, str) or not level:
        raise bad("privacy_level is required")
    if level not in privacy_options(account):
        raise TikTokRefusal("privacy_level_option_mismatch", "privacy_level is not one that creator_info offers")
    if level == "SELF_ONLY" and info.get("brand_content_toggle"):
        raise bad("branded content can't be private")
    if account.settings.get("audited", True) is False and "PUBLIC_TO_EVERYONE" in privacy_options(account):
        raise TikTokRefusal(
            "unaudited_client_can_only_post_to_private_accounts",
            "Please review our integration guidelines at https://developers.tiktok.com/doc/content-sharing-guidelines/",
        )
    return (description or title if photo else title), level


def check_app_version(account: Account) -> None:
    """Raise TikTokRefusal where this person's app is too old for photo drafts."""
    version = account.settings.get("appVersion")
    if isinstance(version, str) and tuple(map(int, version.split("."))) < PHOTO_DRAFT_VERSION:
        raise TikTokRefusal("app_version_check_failed", "The target user's TikTok app version is not supported")


def check_draft_texts(info: JSONValue) -> str:
    """Return what survives of a photo draft's post_info: title and description. Raises TikTokRefusal."""
    if not isinstance(info, Mapping):
        return ""
    title = _text(info, "title", PHOTO_TITLE_UNITS)
    return _text(info, "description", DESCRIPTION_UNITS) or title


def check_video_source(account: Account, info: Mapping[str, JSONValue]) -> Source:
    """Read the source_info of a video. Raises TikTokRefusal where the chunk arithmetic does not come out."""
    source = info.get("source")
    if source == "PULL_FROM_URL":
        return Source(source=source, urls=(_media_url(account, info.get("video_url")),))
    if source != "FILE_UPLOAD":
        raise bad("source must be FILE_UPLOAD or PULL_FROM_URL")
    size, chunk, count = (_number(info, name) for name in ("video_size", "chunk_size", "total_chunk_count"))
    if not 0 < size <= VIDEO_BYTES:
        raise bad("video_size must be between 1 byte and 4 GB")
    if not 1 <= count <= CHUNKS:
        raise bad("total_chunk_count must be between 1 and 1000")
    whole = chunk == size and size <= MAX_CHUNK
    if not whole and not MIN_CHUNK <= chunk <= MAX_CHUNK:
        raise bad("chunk_size must be between 5 MB and 64 MB, or the whole of a smaller video")
    if count != max(1, size // chunk):
        raise bad("total_chunk_count must be video_size divided by chunk_size, rounded down")
    if chunk > size or size - chunk * (count - 1) > MAX_LAST_CHUNK:
        raise bad("chunk_size and total_chunk_count don't fit video_size")
    return Source(source=source, video_size=size, chunk_size=chunk, chunk_count=count)


def check_photo_source(account: Account, info: Mapping[str, JSONValue]) -> Source:
    """Read the source_info of a photo post. Raises TikTokRefusal."""
    if info.get("source") != "PULL_FROM_URL":
        raise bad("source must be PULL_FROM_URL for photos")
    images = info.get("photo_images")
    if not isinstance(images, list) or not 1 <= len(images) <= PHOTOS:
        raise bad("photo_images must be 1 to 35 URLs")
    cover = info.get("photo_cover_index", 0)
    if isinstance(cover, bool) or not isinstance(cover, int) or not 0 <= cover < len(images):
        raise bad("photo_cover_index must be the index of one of photo_images")
    return Source(source="PULL_FROM_URL", urls=tuple(_media_url(account, image) for image in images))


def _media_url(account: Account, value: JSONValue) -> str:
    if not isinstance(value, str) or not value:
        raise bad("the media URL is missing")
    try:
        parts = urlsplit(value)
    except ValueError as wrong:
        raise bad("the media URL can't be read") from wrong
    # The real API takes https only and no URL with an IP address; the sandbox fetches from a developer's laptop.
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise bad("the media URL must be absolute, http or https")
    prefixes = account.settings.get("verifiedPrefixes")
    if isinstance(prefixes, list) and not any(value.startswith(str(prefix)) for prefix in prefixes):
        raise TikTokRefusal("url_ownership_unverified", "Please verify the ownership of the URL's domain or prefix")
    return value


def reason_of_size(bomb: TooManyPixels, kind: str) -> str:
    """Return the fail_reason of a file with too many pixels: as of any large one, after its format was checked."""
    formats = PHOTO_FORMATS if kind == "photo" else VIDEO_FORMATS
    return "picture_size_check_failed" if bomb.kind in formats else "file_format_check_failed"


def photo_reason(assets: Sequence[Asset]) -> str | None:
    """Return the fail_reason of a photo post, or None where every picture is fine."""
    for asset in assets:
        if asset.is_video or asset.format not in PHOTO_FORMATS:
            return "file_format_check_failed"
        if min(asset.width, asset.height) > PHOTO_SHORT_SIDE:
            return "picture_size_check_failed"
    return None


def video_reason(asset: Asset, longest_seconds: float) -> str | None:
    """Return the fail_reason of a video, or None where it is fine."""
    if not asset.is_video or asset.format not in VIDEO_FORMATS or asset.codec not in CODECS:
        return "file_format_check_failed"
    if (asset.duration_seconds or 0.0) > longest_seconds + 0.5:
        return "duration_check_failed"
    if not FRAME_RATES[0] <= (asset.fps or 0.0) <= FRAME_RATES[1]:
        return "frame_rate_check_failed"
    low, high = SIDES
    if not (low <= asset.width <= high and low <= asset.height <= high):
        return "picture_size_check_failed"
    return None
