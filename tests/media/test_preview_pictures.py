"""Thumbnails and posters, made by the pool's children from pictures and videos of all kinds."""

import io
from collections.abc import AsyncIterator, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import pytest
from PIL import Image, ImageCms

from presswork.core.errors import MediaUnsupported
from presswork.media.pool import MediaPool
from presswork.media.samples import sample_picture

RED: Final = (220, 30, 30)
BLUE: Final = (30, 30, 220)


@pytest.fixture
async def media_pool() -> AsyncIterator[MediaPool]:
    """A pool with one child."""
    async with MediaPool(1) as pool:
        yield pool


async def thumbnail_of(pool: MediaPool, folder: Path, data: bytes) -> Image.Image:
    """Return the thumbnail of a picture."""
    (folder / "source").write_bytes(data)
    await pool.write_previews(folder / "source", folder / "thumbnail", None)
    return Image.open(io.BytesIO((folder / "thumbnail").read_bytes()))


async def previews_of(pool: MediaPool, folder: Path, data: bytes) -> tuple[Image.Image, Image.Image]:
    """Return the thumbnail and the poster of a video."""
    (folder / "source").write_bytes(data)
    await pool.write_previews(folder / "source", folder / "thumbnail", folder / "poster")
    thumbnail, poster = (folder / name for name in ("thumbnail", "poster"))
    return Image.open(io.BytesIO(thumbnail.read_bytes())), Image.open(io.BytesIO(poster.read_bytes()))


