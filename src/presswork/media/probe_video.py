"""Videos: the structure is walked, the streams are read and the first frame is decoded."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from fractions import Fraction
from typing import BinaryIO, Final, NoReturn

import av
from av.audio.stream import AudioStream
from av.codec.codec import UnknownCodecError
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from presswork.core.errors import MediaUnsupported
from presswork.media.boxes import is_moov_first
from presswork.media.model import MAX_VIDEO_DURATION, MAX_VIDEO_PIXELS, ContentType, Kind, Probe

LIBAV_ERRORS: Final = (
    FFmpegError,  # every error of libav itself, whatever built-in it also is
    UnknownCodecError,
    MemoryError,
    OverflowError,
    UnicodeError,  # names of codecs and tags in the file
)
"""All that PyAV raises on broken bytes."""

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_ENCRYPTED_TAGS: Final = frozenset({"encv", "enca", "drmi", "drms"})
_PACKETS_TO_FIRST_FRAME: Final = 600
_PACKETS_TO_END: Final = 2_000_000
_READ_BYTES: Final = 256 * 1024
_MIN_PIXEL_ASPECT: Final = Fraction(1, 10)
_BROKEN: Final = "The video is broken: its frames can't be read. Export it again and send the new file."


def probe_video(file: BinaryIO, content_type: ContentType, *, size_bytes: int, sha256: str) -> Probe:
    """Read the streams of an MP4 or QuickTime video and decode its first frame. Raises MediaUnsupported."""
    starts_at_once = is_moov_first(file)
    file.seek(0)
    with opened_video(file) as container:
        stream = picture_stream(container)
        frame = _first_frame(container, stream)
        width, height = shown_size(frame, stream)
        rotation = rotation_of(frame)
        codec = stream.codec_context.name
        pixel_format = frame.format.name
        frame_rate = float(stream.average_rate) if stream.average_rate else None
        sound = sound_stream(container)
        audio_codec = sound.codec_context.name if sound else None
        audio_rate = sound.sample_rate if sound else None
        audio_channels = sound.channels if sound else None
        is_interlaced = frame.interlaced_frame
        duration = _duration(container, stream)
    return Probe(
        kind=Kind.VIDEO,
        content_type=content_type,
        size_bytes=size_bytes,
        sha256=sha256,
        width=width,
        height=height,
        rotation=rotation,
        duration=duration,
        video_codec=codec,
        audio_codec=audio_codec,
        audio_rate_hertz=audio_rate,
        audio_channels=audio_channels,
        pixel_format=pixel_format,
        frame_rate=frame_rate,
        is_interlaced=is_interlaced,
        is_moov_first=starts_at_once,
    )


@contextmanager
def opened_video(file: BinaryIO) -> Iterator[InputContainer]:
    """Open a video for reading; libav's errors inside the block become MediaUnsupported.

    The demuxer is named, never guessed: a playlist in the shape of a video would make libav open other files and
    addresses. For the same reason references to outside data are off and any further opening is refused.
    """
    try:
        with av.open(
            file,
            "r",
            format="mov",
            options={"enable_drefs": "0", "use_absolute_path": "0"},
            buffer_size=_READ_BYTES,
            metadata_errors="replace",
            io_open=_refuse_opening,
        ) as container:
            yield container
    except LIBAV_ERRORS as error:
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            raise  # the copy's disk is full, or the copy is at its limit: the video is not broken
        raise MediaUnsupported(_BROKEN) from error
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        # The disk works: libav was sent to a place in the file that no file has.
        raise MediaUnsupported(_BROKEN) from error


def picture_stream(container: InputContainer) -> VideoStream:
    """Return the stream of pictures, cover art apart. Raises MediaUnsupported when there is none that can be read."""
    for stream in container.streams:
        if _has_decoder(stream) and stream.codec_context.codec_tag.lower() in _ENCRYPTED_TAGS:
            raise MediaUnsupported("The video is encrypted. Send it without copy protection.")
    streams = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    if not streams:
        raise MediaUnsupported("The file has no pictures, only sound or data. Send a video.")
    stream = streams[0]
    if not _has_decoder(stream):
        raise MediaUnsupported(
            "The video uses a codec that can't be read here. Export it as H.264 and send the new file."
        )
    if not 0 < stream.width * stream.height <= MAX_VIDEO_PIXELS:
        raise MediaUnsupported(
            f"The video has frames of {stream.width} × {stream.height} pixels, which can't be published. Scale it to 1080p."
        )
    return stream


def sound_stream(container: InputContainer) -> AudioStream | None:
    """Return the first stream of sound that can be read, or None for a silent video; phones may add others to it.

    Raises MediaUnsupported when there is sound and none of it can be read.
    """
    streams = container.streams.audio
    readable = [stream for stream in streams if _has_decoder(stream)]
    if streams and not readable:
        raise MediaUnsupported("The video's sound uses a codec that can't be read here. Export it with AAC sound.")
    return readable[0] if readable else None


def rotation_of(frame: VideoFrame) -> int:
    """Return the degrees clockwise by which a player turns the frame: 0, 90, 180 or 270 (the nearest of them)."""
    return round(-frame.rotation / 90) * 90 % 360


def _has_decoder(stream: Stream) -> bool:
    """Return whether libav can read a stream; PyAV gives one that it can't no codec context, whatever its types say."""
    return getattr(stream, "codec_context", None) is not None


def _first_frame(container: InputContainer, stream: VideoStream) -> VideoFrame:
    stream.thread_count = 1
    for count, packet in enumerate(container.demux(stream)):
        frames = packet.decode()
        if frames:
            return frames[0]
        if count >= _PACKETS_TO_FIRST_FRAME:
            break
    raise MediaUnsupported(_BROKEN)


def shown_size(frame: VideoFrame, stream: VideoStream) -> tuple[int, int]:
    """Return width and height in pixels as a player shows the frame. Raises MediaUnsupported."""
    width, height = frame.width, frame.height
    if not 0 < width * height <= MAX_VIDEO_PIXELS:
        raise MediaUnsupported(_BROKEN)
    aspect = stream.sample_aspect_ratio
    if aspect and _MIN_PIXEL_ASPECT <= aspect <= 1 / _MIN_PIXEL_ASPECT:
        width = max(1, round(width * aspect))
    return (height, width) if rotation_of(frame) in (90, 270) else (width, height)


def _duration(container: InputContainer, stream: VideoStream) -> timedelta:
    """Return how long the video lasts. Where the header does not say, as with fragments, the packets do."""
    seconds = Fraction(0)
    if stream.duration and stream.time_base:
        seconds = stream.duration * stream.time_base
    elif container.duration:
        seconds = Fraction(container.duration, av.time_base)
    else:
        container.seek(0)
        for count, packet in enumerate(container.demux(stream)):
            if packet.pts is not None:
                seconds = max(seconds, (packet.pts + (packet.duration or 0)) * packet.time_base)
            if count >= _PACKETS_TO_END:
                break
    if not 0 < seconds <= MAX_VIDEO_DURATION.total_seconds():
        raise MediaUnsupported("The video has no duration that can be right. Export it again and send the new file.")
    return timedelta(seconds=float(seconds))


def _refuse_opening(_url: str, _flags: int, _options: object) -> NoReturn:
    """Answer libav when a file wants to have another one opened."""
    raise MediaUnsupported("The video points to other files. Export it as one file and send that.")
