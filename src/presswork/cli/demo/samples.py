"""The media of the demo, drawn by the program, so that the package ships no large files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from presswork.media.samples import sample_picture, sample_slideshow, sample_video


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One piece of content: a video, a picture, or the pictures of a slideshow."""

    label: str
    caption: str
    files: Sequence[Path]


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """One piece of content of each kind."""

    video: Sample
    picture: Sample
    slideshow: Sample


def make_samples(folder: Path) -> Samples:
    """Write a video, a picture and a slideshow into a folder."""
    folder.mkdir(parents=True, exist_ok=True)

    def written(name: str, data: bytes) -> Path:
        path = folder / name
        path.write_bytes(data)
        return path

    video = written("morning.mp4", sample_video(timedelta(seconds=4), title="Fresh at six"))
    picture = written("cinnamon.jpg", sample_picture(1080, 1350, seed=2, title="Cinnamon"))
    slides = [written(f"loaf-{number}.jpg", data) for number, data in enumerate(sample_slideshow(3, seed=3), 1)]
    return Samples(
        video=Sample(label="video", caption="Fresh out of the oven at six. #bakery", files=[video]),
        picture=Sample(label="picture", caption="Cinnamon, butter, patience. #bakery", files=[picture]),
        slideshow=Sample(label="slideshow", caption="Three loaves, three days. #bakery", files=slides),
    )