def halves(
    width: int, height: int, left: tuple[int, int, int] = RED, right: tuple[int, int, int] = BLUE
) -> Image.Image:
    """Draw a picture that is red on the left and blue on the right."""
    image = Image.new("RGB", (width, height), left)
    image.paste(right, (width // 2, 0, width, height))
    return image


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """Return a picture as a file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def is_near(color: object, expected: tuple[int, int, int], *, by: int = 12) -> bool:
    """Whether a pixel has a color, up to what encoding changes."""
    return isinstance(color, tuple) and all(abs(a - b) <= by for a, b in zip(color, expected, strict=True))


def film(frames: Iterable[Image.Image], *, gop: int = 10, rotation: int = 0, aspect: Fraction | None = None) -> bytes:
    """Return an MP4 with these pictures as frames, ten a second."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as output:
        stream = output.add_stream("libx264", rate=10, options={"preset": "ultrafast", "crf": "12", "bf": "0"})
        stream.pix_fmt = "yuv420p"
        stream.codec_context.gop_size = gop
        if rotation:
            stream.set_display_rotation(-rotation)
        for number, image in enumerate(frames):
            if number == 0:
                stream.width, stream.height = image.size
                if aspect is not None:
                    stream.codec_context.sample_aspect_ratio = aspect
            is_hd = image.height >= 720
            drawn = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]  # PyAV's stub has no types
            frame = drawn.reformat(format="yuv420p", dst_colorspace=1 if is_hd else 5)
            frame.pts, frame.time_base = number, Fraction(1, 10)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1600, 1200), (400, 300)),
        ((1200, 1600), (300, 400)),
        ((64, 80), (64, 80)),
        ((9000, 10), (400, 1)),
        ((3, 5000), (1, 400)),
    ],
)
async def test_a_thumbnail_has_at_most_400_pixels_and_at_least_one(
    media_pool: MediaPool, tmp_path: Path, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    """The longer side is 400 pixels, a small picture keeps its size, and a thread of a picture keeps one pixel."""
    thumbnail = await thumbnail_of(media_pool, tmp_path, saved(halves(*size), "PNG"))
    assert (thumbnail.format, thumbnail.mode, thumbnail.size) == ("JPEG", "RGB", expected)


async def test_a_thumbnail_is_upright_and_has_no_metadata(media_pool: MediaPool, tmp_path: Path) -> None:
    """A photo that a phone stored sideways is shown upright; its place, texts and color profile are gone."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    exif[0x010E] = "a secret place"
    exif.get_ifd(0x8825)[1] = "N"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = saved(
        halves(800, 600), "JPEG", exif=exif, comment=b"a secret comment", xmp=b"<x>secret</x>", icc_profile=profile
    )
    assert photo.count(b"secret") == 3
    thumbnail = await thumbnail_of(media_pool, tmp_path, photo)
    assert thumbnail.size == (300, 400)
    assert is_near(thumbnail.getpixel((150, 50)), RED)  # what was on the left is on top
    assert is_near(thumbnail.getpixel((150, 350)), BLUE)
    assert set(thumbnail.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert not dict(thumbnail.getexif())


async def test_colors_of_unusual_pictures_are_those_of_a_screen(media_pool: MediaPool, tmp_path: Path) -> None:
    """Transparent parts are white; palettes, 16 bits and CMYK become sRGB, and a broken color profile is ignored."""
    clear = Image.new("RGBA", (500, 500), (0, 0, 0, 0))
    clear.paste((*RED, 255), (250, 0, 500, 500))
    for kind in ("PNG", "WEBP"):
        thumbnail = await thumbnail_of(media_pool, tmp_path, saved(clear, kind, lossless=True))
        assert is_near(thumbnail.getpixel((100, 200)), (255, 255, 255)), kind
        assert is_near(thumbnail.getpixel((300, 200)), RED), kind
    deep = await thumbnail_of(media_pool, tmp_path, saved(Image.new("I;16", (500, 500), 0x8000), "PNG"))
    assert is_near(deep.getpixel((9, 9)), (128, 128, 128))
    palette = await thumbnail_of(media_pool, tmp_path, saved(halves(500, 500).quantize(4), "PNG"))
    assert is_near(palette.getpixel((9, 9)), RED)
    printed = await thumbnail_of(media_pool, tmp_path, saved(halves(500, 500).convert("CMYK"), "JPEG"))
    assert is_near(printed.getpixel((9, 9)), RED, by=40)
    nonsense = await thumbnail_of(media_pool, tmp_path, saved(halves(500, 500), "PNG", icc_profile=b"nonsense"))
    assert is_near(nonsense.getpixel((9, 9)), RED)


async def test_a_broken_picture_has_no_thumbnail(media_pool: MediaPool, tmp_path: Path) -> None:
    """It is refused, as the probe refuses it."""
    with pytest.raises(MediaUnsupported):
        await thumbnail_of(media_pool, tmp_path, sample_picture(800, 600)[:4000])


async def test_a_poster_is_the_first_frame_at_up_to_1280_pixels(media_pool: MediaPool, tmp_path: Path) -> None:
    """Platforms show the first frame where no cover was chosen; the thumbnail is the same still."""
    frames = [halves(1920, 1080), *[halves(1920, 1080, BLUE, RED)] * 4]
    thumbnail, poster = await previews_of(media_pool, tmp_path, film(frames))
    assert (poster.format, poster.size, thumbnail.format, thumbnail.size) == ("JPEG", (1280, 720), "JPEG", (400, 225))
    for still in (thumbnail, poster):
        assert is_near(still.getpixel((20, 20)), RED)
        assert is_near(still.getpixel((still.width - 20, 20)), BLUE)


@pytest.mark.parametrize("gop", [1, 250])
async def test_a_black_first_frame_is_skipped(media_pool: MediaPool, tmp_path: Path, gop: int) -> None:
    """The poster is a later frame with contrast, also in a video whose only keyframe is black."""
    black = Image.new("RGB", (320, 180))
    _, poster = await previews_of(media_pool, tmp_path, film([black] * 12 + [halves(320, 180)] * 20, gop=gop))
    assert is_near(poster.getpixel((40, 90)), RED)
    assert is_near(poster.getpixel((280, 90)), BLUE)


async def test_short_and_blank_videos_have_posters(media_pool: MediaPool, tmp_path: Path) -> None:
    """One frame is enough, and where all frames are blank, one of them is the poster."""
    thumbnail, poster = await previews_of(media_pool, tmp_path, film([halves(96, 64)]))
    assert (thumbnail.size, poster.size) == ((96, 64), (96, 64))
    _, blank = await previews_of(media_pool, tmp_path, film([Image.new("RGB", (96, 64))] * 8))
    assert is_near(blank.getpixel((9, 9)), (0, 0, 0))


@pytest.mark.parametrize(("rotation", "first"), [(90, "top"), (180, "right"), (270, "bottom")])
async def test_a_poster_is_upright(media_pool: MediaPool, tmp_path: Path, rotation: int, first: str) -> None:
    """The still is turned as a player turns the video: what is stored on the left is where it belongs."""
    _, poster = await previews_of(media_pool, tmp_path, film([halves(320, 180)] * 3, rotation=rotation))
    width, height = poster.size
    assert poster.size == ((180, 320) if rotation in (90, 270) else (320, 180))
    place = {
        "top": (width // 2, 20),
        "bottom": (width // 2, height - 20),
        "right": (width - 20, height // 2),
    }[first]
    assert is_near(poster.getpixel(place), RED)


async def test_a_poster_has_square_pixels(media_pool: MediaPool, tmp_path: Path) -> None:
    """A video that is stored narrow and shown wide has a wide poster."""
    _, poster = await previews_of(media_pool, tmp_path, film([halves(160, 180)] * 2, aspect=Fraction(2)))
    assert poster.size == (320, 180)


@pytest.mark.parametrize(("curve", "white"), [(16, 0.58), (18, 0.75)])
async def test_hdr_is_as_bright_as_a_screen_shows_it(
    media_pool: MediaPool, tmp_path: Path, curve: int, white: float
) -> None:
    """In PQ and HLG, the white of ordinary video is nearly white, and a gray of a fifth of its light is that gray, 120 of 255."""
    for signal, expected in ((white, 240), ({16: 0.415, 18: 0.43}[curve], 120)):
        file = io.BytesIO()
        with av.open(file, "w", format="mp4") as output:
            stream = output.add_stream("libx264", rate=10, options={"preset": "ultrafast", "crf": "1"})
            stream.width, stream.height, stream.pix_fmt = 192, 128, "yuv420p10le"
            context = stream.codec_context
            context.color_trc, context.color_primaries, context.colorspace, context.color_range = curve, 9, 9, 1
            frame = av.VideoFrame(192, 128, "yuv420p10le")
            luma = round(64 + signal * 876).to_bytes(2, "little")
            for plane, value in zip(frame.planes, (luma, b"\0\2", b"\0\2"), strict=True):
                plane.update(value * (plane.buffer_size // 2))
            frame.pts, frame.time_base = 0, Fraction(1, 10)
            output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
        _, poster = await previews_of(media_pool, tmp_path, file.getvalue())
        assert is_near(poster.getpixel((90, 60)), (expected,) * 3, by=16), (signal, poster.getpixel((90, 60)))


async def test_damage_behind_the_first_frame_does_not_matter(media_pool: MediaPool, tmp_path: Path) -> None:
    """A video that starts black and is damaged further on still has a poster."""
    data = bytearray(film([Image.new("RGB", (320, 180))] + [sample_frame(n) for n in range(40)], gop=5))
    middle = data.index(b"mdat") + 4000
    data[middle : middle + 30_000] = bytes(30_000)
    _, poster = await previews_of(media_pool, tmp_path, bytes(data))
    assert poster.size == (320, 180)


def sample_frame(seed: int) -> Image.Image:
    """Return a picture with much detail."""
    return Image.open(io.BytesIO(sample_picture(320, 180, seed=seed))).convert("RGB")
