"""What TikTok takes, as data: text lengths, counts, and picture and video formats.

Sources: TikTok, "Direct Post" and "Photo Post" (texts, counts), "Media Transfer Guide" (formats), read 2026-11.
"""

from typing import Final

from presswork.media.convert_image import ImageSpec
from presswork.media.convert_video import VideoSpec
from presswork.media.model import ContentType

PHOTO_SPEC: Final = ImageSpec(
    accepts=frozenset({ContentType.JPEG, ContentType.WEBP}), max_width=1080, max_height=1920, max_size_bytes=20_000_000
)
"""A picture: JPEG or WebP (no PNG), up to 20 MB and "1080p". The documents don't say which side that means, so both of
its readings are kept: 1080 wide, and a short side of 1080."""
VIDEO_SPEC: Final = VideoSpec(max_width=4096, max_height=4096, is_moov_first=False)
"""A video: H.264 or H.265 in MP4 or MOV, 23 to 60 frames a second, up to 4096 pixels a side."""
VIDEO_SIDE_PIXELS: Final = range(360, 4097)
"""What each side of a video may measure. Smaller ones are not enlarged; TikTok refuses them."""
VIDEO_TEXT_LIMIT: Final = 2200
"""UTF-16 units of a video's `title`."""
PHOTO_TEXT_LIMIT: Final = 4000
"""UTF-16 units of a photo post's `description`."""
PHOTO_COUNT_LIMIT: Final = 35
"""Pictures of a photo post."""


def text_units(text: str) -> int:
    """Return the length of a text as TikTok counts it: in UTF-16 units, so most emoji count as two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
