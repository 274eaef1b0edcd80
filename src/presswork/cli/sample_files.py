"""The files of test posts, drawn for each media type."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from presswork.media.samples import sample_document, sample_picture, sample_slideshow, sample_video


def draw_files() -> Mapping[str, Sequence[bytes]]:
    """Return the files of a post of each media type that has any."""
    picture = sample_picture(1080, 1080, seed=2, title="Test")
    video = sample_video(timedelta(seconds=4), title="Test")
    return {
        "image": [picture],
        "video": [video],
        "multi": sample_slideshow(2, width=1080, height=1080, seed=3),
        "mixed": [picture, video],
        "document": [sample_document(2, title="Test")],
    }
