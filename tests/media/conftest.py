"""Sample media that the tests of this folder share; created once, since encoding takes longer than most tests."""

from datetime import timedelta

import pytest

from presswork.media.samples import sample_picture, sample_video


@pytest.fixture(scope="session")
def picture() -> bytes:
    """Return a JPEG of 400 × 300 pixels."""
    return sample_picture(400, 300)


@pytest.fixture(scope="session")
def video() -> bytes:
    """Return an MP4 of half a second, 96 × 64 pixels, H.264 with AAC, moov first."""
    return sample_video(timedelta(seconds=0.5), 96, 64)


@pytest.fixture(scope="session")
def phone_video() -> bytes:
    """Return a MOV as a phone records it: stored sideways, to be rotated by 90 degrees, moov last."""
    return sample_video(timedelta(seconds=0.5), 96, 64, container="mov", is_moov_first=False, rotation=90)
