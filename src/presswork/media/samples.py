"""Sample pictures and videos, drawn by the program: what the demo posts and what the tests probe.

The same arguments give the same bytes on one machine and one set of libraries.
"""

import io
import math
import random
import tempfile
from array import array
from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Final, Literal

import av
from av.container import OutputContainer
from PIL import Image, ImageDraw, ImageFont

PictureFormat = Literal["JPEG", "PNG", "WEBP"]
Color = tuple[int, int, int]

FRAME_RATE: Final = 30
_AUDIO_RATE: Final = 44_100
_AUDIO_FRAME: Final = 1024  # samples; AAC's own frame length
_TONE_HERTZ: Final = 220

_PALETTES: Final[tuple[tuple[Color, Color, Color], ...]] = (
    ((255, 94, 98), (255, 195, 113), (255, 255, 255)),
    ((43, 88, 118), (78, 67, 118), (255, 214, 165)),
    ((0, 121, 145), (120, 255, 214), (255, 251, 230)),
    ((106, 48, 147), (255, 126, 179), (255, 236, 179)),
    ((20, 30, 48), (36, 123, 160), (178, 219, 191)),
    ((17, 94, 89), (217, 249, 157), (254, 252, 232)),
)


def sample_picture(
    width: int, height: int, *, seed: int = 0, title: str = "Presswork", picture_format: PictureFormat = "JPEG"
) -> bytes:
    """Draw a picture of width × height pixels: a gradient, a few shapes and the title."""
    image = _draw_scene(width, height, seed)
    _write_title(image, title)
    buffer = io.BytesIO()
    if picture_format == "PNG":
        image.save(buffer, picture_format, compress_level=3)
    else:
        image.save(buffer, picture_format, quality=88)
    return buffer.getvalue()


def sample_slideshow(count: int, *, width: int = 1080, height: int = 1350, seed: int = 0) -> list[bytes]:
    """Draw `count` JPEG pictures that are numbered and belong together."""
    return [sample_picture(width, height, seed=seed + n, title=f"{n + 1} of {count}") for n in range(count)]


def sample_document(pages: int, *, title: str) -> bytes:
    """Draw a PDF of so many square pages."""
    first, *more = (_draw_page(number, pages, title) for number in range(1, pages + 1))
    buffer = io.BytesIO()
    first.save(buffer, "PDF", save_all=True, append_images=more, title=title)
    return buffer.getvalue()


def _draw_page(number: int, pages: int, title: str) -> Image.Image:
    image = _draw_scene(1080, 1080, number)
    _write_title(image, f"{title} {number}/{pages}")
    return image


def sample_video(
    duration: timedelta,
    width: int = 720,
    height: int = 1280,
    *,
    seed: int = 0,
    title: str = "Presswork",
    container: Literal["mp4", "mov"] = "mp4",
    is_moov_first: bool = True,
    has_audio: bool = True,
    rotation: Literal[0, 90, 180, 270] = 0,
) -> bytes:
    """Make a video of that duration: H.264 at 30 frames a second and a soft AAC tone; sides must be even.

    `rotation` is written beside the stored frames: degrees clockwise by which a player turns them, so with 90 a video
    stored as width × height shows as height × width.
    """
    frames = max(1, round(duration / timedelta(seconds=1) * FRAME_RATE))
    # No edit list: Instagram refuses them. Source: Meta, "IG User Media", reel specifications, read 2026-11.
    muxing = {"use_editlist": "0", "fflags": "+bitexact"}
    if is_moov_first:
        muxing["movflags"] = "+faststart"
    # Moving moov to the front makes libav open the file a second time, so it has to be one.
    with tempfile.TemporaryDirectory(prefix="presswork-sample-") as folder:
        path = Path(folder) / f"sample.{container}"
        with av.open(path, "w", format=container, container_options=muxing) as output:
            _write_video(output, frames, width, height, seed, title, has_audio=has_audio, rotation=rotation)
        return path.read_bytes()


