"""What platforms accept, and whether a piece of media needs a copy that fits. Loads no codecs."""

from collections.abc import Set
from dataclasses import dataclass, field
from typing import Final

from presswork.media.model import ContentType, Probe

RATE_TOLERANCE: Final = 0.05  # frames per second: 60.01 on average is a 60 fps recording
_LONGEST_SIDE: Final = {ContentType.JPEG: 65_500, ContentType.WEBP: 16_383}
"""Pixels that the formats of copies can have at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageSpec:
    """What a platform accepts: formats, sides in pixels, bytes, and the range of width over height. A limit that is None does not exist."""

    content_type: ContentType = ContentType.JPEG  # of the copy: JPEG or WebP
    accepts: Set[ContentType] = field(default_factory=lambda: frozenset({ContentType.JPEG}))  # as it is
    max_width: int | None = None
    max_height: int | None = None
    max_short_side: int | None = None  # whichever of the two sides is shorter
    max_size_bytes: int | None = None
    min_ratio: float | None = None
    max_ratio: float | None = None
    is_padded: bool = False  # a ratio out of range gets white bars; otherwise it is refused

    def __post_init__(self) -> None:
        """Raise ValueError on a format that can't be written."""
        if self.content_type not in _LONGEST_SIDE:
            raise ValueError(f"pictures are converted to JPEG or WebP, not to {self.content_type}")

    def needs_conversion(self, probe: Probe) -> bool:
        """Return whether a platform with this spec needs a copy of the picture rather than its original.

        A picture that is rotated or transparent needs one too: not every platform reads EXIF, and none shows what lies
        behind.
        """
        return (
            probe.content_type not in self.accepts
            or probe.rotation != 0
            or probe.has_alpha
            or (self.max_size_bytes is not None and probe.size_bytes > self.max_size_bytes)
            or self.scale(probe.width, probe.height) < 1
            or not self.allows_ratio(probe.width, probe.height)
        )

    def scale(self, width: int, height: int) -> float:
        """Return the factor, at most 1, by which both sides have to shrink to fit the spec and the format of the copy."""
        limits = (
            (self.max_width, width),
            (self.max_height, height),
            (self.max_short_side, min(width, height)),
            (_LONGEST_SIDE[self.content_type], max(width, height)),
        )
        return min(1.0, *(limit / side for limit, side in limits if limit is not None))

    def allows_ratio(self, width: int, height: int) -> bool:
        """Return whether width over height is in the range."""
        ratio = width / height
        return (self.min_ratio or 0) <= ratio and (self.max_ratio is None or ratio <= self.max_ratio)


@dataclass(frozen=True, slots=True, kw_only=True)
class StillSpec:
    """One frame of a video as a JPEG, upright and in the colors of a screen; the last one, if the video ends before."""

    at_ms: int  # from the start

    content_type: ContentType = ContentType.JPEG

    def needs_conversion(self, _probe: Probe) -> bool:
        """Return that it is never the original."""
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoSpec:
    """What a platform accepts. The defaults are what Instagram's reels and TikTok have in common.

    Source: Meta, "IG User Media", reel specifications; TikTok, "Media Transfer Guide", video restrictions; read 2026-11.
    """

    accepts: Set[ContentType] = field(default_factory=lambda: frozenset({ContentType.MP4, ContentType.QUICKTIME}))
    video_codecs: Set[str] = field(default_factory=lambda: frozenset({"h264", "hevc"}))
    pixel_formats: Set[str] = field(default_factory=lambda: frozenset({"yuv420p", "yuvj420p", "yuv420p10le"}))
    audio_codecs: Set[str] = field(default_factory=lambda: frozenset({"aac"}))
    min_frame_rate: float = 23  # frames per second
    max_frame_rate: float = 60
    max_width: int | None = 1920  # pixels, as shown
    max_height: int | None = None
    max_bits_per_second: int = 25_000_000
    max_audio_rate_hertz: int = 48_000
    max_audio_channels: int = 2
    is_moov_first: bool = True  # has to be

    def needs_conversion(self, probe: Probe) -> bool:
        """Return whether a platform with this spec needs a copy of the video rather than its original."""
        return (
            probe.content_type not in self.accepts
            or (self.is_moov_first and not probe.is_moov_first)
            or self.needs_new_pictures(probe)
            or self.needs_new_sound(probe)
        )

    def needs_new_pictures(self, probe: Probe) -> bool:
        """Return whether the pictures have to be encoded again."""
        bits_per_second = probe.size_bytes * 8 / probe.duration.total_seconds() if probe.duration else 0
        return (
            probe.video_codec not in self.video_codecs
            or probe.pixel_format not in self.pixel_formats
            or probe.is_interlaced
            or not self.allows_frame_rate(probe.frame_rate or 0)
            or (self.max_width is not None and probe.width > self.max_width)
            or (self.max_height is not None and probe.height > self.max_height)
            or bits_per_second > self.max_bits_per_second
        )

    def needs_new_sound(self, probe: Probe) -> bool:
        """Return whether the sound has to be encoded again."""
        return probe.audio_codec is not None and (
            probe.audio_codec not in self.audio_codecs
            or (probe.audio_rate_hertz or 0) > self.max_audio_rate_hertz
            or (probe.audio_channels or 0) > self.max_audio_channels
        )

    def allows_frame_rate(self, rate: float) -> bool:
        """Return whether an average frame rate is in the range, give or take RATE_TOLERANCE."""
        return self.min_frame_rate - RATE_TOLERANCE <= rate <= self.max_frame_rate + RATE_TOLERANCE
