"""Copies of videos for platforms: remuxed where that is sufficient, encoded again where it is not."""

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import pytest
from PIL import Image

from presswork.core.errors import MediaUnsupported
from presswork.media.convert_video import convert_video
from presswork.media.model import ContentType
from presswork.media.probe import probe
from presswork.media.samples import sample_video
from presswork.media.specs import VideoSpec

HALF: timedelta = timedelta(seconds=0.5)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """The path of the copy."""
    return tmp_path / "copy.mp4"


def stored(tmp_path: Path, data: bytes) -> Path:
    """Write the original."""
    path = tmp_path / "original"
    path.write_bytes(data)
    return path


def packets(path: Path) -> list[bytes]:
    """Return the compressed pictures of a video."""
    with av.open(path, "r", format="mov") as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def first_picture(path: Path) -> Image.Image:
    """Return the first frame as it is stored."""
    with av.open(path, "r", format="mov") as container:
        frame = next(container.decode(video=0)).reformat(format="gray")
        plane = frame.planes[0]
        return Image.frombytes("L", (plane.line_size, frame.height), bytes(plane)).crop(
            (0, 0, frame.width, frame.height)
        )


def test_a_phone_recording_is_only_remuxed(phone_video: bytes, tmp_path: Path, target: Path) -> None:
    """MOV to MP4 with moov first: no picture is encoded again, and rotation and duration stay the same."""
    original = stored(tmp_path, phone_video)
    before = probe(original)
    assert VideoSpec().needs_conversion(before)
    found = convert_video(original, target, VideoSpec())
    assert not VideoSpec(accepts={ContentType.MP4}).needs_conversion(found)
    assert (found.rotation, found.width, found.duration) == (before.rotation, before.width, before.duration)
    assert packets(target) == packets(original)
    assert original.read_bytes() == phone_video


def test_a_fitting_video_needs_no_copy(video: bytes) -> None:
    """H.264 and AAC in an MP4 with moov first are sent unchanged; each limit is a reason to convert."""
    found = probe(video)
    assert not VideoSpec().needs_conversion(found)
    for spec in (
        VideoSpec(video_codecs={"hevc"}),
        VideoSpec(audio_codecs={"opus"}),
        VideoSpec(accepts={ContentType.QUICKTIME}),
        VideoSpec(min_frame_rate=50),
        VideoSpec(max_frame_rate=24),
        VideoSpec(max_width=90),
        VideoSpec(max_height=60),
        VideoSpec(max_bits_per_second=1000),
        VideoSpec(max_audio_rate_hertz=22_050),
        VideoSpec(pixel_formats={"yuv422p"}),
    ):
        assert spec.needs_conversion(found)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_an_encoded_copy_is_upright(rotation: Literal[0, 90, 180, 270], tmp_path: Path, target: Path) -> None:
    """A rotated video becomes one that needs no rotation and shows the same picture."""
    original = stored(tmp_path, sample_video(HALF, 128, 96, rotation=rotation, title="UP", has_audio=False))
    found = convert_video(original, target, VideoSpec(video_codecs={"none"}))
    assert (found.rotation, found.width, found.height) == (0, *((128, 96) if rotation % 180 == 0 else (96, 128)))
    expected = first_picture(original).rotate(-rotation, expand=True).resize((12, 12))
    got = first_picture(target).resize((12, 12))
    difference = sum(abs(a - b) for a, b in zip(expected.tobytes(), got.tobytes(), strict=True)) / 144
    assert difference < 4


def frames(rate: int, count: int) -> Iterator[av.VideoFrame]:
    """Yield gray frames."""
    for position in range(count):
        frame = av.VideoFrame(64, 64, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes([60 + position % 60]) * plane.buffer_size)
        frame.pts, frame.time_base = position, Fraction(1, rate)
        yield frame


