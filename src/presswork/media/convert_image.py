"""Convert a picture into the form that a platform accepts. The original stays unchanged.

The same bytes and the same spec give the same copy. It holds no metadata: no place where a phone took it.
"""

import io
import math
from pathlib import Path
from typing import Final

from PIL import Image, ImageCms, ImageOps

from presswork.core.errors import MediaUnsupported
from presswork.media.model import MAX_IMAGE_PIXELS, ContentType, Probe
from presswork.media.probe import probe
from presswork.media.probe_image import opened_image
from presswork.media.specs import ImageSpec

_QUALITIES: Final = (92, 86, 78, 68, 56)
_SHRINK: Final = 0.8
_MIN_SIDE: Final = 64
_WHITE: Final = (255, 255, 255)
_ROUNDING: Final = 1e-6
_SIXTEEN_BITS: Final = ("I;16", "I;16B", "I;16L", "I;16N", "I")


def convert_image(data: bytes, spec: ImageSpec) -> bytes:
    """Return a copy that fits the spec: upright, opaque on white, sRGB, scaled down and compressed as far as needed.

    Raises MediaUnsupported on a broken picture, on a ratio out of range where the spec does not pad, and when it
    can't be made small enough.
    """
    image = upright_picture(data, spec)
    while True:
        for quality in _QUALITIES:
            copy = encode_picture(image, spec.content_type, quality)
            if spec.max_size_bytes is None or len(copy) <= spec.max_size_bytes:
                return copy
        if max(image.size) <= _MIN_SIDE:
            raise MediaUnsupported("The picture can't be made small enough for the platform. Send another one.")
        smaller = (max(1, round(image.width * _SHRINK)), max(1, round(image.height * _SHRINK)))
        image = image.resize(smaller, Image.Resampling.LANCZOS)


def convert_image_file(source: Path, target: Path, spec: ImageSpec) -> Probe:
    """Write a converted copy of one file to another and return what the copy is. Raises as convert_image."""
    copy = convert_image(source.read_bytes(), spec)
    target.write_bytes(copy)
    return probe(copy)


def upright_picture(data: bytes, spec: ImageSpec) -> Image.Image:
    """Decode to an upright, opaque sRGB picture of the size that the spec allows. Raises as convert_image."""
    with opened_image(io.BytesIO(data)) as opened:
        if opened.format in ("JPEG", "MPO"):
            # Decode at the smallest of libjpeg's scales that has twice the pixels of the copy, whichever way up it
            # is: a large photo then takes a fraction of the memory.
            width, height = opened.size
            scale = min(1.0, 2 * max(spec.scale(width, height), spec.scale(height, width)))
            opened.draft(None, (max(1, round(opened.width * scale)), max(1, round(opened.height * scale))))
        opened.load()
        profile = opened.info.get("icc_profile")
        ImageOps.exif_transpose(opened, in_place=True)  # a copy of the largest picture would take 440 MB
        image: Image.Image = opened
    image = _flatten_image(_convert_to_srgb(image, profile if isinstance(profile, bytes) else None))
    # Scaled before the bars are put beside it: those of a picture like a thread would take gigabytes at full size.
    width, height = _page(image.width, image.height, spec)
    has_bars = (width, height) != image.size
    scale = min(spec.scale(width, height), math.sqrt(MAX_IMAGE_PIXELS / (width * height)))
    if scale < 1:
        size = (max(1, int(image.width * scale)), max(1, int(image.height * scale)))
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return _pad_image(image, spec) if has_bars else image


def encode_picture(image: Image.Image, content_type: ContentType, quality: int) -> bytes:
    """Return the picture's pixels in a format, without what else the original contained: comments, EXIF, a profile."""
    image.info.clear()  # Pillow would repeat a JPEG's comment
    buffer = io.BytesIO()
    if content_type is ContentType.JPEG:
        image.save(buffer, "JPEG", quality=quality)
    else:
        image.save(buffer, "WEBP", quality=quality, method=4)
    return buffer.getvalue()


def _page(width: int, height: int, spec: ImageSpec) -> tuple[int, int]:
    """Return the size with the bars that bring a ratio into range. Raises MediaUnsupported where there may be none."""
    ratio = width / height
    if spec.allows_ratio(width, height):
        return width, height
    if not spec.is_padded:
        raise MediaUnsupported(
            f"The picture's width over height is {ratio:.2f}; the platform accepts {_range(spec)}. Crop it.",
            ratio=ratio,
        )
    if spec.min_ratio is not None and ratio < spec.min_ratio:
        return math.ceil(height * spec.min_ratio - _ROUNDING), height
    return width, width if spec.max_ratio is None else math.ceil(width / spec.max_ratio - _ROUNDING)


def _pad_image(image: Image.Image, spec: ImageSpec) -> Image.Image:
    """Put white bars beside or above a picture whose ratio is out of range."""
    size = _page(image.width, image.height, spec)
    page = Image.new("RGB", size, _WHITE)
    page.paste(image, ((size[0] - image.width) // 2, (size[1] - image.height) // 2))
    return page


def _range(spec: ImageSpec) -> str:
    lower = f"from {spec.min_ratio:.2f}" if spec.min_ratio is not None else ""
    upper = f"up to {spec.max_ratio:.2f}" if spec.max_ratio is not None else ""
    return f"{lower} {upper}".strip()


def _convert_to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Move the colors from the picture's own profile into sRGB; one that makes no sense is ignored, as browsers do."""
    if not profile or image.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    return image if converted is None else converted


def _flatten_image(image: Image.Image) -> Image.Image:
    """Return the picture as opaque RGB, on white where it is see-through."""
    if image.mode in _SIXTEEN_BITS:
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if not image.has_transparency_data:
        return image if image.mode == "RGB" else image.convert("RGB")
    clear = image if image.mode == "RGBA" else image.convert("RGBA")
    page = Image.new("RGB", clear.size, _WHITE)
    page.paste(clear, mask=clear.getchannel("A"))
    return page
