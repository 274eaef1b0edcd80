"""Probe media files: what a file is, whatever its name or header says. Runs in a worker thread."""

import hashlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av
from PIL import Image, ImageOps, UnidentifiedImageError

POSTER_PIXELS: Final = 480  # of the longer side
PICTURE_TYPES: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
VIDEO_TYPES: Final = {"MP4": "video/mp4", "MOV": "video/quicktime", "WEBM": "video/webm"}


class NotMedia(ValueError):
    """The bytes are neither a picture nor a video that can be read."""


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
    poster: bytes | None = None

    @property
    def is_video(self) -> bool:
        """Whether the file is a video, not a picture."""
        return self.duration_seconds is not None


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def probe_file(path: Path, sha256: str) -> MediaInfo:
    """Read a picture or video file. Raises NotMedia."""
    return _picture(path, sha256) or _video(path, sha256)


def _poster(picture: Image.Image) -> bytes:
    small = picture.convert("RGB")
    small.thumbnail((POSTER_PIXELS, POSTER_PIXELS))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=80)
    return out.getvalue()


def _picture(path: Path, sha256: str) -> MediaInfo | None:
    try:
        with warnings.catch_warnings():
            # A picture of absurd size is refused like a broken one.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as picture:
                kind = picture.format or "?"
                # Orientations 5 to 8 show the picture turned by a quarter.
                turned = picture.getexif().get(0x0112, 1) in (5, 6, 7, 8)
                width, height = picture.size
                picture.draft("RGB", (POSTER_PIXELS, POSTER_PIXELS))
                poster = _poster(ImageOps.exif_transpose(picture))
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None
    except (OSError, ValueError, SyntaxError) as broken:  # Pillow's words for a truncated or corrupt file
        raise NotMedia("the picture is broken") from broken
    if turned:
        width, height = height, width
    return MediaInfo(
        sha256=sha256,
        format=kind,
        content_type=PICTURE_TYPES.get(kind, f"image/{kind.lower()}"),
        size_bytes=path.stat().st_size,
        width=width,
        height=height,
        poster=poster,
    )


def _container_format(path: Path, names: str) -> str:
    if "webm" in names:
        with path.open("rb") as file:
            return "WEBM" if b"webm" in file.read(64) else "MKV"
    if "mp4" in names:
        with path.open("rb") as file:
            return "MOV" if file.read(12)[4:12] == b"ftypqt  " else "MP4"
    return names.upper()


def _video(path: Path, sha256: str) -> MediaInfo:
    try:
        with av.open(str(path)) as media:
            if not media.streams.video:
                raise NotMedia("there is no video stream")
            stream = media.streams.video[0]
            rate = stream.average_rate or stream.guessed_rate
            codec = stream.codec_context.name
            if stream.duration is not None and stream.time_base is not None:
                seconds = float(stream.duration * stream.time_base)
            else:
                seconds = (media.duration or 0) / av.time_base
            kind = _container_format(path, media.format.name)
            frame = next(media.decode(stream))
            picture: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]  # PyAV leaves it untyped
            rotation = frame.rotation
    except StopIteration as empty:
        raise NotMedia("the video has no picture in it") from empty
    except (av.FFmpegError, OSError, ValueError) as broken:
        if isinstance(broken, NotMedia):
            raise
        raise NotMedia("neither a picture nor a video") from broken
    if rotation:
        picture = picture.rotate(rotation, expand=True)
    return MediaInfo(
        sha256=sha256,
        format=kind,
        content_type=VIDEO_TYPES.get(kind, "application/octet-stream"),
        size_bytes=path.stat().st_size,
        width=picture.width,
        height=picture.height,
        duration_seconds=seconds,
        fps=float(rate or 0),
        codec=codec,
        poster=_poster(picture),
    )
