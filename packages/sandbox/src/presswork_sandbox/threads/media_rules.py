"""What Threads checks about pictures when a container is made, and what it finds wrong with a video later.

Source: Meta, "Threads API: Overview" (specifications) and "Troubleshooting" (error_message), read 2026-11.
"""

from typing import Final

from presswork_sandbox.instagram.errors import (
    FETCH_TIMED_OUT,
    IMAGE_FORMAT,
    IMAGE_RATIO,
    IMAGE_TOO_LARGE,
    NOT_FETCHED,
    GraphRefusal,
    not_fetched,
)
from presswork_sandbox.instagram.validation import VIDEO_CODECS, check_url
from presswork_sandbox.media import Asset, FetchFailed, FetchTimedOut, MediaStore, MediaTooLarge
from presswork_sandbox.media_info import NotMedia, TooManyPixels

CRAWLER: Final = "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"
IMAGE_BYTES: Final = 8 * 1024 * 1024
VIDEO_BYTES: Final = 1_000_000_000
IMAGE_FORMATS: Final = frozenset({"JPEG", "PNG"})
MAX_IMAGE_RATIO: Final = 10.0
RATIO_SLACK: Final = 0.01  # whole pixels can't hit the ends exactly
VIDEO_RATIOS: Final = (0.01, 10.0)
VIDEO_WIDTH: Final = 1920
MAX_SECONDS: Final = 300.0
SECONDS_SLACK: Final = 0.1
FRAME_RATES: Final = (22.5, 60.5)  # 23 to 60, with room for 22.98 and 59.94 and the like
BITS_PER_SECOND: Final = 100_000_000
NOT_DOWNLOADED: Final = "FAILED_DOWNLOADING_VIDEO"
NOT_PROCESSED: Final = "FAILED_PROCESSING_VIDEO"
# Meta lists no codes for pictures that Threads refuses; these are Instagram's.
_FORMAT: Final = IMAGE_FORMAT.about("The image format is not supported. Use JPEG or PNG.")
_RATIO: Final = IMAGE_RATIO.about("The submitted image's aspect ratio is beyond 10:1.")


async def fetch_picture(store: MediaStore, url: str) -> Asset:
    """Return the picture of an image_url. Raises GraphRefusal where it can't be fetched, or is none that Threads takes."""
    check_url(url)
    try:
        asset = await store.fetch(url, limit_bytes=IMAGE_BYTES, agent=CRAWLER)
    except FetchTimedOut as slow:
        raise GraphRefusal(FETCH_TIMED_OUT) from slow
    except MediaTooLarge as big:
        raise GraphRefusal(IMAGE_TOO_LARGE) from big
    except TooManyPixels as bomb:
        raise GraphRefusal(IMAGE_TOO_LARGE if bomb.kind in IMAGE_FORMATS else _FORMAT) from bomb
    except FetchFailed as failed:
        raise GraphRefusal(not_fetched(failed.status)) from failed
    except NotMedia as wrong:
        raise GraphRefusal(NOT_FETCHED) from wrong
    if asset.is_video:
        raise GraphRefusal(NOT_FETCHED)
    if asset.format not in IMAGE_FORMATS:
        raise GraphRefusal(_FORMAT)
    longer, shorter = max(asset.width, asset.height), min(asset.width, asset.height)
    if longer / shorter > MAX_IMAGE_RATIO + RATIO_SLACK:
        raise GraphRefusal(_RATIO)
    return asset


async def fetch_video(store: MediaStore, url: str) -> tuple[int | None, str | None]:
    """Return the number of the file of a video_url, and what is wrong with it as a container's error_message, or None."""
    try:
        asset = await store.fetch(url, limit_bytes=VIDEO_BYTES, agent=CRAWLER)
    except MediaTooLarge:
        return None, NOT_PROCESSED
    except FetchFailed:
        return None, NOT_DOWNLOADED
    except NotMedia:
        return None, NOT_PROCESSED
    return asset.id, _video_problem(asset)


def _video_problem(asset: Asset) -> str | None:
    seconds = asset.duration_seconds or 0.0
    good_form = asset.is_video and asset.format in {"MP4", "MOV"} and asset.codec in VIDEO_CODECS
    if not good_form or asset.width > VIDEO_WIDTH:
        return NOT_PROCESSED
    if not 0 < seconds <= MAX_SECONDS + SECONDS_SLACK:
        return "INVALID_DURATION"
    if not FRAME_RATES[0] <= (asset.fps or 0) <= FRAME_RATES[1]:
        return "INVALID_FRAME_RATE"
    if not VIDEO_RATIOS[0] <= asset.width / asset.height <= VIDEO_RATIOS[1]:
        return "INVALID_ASPEC_RATIO"  # Meta's spelling
    return "INVALID_BIT_RATE" if asset.size_bytes * 8 / seconds > BITS_PER_SECOND else None
