"""Copies of pictures for platforms: they conform, they look right, and the same picture gives the same copy."""

import io
import random
from typing import Literal

import pytest
from PIL import Image, ImageCms

from presswork.core.errors import MediaUnsupported
from presswork.media.convert_image import convert_image, convert_image_file
from presswork.media.model import ContentType
from presswork.media.probe import probe
from presswork.media.samples import sample_picture
from presswork.media.specs import ImageSpec

INSTAGRAM = ImageSpec(max_width=1440, max_size_bytes=8 * 1024 * 1024, min_ratio=0.8, max_ratio=1.91)


def encoded(image: Image.Image, picture_format: str, **options: object) -> bytes:
    """Encode a picture."""
    buffer = io.BytesIO()
    image.save(buffer, picture_format, **options)
    return buffer.getvalue()


def shown(data: bytes) -> Image.Image:
    """Decode a copy; it must be an upright opaque RGB picture without metadata."""
    image = Image.open(io.BytesIO(data))
    image.load()
    assert image.mode == "RGB"
    assert not image.getexif()
    assert not image.info.keys() & {"icc_profile", "comment", "exif", "xmp"}
    return image


def is_near(pixel: object, color: tuple[int, int, int]) -> bool:
    """Whether a pixel has that color, within the tolerance of compression."""
    assert isinstance(pixel, tuple)
    return all(abs(a - b) < 12 for a, b in zip(pixel, color, strict=True))


@pytest.mark.parametrize("picture_format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("content_type", [ContentType.JPEG, ContentType.WEBP])
def test_any_picture_becomes_what_the_spec_says(
    picture_format: Literal["JPEG", "PNG", "WEBP"], content_type: ContentType
) -> None:
    """From every format to every format: the copy has the type and the sides of the spec and needs no other copy."""
    data = sample_picture(1600, 1200, picture_format=picture_format)
    spec = ImageSpec(content_type=content_type, accepts={content_type}, max_width=1080, max_height=1080)
    copy = convert_image(data, spec)
    found = probe(copy)
    assert (found.content_type, found.width, found.height) == (content_type, 1080, 810)
    assert not spec.needs_conversion(found)
    assert convert_image(data, spec) == copy


def test_only_what_does_not_fit_needs_a_copy() -> None:
    """A JPEG within the limits is sent unchanged; type, rotation, alpha, size, sides and ratio are each a reason to convert."""
    assert not INSTAGRAM.needs_conversion(probe(sample_picture(1080, 1350)))
    assert INSTAGRAM.needs_conversion(probe(sample_picture(1080, 1350, picture_format="PNG")))
    assert INSTAGRAM.needs_conversion(probe(sample_picture(1500, 1500)))
    assert INSTAGRAM.needs_conversion(probe(sample_picture(1000, 1300)))
    assert ImageSpec(max_size_bytes=1000).needs_conversion(probe(sample_picture(1000, 1000)))
    assert ImageSpec(max_short_side=1080).needs_conversion(probe(sample_picture(2000, 1100)))
    assert not ImageSpec(max_short_side=1080).needs_conversion(probe(sample_picture(2000, 1080)))
    exif = Image.Exif()
    exif[0x0112] = 6
    assert INSTAGRAM.needs_conversion(probe(encoded(Image.new("RGB", (100, 80)), "JPEG", exif=exif)))
    clear = encoded(Image.new("RGBA", (100, 100)), "WEBP")
    assert ImageSpec(accepts={ContentType.WEBP}).needs_conversion(probe(clear))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "1", "L", "I;16", "CMYK"])
def test_every_kind_of_transparency_becomes_white(mode: str) -> None:
    """Transparent parts become white, and gray, palette, CMYK and 16-bit pictures keep their colors."""
    if mode == "P":
        image, options = Image.new("RGB", (80, 80), "red").quantize(2), {"transparency": 0}
    else:
        clear: dict[str, tuple[int, ...] | int] = {"RGBA": (9, 9, 9, 0), "LA": (0, 0), "CMYK": (0, 0, 0, 0)}
        image, options = Image.new(mode, (80, 80), clear.get(mode, {"1": 1, "L": 255, "I;16": 65_535}.get(mode, 0))), {}
    data = encoded(image, "JPEG" if mode == "CMYK" else "PNG", **options)
    assert is_near(shown(convert_image(data, ImageSpec())).getpixel((40, 40)), (255, 255, 255))


