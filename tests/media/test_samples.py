"""Sample media: the same for a seed, and accepted by both platforms unchanged."""

import io
from datetime import timedelta

from PIL import Image

from presswork.media.probe import probe
from presswork.media.samples import sample_picture, sample_slideshow, sample_video
from presswork.media.specs import ImageSpec, VideoSpec


def test_a_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    """Samples have distinct digests and are reproducible."""
    assert sample_picture(90, 60, seed=3) == sample_picture(90, 60, seed=3) != sample_picture(90, 60, seed=4)
    second = timedelta(seconds=0.2)
    assert sample_video(second, 64, 64, seed=3) == sample_video(second, 64, 64, seed=3)
    assert sample_video(second, 64, 64, seed=3) != sample_video(second, 64, 64, seed=4)


def test_the_demos_video_needs_no_conversion() -> None:
    """The video of the demo is a proper reel: 9:16, 30 frames a second, three seconds or more, moov first."""
    found = probe(sample_video(timedelta(seconds=3)))
    assert (found.width, found.height, found.frame_rate, found.duration) == (720, 1280, 30.0, timedelta(seconds=3))
    assert (found.video_codec, found.audio_codec, found.is_moov_first) == ("h264", "aac", True)
    assert not VideoSpec().needs_conversion(found)
    assert b"elst" not in sample_video(timedelta(seconds=0.1), 64, 64)


def test_a_slideshow_is_numbered_pictures_of_one_size() -> None:
    """Every picture is different, and each fits a feed."""
    slides = sample_slideshow(4)
    assert len(set(slides)) == 4
    for slide in slides:
        found = probe(slide)
        assert (found.width, found.height) == (1080, 1350)
        assert not ImageSpec(max_width=1440, min_ratio=0.8, max_ratio=1.91).needs_conversion(found)


def test_a_picture_shows_something() -> None:
    """The picture has more than one color, with a title and without, also when it is tiny or the title is long."""
    for width, height, title in (
        (200, 100, "Hello"),
        (200, 100, ""),
        (16, 16, "A title that is far too long for this"),
    ):
        with Image.open(io.BytesIO(sample_picture(width, height, title=title, picture_format="PNG"))) as image:
            assert image.size == (width, height)
            colors = image.convert("RGB").getcolors(width * height)
            assert colors is not None
            assert len(colors) > 8
