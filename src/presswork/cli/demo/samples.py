"""The content that demos bring in: drawn by the program, so that no big files are shipped."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from presswork.media.samples import sample_picture, sample_slideshow, sample_video


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file to bring in."""

    name: str
    content_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One piece of content: a file, or the pictures of a slideshow."""

    label: str
    caption: str
    files: Sequence[File]


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """One piece of content of each kind."""

    video: Sample
    picture: Sample
    slideshow: Sample


def make_samples() -> Samples:
    """Draw a video, a picture and a slideshow."""
    video = sample_video(timedelta(seconds=4), title="Fresh at six")
    picture = sample_picture(1080, 1350, seed=2, title="Cinnamon")
    slides = sample_slideshow(3, seed=3)
    return Samples(
        video=Sample(
            label="video",
            caption="Fresh out of the oven at six. #bakery",
            files=[File(name="morning.mp4", content_type="video/mp4", data=video)],
        ),
        picture=Sample(
            label="picture",
            caption="Cinnamon, butter, patience. #bakery",
            files=[File(name="cinnamon.jpg", content_type="image/jpeg", data=picture)],
        ),
        slideshow=Sample(
            label="slideshow",
            caption="Three loaves, three days. #bakery",
            files=[
                File(name=f"loaf-{number}.jpg", content_type="image/jpeg", data=data)
                for number, data in enumerate(slides, 1)
            ],
        ),
    )