def _write_video(
    output: OutputContainer,
    frames: int,
    width: int,
    height: int,
    seed: int,
    title: str,
    *,
    has_audio: bool,
    rotation: int,
) -> None:
    video = output.add_stream(
        "libx264", rate=FRAME_RATE, options={"preset": "ultrafast", "crf": "23", "bf": "0", "threads": "1"}
    )
    video.width, video.height, video.pix_fmt = width, height, "yuv420p"
    video.codec_context.gop_size = FRAME_RATE
    if rotation:
        video.set_display_rotation(-rotation)
    audio = output.add_stream("aac", rate=_AUDIO_RATE, options={"b": "96000"}) if has_audio else None
    if audio is not None:
        audio.layout = "mono"
    tone = _make_tone(frames * _AUDIO_RATE // FRAME_RATE, _TONE_HERTZ + 20 * (seed % 12)) if has_audio else []
    for position, frame in enumerate(_moving_frames(frames, width, height, seed, title)):
        output.mux(video.encode(frame))
        while audio is not None and tone and (tone[0].pts or 0) * FRAME_RATE <= position * _AUDIO_RATE:
            output.mux(audio.encode(tone.pop(0)))
    output.mux(video.encode(None))
    if audio is not None:
        for rest in tone:
            output.mux(audio.encode(rest))
        output.mux(audio.encode(None))


def _draw_scene(width: int, height: int, seed: int) -> Image.Image:
    chance = random.Random(seed)  # noqa: S311 - a drawing, not a secret
    top, bottom, ink = _PALETTES[seed % len(_PALETTES)]
    mask = Image.linear_gradient("L").rotate(chance.choice((0, 0, 180))).resize((width, height))
    image = Image.composite(Image.new("RGB", (width, height), bottom), Image.new("RGB", (width, height), top), mask)
    shapes = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(shapes)
    side = min(width, height)
    for _ in range(6):
        radius = side * chance.uniform(0.06, 0.3)
        x, y = width * chance.random(), height * chance.random()
        box = (x - radius, y - radius, x + radius, y + radius)
        if chance.random() < 0.5:
            draw.ellipse(box, fill=chance.randint(24, 70))
        else:
            draw.rounded_rectangle(box, radius / 3, fill=chance.randint(24, 70))
    image.paste(Image.new("RGB", (width, height), ink), mask=shapes)
    return image


def _write_title(image: Image.Image, title: str) -> None:
    if not title:
        return
    draw = ImageDraw.Draw(image)
    size = max(8.0, image.width * 0.16)
    font = ImageFont.load_default(size)
    too_wide = draw.textlength(title, font=font) / (image.width * 0.84)
    if too_wide > 1:
        font = ImageFont.load_default(max(6.0, size / too_wide))
    middle = (image.width / 2, image.height / 2)
    shadow = max(1.0, image.width / 240)
    draw.text((middle[0] + shadow, middle[1] + shadow), title, font=font, fill=(0, 0, 0), anchor="mm")
    draw.text(middle, title, font=font, fill=(255, 255, 255), anchor="mm")


def _moving_frames(count: int, width: int, height: int, seed: int, title: str) -> Iterator[av.VideoFrame]:
    """Yield the scene with a ball that circles once in four seconds and a bar that fills up.

    Drawn on the three planes of yuv420p rather than in RGB, which would cost as much again as the encoding.
    """
    scene = _draw_scene(width, height, seed)
    _write_title(scene, title)
    luma, *chroma = scene.convert("YCbCr").split()
    halves = [plane.resize((width // 2, height // 2), Image.Resampling.BOX) for plane in chroma]
    radius = max(2, min(width, height) // 12)
    ball = Image.new("L", (2 * radius, 2 * radius), 0)
    ImageDraw.Draw(ball).ellipse((0, 0, 2 * radius - 1, 2 * radius - 1), fill=255)
    small_ball = ball.resize((radius, radius), Image.Resampling.BOX)
    for position in range(count):
        angle = 2 * math.pi * position / (4 * FRAME_RATE)
        x = round(width / 2 + width * 0.32 * math.cos(angle)) - radius
        y = round(height * 0.72 + height * 0.12 * math.sin(angle)) - radius
        planes = [luma.copy(), *(half.copy() for half in halves)]
        planes[0].paste(235, (x, y), ball)
        planes[0].paste(235, (0, height - max(2, height // 64), width * (position + 1) // count, height))
        for plane in planes[1:]:
            plane.paste(128, (x // 2, y // 2), small_ball)
        frame = av.VideoFrame(width, height, "yuv420p")
        for target, plane in zip(frame.planes, planes, strict=True):
            # A row of the frame is padded to a round length; cropping past the edge pads the drawing alike.
            rows = target.buffer_size // target.line_size
            target.update(plane.crop((0, 0, target.line_size, rows)).tobytes())
        frame.pts, frame.time_base = position, Fraction(1, FRAME_RATE)
        yield frame


def _make_tone(samples: int, hertz: float) -> list[av.AudioFrame]:
    step = 2 * math.pi * hertz / _AUDIO_RATE
    frames = []
    for start in range(0, samples, _AUDIO_FRAME):
        length = min(_AUDIO_FRAME, samples - start)
        frame = av.AudioFrame(format="fltp", layout="mono", samples=length)
        wave = array("f", (0.05 * math.sin(step * (start + n)) for n in range(length)))
        frame.planes[0].update(wave.tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
        frame.sample_rate = _AUDIO_RATE
        # The encoder starts one frame early; this late start brings it to zero, so that nothing needs an edit list.
        frame.pts, frame.time_base = start + _AUDIO_FRAME, Fraction(1, _AUDIO_RATE)
        frames.append(frame)
    return frames
