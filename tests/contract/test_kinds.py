"""Kinds of posts that only some platforms have: pictures and videos in one post, and documents. Each with every fault at its calls."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pytest
from pydantic import JsonValue
from tests.contract.faults import AFTER_EFFECT, LATENCY, LOST, Call, Fault, assert_consistent, assert_explained, matrix
from tests.contract.job import MemoryJob, Sample, document, mixture, slideshow
from tests.contract.on_platform import OnPlatform

from presswork.platforms.errors import Rejected
from presswork.platforms.port import MediaType, PostOptions, Present


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of post on one platform."""

    media_type: MediaType
    make: Callable[[], Sequence[Sample]]
    publish: str
    """The operation that makes a post live."""
    others: Sequence[str]
    """The operations before it."""
    look: str
    """The operation that shows whether it is live."""
    shown: str
    """What the sandbox calls the post."""


KINDS: Final[Mapping[str, Kind]] = {
    "by_instagram": Kind(MediaType.MIXED, mixture, "media_publish", ("media",), "container_status", "carousel"),
    "by_facebook": Kind(MediaType.MIXED, mixture, "media_publish", ("media", "upload"), "container_status", "carousel"),
    "as_page": Kind(
        MediaType.DOCUMENT,
        lambda: [document()],
        "posts",
        ("documents_initialize", "upload", "media_status"),
        "posts_by_author",
        "document",
    ),
    "on_threads": Kind(MediaType.MIXED, mixture, "threads_publish", ("threads",), "container_status", "threads_post"),
}


TITLED: Final = PostOptions({"linkedinPostSettings": {"title": "Six new loaves"}})


@pytest.fixture
def on_platform(name: str, request: pytest.FixtureRequest) -> OnPlatform:
    """The connector of the test's platform against the sandbox."""
    platform: OnPlatform = request.getfixturevalue(name)
    return platform


async def _make(on_platform: OnPlatform, name: str) -> MemoryJob:
    job = await on_platform.job(KINDS[name].make())
    assert job.media_type is KINDS[name].media_type
    return job


def _digests(post: Mapping[str, JsonValue]) -> list[JsonValue]:
    media = post["media"]
    assert isinstance(media, list)
    return [one["sha256"] for one in media if isinstance(one, dict)]


@pytest.mark.parametrize("name", KINDS)
async def test_is_posted(on_platform: OnPlatform, name: str) -> None:
    """The post shows each file in its order, with its caption."""
    job = await _make(on_platform, name)
    end, post = await on_platform.publish(job)
    assert (post["kind"], post["caption"], post["externalId"]) == (KINDS[name].shown, job.caption, end.external_id)
    assert _digests(post) == [media.sha256 for media in job.media]


@pytest.mark.parametrize(
    ("name", "operation", "fault"),
    matrix(
        (
            (name, operation, fault)
            for name, kind in KINDS.items()
            for operation in (*kind.others, kind.publish)
            for fault in (LATENCY, *LOST, AFTER_EFFECT)
        ),
        publishing={kind.publish for kind in KINDS.values()},
    ),
    ids=str,
)
async def test_passing_fault_costs_time_only(on_platform: OnPlatform, name: str, operation: str, fault: Fault) -> None:
    """Whatever happens once to a call, one post is live in the end, and its id is known."""
    job = await _make(on_platform, name)
    await on_platform.fault(operation, fault.name, **fault.more(times=1))
    end, post = await on_platform.publish(job)
    assert end.external_id == post["externalId"]
    assert_explained(end, job)


@pytest.mark.parametrize(
    ("name", "fault"), matrix(((name, fault) for name in KINDS for fault in LOST), at=Call.PUBLISH), ids=str
)
async def test_lasting_fault_has_a_true_outcome(on_platform: OnPlatform, name: str, fault: Fault) -> None:
    """A call that is lost every time, and a platform that can't be read either: never two posts, nor a false outcome."""
    job = await _make(on_platform, name)
    await on_platform.fault(KINDS[name].publish, fault.name, **fault.more(times=-1))
    await on_platform.fault(KINDS[name].look, "http_500", times=-1)
    end = await on_platform.drive(job)
    assert_consistent(end, await on_platform.live())
    assert_explained(end, job)


@pytest.mark.parametrize("name", ["as_page", "as_member"])
async def test_document_has_a_title(on_platform: OnPlatform) -> None:
    """Readers see the title of the target, else the name of the file, also of a member, whose documents no app can read."""
    for options, title in ((PostOptions(), "Spring menu"), (TITLED, "Six new loaves")):
        job = await on_platform.job(document(pages=len(title)), options=options)
        end = await on_platform.drive(job)
        assert isinstance(end, Present)
        post = next(one for one in await on_platform.live() if one["externalId"] == end.external_id)
        params = post["params"]
        assert isinstance(params, dict)
        assert _content_of(params)["title"] == title


@pytest.mark.parametrize("name", ["as_page", "as_member"])
async def test_pictures_become_a_document(on_platform: OnPlatform, name: str) -> None:
    """More pictures than a post takes are one PDF with a page for each, found after a lost response, under the text's first line."""
    pictures = slideshow(22)
    options = PostOptions({"linkedinPostSettings": {"documentFromImages": True}})
    job = await on_platform.job(pictures, caption="Spring menu\nSix loaves", options=options)
    if name == "as_page":
        await on_platform.fault("posts", "drop_after_effect", times=1)
    end, post = await on_platform.publish(job)
    assert (post["kind"], post["externalId"], await on_platform.calls("documents_initialize")) == (
        "document",
        end.external_id,
        1,
    )
    params = post["params"]
    assert isinstance(params, dict)
    assert _content_of(params)["title"] == "Spring menu"


def _content_of(params: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    content = params["content"]
    assert isinstance(content, dict)
    media = content["media"]
    assert isinstance(media, dict)
    return media


@pytest.mark.parametrize("name", ["by_instagram"])
async def test_tags_of_amixtureed_carousel(on_platform: OnPlatform) -> None:
    """A tag is on a picture; one on a video is refused before any call."""
    for item, problem in (
        (0, None),
        (2, None),
        (1, "tags on pictures alone. Correct item"),
        (3, "the items are 0 to 2"),
    ):
        tag: JsonValue = {"username": "luna", "x": 0.5, "y": 0.5, "item": item}
        options = PostOptions({"instagramPostSettings": {"userTags": [tag]}})
        before = await on_platform.calls("media")
        end = await on_platform.drive(await on_platform.job(mixture(), options=options))
        assert isinstance(end, Rejected if problem else Present), repr(end)
        assert problem is None or (problem in str(end) and await on_platform.calls("media") == before)
