"""The program of a child process that probes one hostile file: it prints one line of JSON and ends.

Its memory, its time and its files are limited, and it can write nothing but that line.
"""

import base64
import contextlib
import io
import json
import os
import signal
import sys
import warnings
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from presswork_sandbox.media_info import NotMedia, TooManyPixels

MAX_PIXELS: Final = 89_478_485  # of a picture or a video frame; Pillow warns from here on
MEMORY_BYTES: Final = 1024**3  # address space; a PNG at the limit of pixels needs less than half of it
OPEN_FILES: Final = 64
ALARM_SECONDS: Final = 35.0  # more than the parent waits
POSTER_PIXELS: Final = 480  # of the longer side
COARSE_PIXELS: Final = 4 * POSTER_PIXELS
PICTURE_TYPES: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
VIDEO_TYPES: Final = {"MP4": "video/mp4", "MOV": "video/quicktime", "WEBM": "video/webm"}
# A playlist in the shape of a video would make libav open other files and addresses: files are videos, and only files.
VIDEO_OPTIONS: Final = {
    "format_whitelist": "mov,matroska,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg",
    "protocol_whitelist": "file",
}

Reply = dict[str, str | int | float | None]


def main() -> None:
    """Probe the file that the command names."""
    # What a codec prints goes to standard error; the reply goes to what was standard output.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as replies:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        limit_resources()
        replies.write(json.dumps(reply_of(Path(sys.argv[1]))).encode() + b"\n")


def reply_of(path: Path) -> Reply:
    """Return what the parent is sent about a file."""
    try:
        return probe_file(path)
    except TooManyPixels as bomb:
        return {"tooManyPixels": bomb.kind}
    except NotMedia as refusal:
        return {"notMedia": str(refusal)}
    except MemoryError:
        return {"notMedia": "the file needs too much memory"}


def limit_resources() -> None:
    """Limit this process, in time also where its parent is gone."""
    signal.setitimer(signal.ITIMER_REAL, ALARM_SECONDS)
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - macOS does not hold to these limits

        # Where the machine has less memory than the limit, the kernel should end this child and not the server beside it.
        with contextlib.suppress(OSError):  # some containers do not permit it
            Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def probe_file(path: Path) -> Reply:
    """Read a picture or video file. Raises NotMedia, and TooManyPixels before anything is decoded."""
    return _picture(path) or _video(path)


def _poster(picture: Image.Image) -> str:
    longer = max(picture.size)
    if longer > COARSE_PIXELS:
        width, height = (max(1, side * COARSE_PIXELS // longer) for side in picture.size)
        # Nearest neighbour needs no second copy of all pixels, whatever their mode; the next step smooths.
        picture = picture.resize((width, height), Image.Resampling.NEAREST)
    small = ImageOps.exif_transpose(picture.convert("RGB"))
    small.thumbnail((POSTER_PIXELS, POSTER_PIXELS))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=80)
    return base64.b64encode(out.getvalue()).decode()


def _picture(path: Path) -> Reply | None:
    Image.MAX_IMAGE_PIXELS = None  # the check below knows the format, and memory is limited
    kind = "?"
    try:
        with warnings.catch_warnings(), Image.open(path) as picture:
            warnings.simplefilter("ignore")
            kind = picture.format or "?"
            width, height = picture.size
            if width * height > MAX_PIXELS:
                raise TooManyPixels(kind)
            # Orientations 5 to 8 show the picture turned by a quarter.
            turned = picture.getexif().get(0x0112, 1) in (5, 6, 7, 8)
            picture.draft("RGB", (POSTER_PIXELS, POSTER_PIXELS))
            poster = _poster(picture)
    except UnidentifiedImageError:
        return None
    except NotMedia:
        raise
    except MemoryError as full:
        raise TooManyPixels(kind) from full
    except (OSError, ValueError, SyntaxError) as broken:  # Pillow's words for a truncated or corrupt file
        raise NotMedia("the picture is broken") from broken
    if turned:
        width, height = height, width
    return {
        "format": kind,
        "contentType": PICTURE_TYPES.get(kind, f"image/{kind.lower()}"),
        "width": width,
        "height": height,
        "seconds": None,
        "fps": None,
        "codec": None,
        "poster": poster,
    }


def _container_format(path: Path, names: str) -> str:
    if "webm" in names:
        with path.open("rb") as file:
            return "WEBM" if b"webm" in file.read(64) else "MKV"
    if "mp4" in names:
        with path.open("rb") as file:
            return "MOV" if file.read(12)[4:12] == b"ftypqt  " else "MP4"
    return names.upper()


def _video(path: Path) -> Reply:
    import av  # noqa: PLC0415 - most files are pictures, and libav takes longer to load than they take to read

    try:
        with av.open(str(path), options=VIDEO_OPTIONS) as media:
            if not media.streams.video:
                raise NotMedia("there is no video stream")
            stream = media.streams.video[0]
            kind = _container_format(path, media.format.name)
            context = stream.codec_context
            if context.width * context.height > MAX_PIXELS:
                raise TooManyPixels(kind)
            context.thread_count = 1  # each thread has memory of its own
            context.options = {"max_pixels": str(MAX_PIXELS)}  # a frame can be larger than the header says
            rate = stream.average_rate or stream.guessed_rate
            codec = context.name
            if stream.duration is not None and stream.time_base is not None:
                seconds = float(stream.duration * stream.time_base)
            else:
                seconds = (media.duration or 0) / av.time_base
            frame = next(media.decode(stream))
            width, height, rotation = frame.width, frame.height, frame.rotation
            scale = min(1.0, COARSE_PIXELS / max(width, height))
            picture: Image.Image = frame.to_image(  # type: ignore[no-untyped-call]  # PyAV leaves it untyped
                width=max(1, int(width * scale)), height=max(1, int(height * scale))
            )
    except StopIteration as empty:
        raise NotMedia("the video has no picture in it") from empty
    except (av.FFmpegError, OSError, ValueError) as broken:
        if isinstance(broken, NotMedia):
            raise
        raise NotMedia("neither a picture nor a video") from broken
    if rotation:
        picture = picture.rotate(rotation, expand=True)
    if rotation % 180:
        width, height = height, width
    return {
        "format": kind,
        "contentType": VIDEO_TYPES.get(kind, "application/octet-stream"),
        "width": width,
        "height": height,
        "seconds": seconds,
        "fps": float(rate or 0),
        "codec": codec,
        "poster": _poster(picture),
    }


if __name__ == "__main__":
    main()
