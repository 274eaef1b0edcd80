"""Faults that Instagram's connector treats in its own way."""

import pytest
from tests.contract.job import Sample, picture
from tests.contract.on_instagram import OnInstagram

from presswork.platforms.errors import FailureCode, Rejected
from presswork.platforms.port import Present

PUBLISHING = ("media", "container_status", "content_publishing_limit", "media_publish")


@pytest.mark.parametrize("subcode", [2207006, 2207008])
async def test_unknown_container_that_is_ready_is_tried_again(on_instagram: OnInstagram, subcode: int) -> None:
    """24/2207008 for a container that reads FINISHED: the call is repeated, and one post is live."""
    job = await on_instagram.job(picture())
    await on_instagram.fault("media_publish", "platform_error", times=2, value={"code": 24, "subcode": subcode})
    end = await on_instagram.drive(job)
    assert isinstance(end, Present)
    assert len(await on_instagram.live()) == 1


async def test_media_error_names_the_platforms_number(on_instagram: OnInstagram, sample_clip: Sample) -> None:
    """A container that ends in ERROR fails the post as MEDIA_REJECTED with the number of its status message."""
    job = await on_instagram.job(sample_clip)
    await on_instagram.fault("media", "media_error", times=-1)
    end = await on_instagram.drive(job)
    assert isinstance(end, Rejected)
    assert end.failure is FailureCode.MEDIA_REJECTED
    assert end.platform_code is not None
    assert end.platform_code.startswith("22070")
