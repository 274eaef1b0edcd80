"""The previews of a piece of media: a thumbnail for lists, and a poster: a still of a video, the first pages of a document. For
media children.

They are JPEG: everything shows it, mail programs and link previews too, and encoding takes a twentieth of the CPU time of WebP. The
same bytes give the same previews. They hold no metadata: no place where a phone took the picture.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream
from PIL import Image, ImageStat

from presswork.core.errors import MediaUnsupported
from presswork.media.convert_image import encode_picture, upright_picture
from presswork.media.hdr_colors import Curve, screen_colors
from presswork.media.model import ContentType
from presswork.media.probe import Source
from presswork.media.probe_video import LIBAV_ERRORS, opened_video, picture_stream, rotation_of, shown_size
from presswork.media.sniff import HEAD_BYTES, sniff
from presswork.media.specs import ImageSpec

THUMBNAIL_SIDE: Final = 400
"""Pixels of the longer side, at most."""
POSTER_SIDE: Final = 1280
"""Pixels of the longer side, at most."""
_QUALITY: Final = 80
_STILL_QUALITY: Final = 90
_MILLISECOND: Final = Fraction(1, 1000)
_POSITIONS: Final = (0.0, 0.1, 0.25, 0.5, 0.75)
"""Parts of the duration at which frames are tried. First the start: platforms show it where no cover was chosen."""
_MIN_CONTRAST: Final = 8.0
"""Standard deviation of the brightness, of 255, below which a frame is blank: black, white, or the start of a fade."""
_DECODED_PIXELS: Final = 500_000_000
"""Of all frames that are decoded to find one: 240 frames of 1080p, which takes a second or two."""
_MIN_FRAMES: Final = 10
_PACKETS_WITHOUT_FRAME: Final = 600
_HDR: Final[Mapping[int, Curve]] = {ColorTrc.SMPTE2084: "pq", ColorTrc.ARIB_STD_B67: "hlg"}
_HD_LINES: Final = 720
_UPRIGHT: Final = {
    90: Image.Transpose.ROTATE_270,  # Pillow turns counterclockwise
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}


def write_previews(source: Source, thumbnail: Path, poster: Path | None) -> None:
    """Write a thumbnail, and with `poster` the poster of a video or a document. Raises MediaUnsupported on broken media."""
    if poster is None:
        spec = ImageSpec(max_width=THUMBNAIL_SIDE, max_height=THUMBNAIL_SIDE)
        with source.open("rb") as file:
            picture = upright_picture(file.read(), spec)
    else:
        with source.open("rb") as file:
            is_document = sniff(file.read(HEAD_BYTES)) is ContentType.PDF
        if is_document:
            from presswork.media.pdf import first_pages, stack_pages  # noqa: PLC0415  loaded for documents only

            pages = first_pages(source)
            picture, still = pages[0], stack_pages(pages)
        else:
            picture = still = _video_picture(source)
        poster.write_bytes(encode_picture(still, ContentType.JPEG, _QUALITY))
        picture = picture.resize(_fit_size(picture.size, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    thumbnail.write_bytes(encode_picture(picture, ContentType.JPEG, _QUALITY))


def write_still(source: Source, target: Path, at_ms: int) -> None:
    """Write the frame of a video that is shown at an instant, or its last one. Raises MediaUnsupported on broken media."""
    found: VideoFrame | None = None
    with source.open("rb") as file, opened_video(file) as container:
        stream = picture_stream(container)
        stream.thread_count = 1
        position = (stream.start_time or 0) + int(Fraction(at_ms, 1000) / (stream.time_base or _MILLISECOND))
        for frame in _frames_until(container, stream, position):
            if found is not None and frame.pts is not None and frame.pts > position:
                break
            found = frame
        if found is None:
            raise MediaUnsupported("The video has no frame that can be shown. Export it again and send the new file.")
        picture = _display_image(found, stream)
    target.write_bytes(encode_picture(picture, ContentType.JPEG, _STILL_QUALITY))


def _fit_size(size: tuple[int, int], side: int) -> tuple[int, int]:
    """Return the size, scaled down so that its longer side fits. The shorter one keeps a pixel."""
    scale = min(1.0, side / max(size))
    return max(1, int(size[0] * scale)), max(1, int(size[1] * scale))


def _video_picture(source: Source) -> Image.Image:
    """Return the first frame of a video, or another one where that is blank: the first with contrast, else the best."""
    best: Image.Image | None = None
    best_contrast = -1.0
    with source.open("rb") as file, opened_video(file) as container:
        stream = picture_stream(container)
        stream.thread_count = 1
        frames_left = max(_MIN_FRAMES, _DECODED_PIXELS // (stream.width * stream.height))
        for position in _positions(stream, container):
            with suppress(*LIBAV_ERRORS):  # damaged further on; at the start, the probe has read it
                for frame in _frames_until(container, stream, position):
                    frames_left -= 1
                    if frames_left > 0 and frame.pts is not None and frame.pts < (position or 0):
                        continue
                    picture = _display_image(frame, stream)
                    contrast = ImageStat.Stat(picture.convert("L")).stddev[0]
                    if contrast > best_contrast:
                        best, best_contrast = picture, contrast
                    break
            if best_contrast >= _MIN_CONTRAST or frames_left <= 0:
                break
    if best is None:
        raise MediaUnsupported("The video has no frame that can be shown. Export it again and send the new file.")
    return best


def _positions(stream: VideoStream, container: InputContainer) -> Iterator[int | None]:
    """Yield the positions to try in the stream's time base; None stands for the start, without a seek."""
    yield None
    start, length = stream.start_time or 0, stream.duration or 0
    if not length and container.duration is not None and stream.time_base:
        length = int(container.duration / av.time_base / stream.time_base)
    if length:
        yield from (start + int(length * part) for part in _POSITIONS[1:])


def _frames_until(container: InputContainer, stream: VideoStream, position: int | None) -> Iterator[VideoFrame]:
    """Yield the frames from the last keyframe before a position."""
    if position is not None:
        container.seek(position, stream=stream)
    without_frame = 0
    for packet in container.demux(stream):
        frames = packet.decode()
        yield from frames
        without_frame = 0 if frames else without_frame + 1
        if without_frame > _PACKETS_WITHOUT_FRAME:
            return


def _display_image(frame: VideoFrame, stream: VideoStream) -> Image.Image:
    """Return a frame as a player shows it: upright, with square pixels and the colors of a screen."""
    rotation = rotation_of(frame)
    width, height = _fit_size(shown_size(frame, stream), POSTER_SIDE)
    if rotation in (90, 270):
        width, height = height, width
    if frame.colorspace not in set(Colorspace) and frame.height >= _HD_LINES:
        frame.colorspace = Colorspace.ITU709
    scaled = frame.reformat(width=width, height=height, format="rgb24", dst_color_range=ColorRange.JPEG, threads=1)
    picture: Image.Image = scaled.to_image()  # type: ignore[no-untyped-call]  # PyAV's stub has no types
    if (curve := _HDR.get(frame.color_trc)) is not None:
        picture = picture.filter(screen_colors(curve))
    return picture.transpose(_UPRIGHT[rotation]) if rotation in _UPRIGHT else picture