def made(path: Path, *, codec: str, rate: int, pixel_format: str = "yuv420p", has_sound: bool = False) -> Path:
    """Encode a one-second video with another codec, rate or sound than Presswork's own samples have."""
    with av.open(path, "w", format="mov") as output:
        stream = output.add_stream(codec, rate=rate)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 64, pixel_format
        audio = output.add_stream("pcm_s16le", rate=96_000) if has_sound else None
        if audio is not None:
            audio.layout = "stereo"
        for frame in frames(rate, rate):
            output.mux(stream.encode(frame.reformat(format=pixel_format)))
        output.mux(stream.encode(None))
        for position in range(96 if audio else 0):
            piece = av.AudioFrame(format="s16", layout="stereo", samples=1000)
            piece.planes[0].update(bytes(piece.planes[0].buffer_size))
            piece.sample_rate, piece.pts = 96_000, position * 1000
            if audio is not None:
                output.mux(audio.encode(piece))
        if audio is not None:
            output.mux(audio.encode(None))
    return path


@pytest.mark.parametrize(
    ("codec", "rate", "pixel_format", "has_sound"),
    [
        ("mpeg4", 30, "yuv420p", False),
        ("mjpeg", 30, "yuvj420p", False),
        ("libx264", 10, "yuv420p", False),
        ("libx264", 120, "yuv420p", False),
        ("libx264", 30, "yuv444p", False),
        ("libx264", 30, "yuv420p", True),
        ("prores_ks", 25, "yuv422p10le", True),
    ],
)
def test_an_unsupported_codec_becomes_h264_and_aac(
    codec: str, rate: int, pixel_format: str, has_sound: bool, tmp_path: Path, target: Path
) -> None:
    """Other codecs, rates, color samplings and sounds result in a copy that conforms and has the same duration."""
    original = made(tmp_path / "in.mov", codec=codec, rate=rate, pixel_format=pixel_format, has_sound=has_sound)
    assert VideoSpec().needs_conversion(probe(original))
    found = convert_video(original, target, VideoSpec())
    assert not VideoSpec(accepts={ContentType.MP4}).needs_conversion(found)
    assert (found.video_codec, found.audio_codec) == ("h264", "aac" if has_sound else None)
    assert found.frame_rate == (rate if 23 <= rate <= 60 else 30)
    assert found.duration is not None
    assert abs(found.duration - timedelta(seconds=1)) < timedelta(seconds=0.12)
    if has_sound:
        assert (found.audio_rate_hertz, found.audio_channels) == (48_000, 2)


def test_hevc_is_sent_unchanged(tmp_path: Path) -> None:
    """Both platforms accept HEVC, so an HEVC recording is not encoded again."""
    original = made(tmp_path / "in.mov", codec="libx265", rate=30)
    assert probe(original).video_codec == "hevc"
    assert not VideoSpec(is_moov_first=False).needs_conversion(probe(original))


def test_a_large_video_is_scaled_to_even_sides(tmp_path: Path, target: Path) -> None:
    """A video that is too wide is scaled, keeps its ratio and gets the even sides that the codec needs."""
    original = stored(tmp_path, sample_video(timedelta(seconds=0.2), 300, 200))
    found = convert_video(original, target, VideoSpec(max_width=151))
    assert (found.width, found.height) == (150, 100)


def test_converting_a_broken_video_is_refused(video: bytes, tmp_path: Path, target: Path) -> None:
    """A conversion of broken bytes ends like their probe."""
    for data in (b"", video[:-100], b"nonsense" * 100):
        with pytest.raises(MediaUnsupported):
            convert_video(stored(tmp_path, data), target, VideoSpec())


@pytest.mark.exhaustive
def test_damaged_frames_end_in_a_copy_or_a_refusal(video: bytes, tmp_path: Path, target: Path) -> None:
    """Frames overwritten in the middle, which the probe does not see, never raise anything but MediaUnsupported."""
    place = video.index(b"mdat") + 4
    for step in range(60):
        data = bytearray(video)
        for spot in range(place + step * 31, len(data) - 8, 997):
            data[spot : spot + 4] = b"\xff\x00\xff\x00"
        for spec in (VideoSpec(video_codecs={"none"}, audio_codecs={"none"}), VideoSpec(is_moov_first=False)):
            try:
                assert convert_video(stored(tmp_path, bytes(data)), target, spec).width == 96
            except MediaUnsupported as error:
                assert error.message  # noqa: PT017 - either outcome is right