def test_sixteen_bit_gray_keeps_its_tones() -> None:
    """A 16-bit gray of a quarter is an 8-bit gray of a quarter, not white."""
    data = encoded(Image.new("I;16", (80, 80), 0x4000), "PNG")
    assert is_near(shown(convert_image(data, ImageSpec())).getpixel((40, 40)), (64, 64, 64))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_copy_is_upright(orientation: int) -> None:
    """Whatever the EXIF orientation, the copy's pixels are where a viewer would show them."""
    upright = Image.new("RGB", (120, 80), "blue")
    upright.paste("red", (0, 0, 60, 40))
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Image.Transpose that stores it the way this value says
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = upright.transpose(Image.Transpose(undo[orientation])) if orientation > 1 else upright
    copy = shown(convert_image(encoded(stored, "JPEG", exif=exif, quality=95), ImageSpec()))
    assert copy.size == (120, 80)
    assert is_near(copy.getpixel((10, 10)), (255, 0, 0))
    assert is_near(copy.getpixel((110, 70)), (0, 0, 255))


@pytest.mark.parametrize("content_type", [ContentType.JPEG, ContentType.WEBP])
def test_a_copy_has_no_metadata(content_type: ContentType) -> None:
    """Texts in the original, a JPEG's comment among them, are not in the copy."""
    data = encoded(Image.new("RGB", (80, 80)), "JPEG", comment=b"a secret", xmp=b"<x>a secret</x>")
    copy = convert_image(data, ImageSpec(content_type=content_type))
    assert (data.count(b"secret"), copy.count(b"secret")) == (2, 0)
    shown(copy)


def test_a_color_profile_is_moved_to_srgb() -> None:
    """A picture in another color space looks the same in sRGB; a broken profile is ignored."""
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encoded(Image.new("RGB", (80, 80), (200, 100, 50)), "PNG", icc_profile=lab)
    assert is_near(shown(convert_image(data, ImageSpec())).getpixel((9, 9)), (200, 100, 50))
    data = encoded(Image.new("RGB", (80, 80), (200, 100, 50)), "PNG", icc_profile=b"nonsense")
    assert is_near(shown(convert_image(data, ImageSpec())).getpixel((9, 9)), (200, 100, 50))


def test_quality_is_reduced_before_dimensions() -> None:
    """Noise that does not compress is first encoded with lower quality and then scaled until it fits."""
    chance = random.Random(7)  # noqa: S311 - noise, not a secret
    data = encoded(Image.frombytes("RGB", (600, 600), chance.randbytes(600 * 600 * 3)), "PNG")
    fine = convert_image(data, ImageSpec(max_size_bytes=200_000))
    assert (len(fine) <= 200_000, shown(fine).size) == (True, (600, 600))
    small = convert_image(data, ImageSpec(max_size_bytes=20_000))
    assert len(small) <= 20_000
    assert shown(small).size < (600, 600)
    with pytest.raises(MediaUnsupported, match="small enough"):
        convert_image(data, ImageSpec(max_size_bytes=200))


def test_a_ratio_out_of_range_is_refused_or_padded() -> None:
    """A banner is refused with its ratio, or gets white bars where the spec requires them, never a crop."""
    for size, edge in (((1000, 200), (500, 0)), ((200, 1000), (0, 500))):
        data = encoded(Image.new("RGB", size, "red"), "PNG")
        with pytest.raises(MediaUnsupported, match="Crop it"):
            convert_image(data, INSTAGRAM)
        copy = shown(convert_image(data, ImageSpec(min_ratio=0.8, max_ratio=1.91, is_padded=True)))
        assert 0.8 <= copy.width / copy.height <= 1.91
        assert is_near(copy.getpixel(edge), (255, 255, 255))
        assert is_near(copy.getpixel((copy.width // 2, copy.height // 2)), (255, 0, 0))


def test_converting_a_broken_picture_is_refused(picture: bytes) -> None:
    """A conversion of broken bytes ends like their probe."""
    for data in (b"", b"nonsense", picture[:-200]):
        with pytest.raises(MediaUnsupported):
            convert_image(data, ImageSpec())


def test_an_unwritable_format_is_an_error() -> None:
    """Only JPEG and WebP are written."""
    with pytest.raises(ValueError, match="JPEG or WebP"):
        ImageSpec(content_type=ContentType.PNG)


def test_the_original_file_is_left_alone(picture: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A file's copy is another file; the original keeps every byte."""
    folder = tmp_path_factory.mktemp("convert")
    (folder / "a").write_bytes(picture)
    found = convert_image_file(folder / "a", folder / "b", ImageSpec(max_width=100))
    assert (folder / "a").read_bytes() == picture
    assert probe(folder / "b") == found
    assert found.width == 100
