"""What a media file is. Children that probe files import this, so it imports little."""

from dataclasses import dataclass


class NotMedia(ValueError):
    """The bytes are neither a picture nor a video that can be read."""


class TooManyPixels(NotMedia):
    """A picture or video of so many pixels that no platform decodes it. `kind` is its format, such as JPEG."""

    def __init__(self, kind: str) -> None:
        super().__init__("too many pixels")
        self.kind = kind


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaInfo:
    """The properties of one media file. Width and height are as displayed, after rotation."""

    sha256: str
    format: str
    content_type: str
    size_bytes: int
    width: int
    height: int
    duration_seconds: float | None = None
    fps: float | None = None
    codec: str | None = None

    @property
    def is_video(self) -> bool:
        """Whether the file is a video, not a picture."""
        return self.duration_seconds is not None
