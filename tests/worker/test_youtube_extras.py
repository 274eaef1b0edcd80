"""Thumbnail, playlists and captions of a YouTube post, from the call to the video, by a real worker with a real database."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pytest
from tests.contract.job import MediaHost
from tests.contract.test_youtube_extras import SRT, VTT
from tests.tiers import sampled
from tests.worker.conftest import WorkerWorld, poll_once
from tests.worker.test_crashes import killed_at, take_over

from presswork.worker.main import open_worker

DEATHS: Final = [(point, visits) for visits in (1, 2, 3, 4) for point in ("before_write", "after_write")]
"""Before and after the call for each of the four extras."""


@pytest.fixture
async def files() -> AsyncIterator[MediaHost]:
    """A web server with thumbnails and captions."""
    async with MediaHost() as host:
        yield host


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A published video with a thumbnail, a playlist and two tracks of captions, none of which is added yet."""

    post_id: str
    playlist: str


async def published(worker_world: WorkerWorld, video: bytes, options: Mapping[str, object]) -> str:
    """Publish a video with these options, and return its post once the video is live."""
    world = worker_world.world
    project = await world.project()
    account = await world.account(project, "youtube", "bakery")
    container = await world.content(project, video, content_type="video/mp4", caption="Fresh bread")
    (post_id,) = await world.publish(container, account, youtubePostSettings=options)
    await poll_once(worker_world.worker)
    post = await world.post(post_id)
    assert post["status"] == "published", post
    return post_id


async def playlist_of(worker_world: WorkerWorld, handle: str, title: str) -> str:
    """Make a playlist of a channel, and return its id."""
    browser = await worker_world.world.api.anonymous()
    answer = await browser.post("/sandbox/control/playlists", json={"handle": handle, "title": title})
    assert answer.status_code < 300, answer.text
    return str(answer.json()["id"])


async def wanted(worker_world: WorkerWorld, files: MediaHost, picture: bytes, video: bytes) -> Wanted:
    """Publish a video with an extra of each kind, and a second track."""
    playlist = await playlist_of(worker_world, "bakery", "Bread")
    options = {
        "thumbnail": {"url": files.put(picture, "image/jpeg")},
        "playlistIds": [playlist],
        "captions": [
            {"language": "de", "url": files.put(SRT, "text/plain")},
            {"language": "de", "name": "SDH", "url": files.put(VTT, "text/plain")},
        ],
    }
    return Wanted(post_id=await published(worker_world, video, options), playlist=playlist)


async def follow_up(worker_world: WorkerWorld) -> None:
    """Let the follow-ups be due, and do them."""
    await make_due(worker_world)
    await worker_world.worker.work_until_idle()


async def make_due(worker_world: WorkerWorld) -> None:
    """Let the follow-ups be due now, as if the waits after calls without an answer were over."""
    pool = worker_world.world.api.context.pool
    await pool.execute("UPDATE post_follow_ups SET run_at = now() - interval '1 day'")


def outcomes(post: Mapping[str, Any]) -> list[tuple[str, str | None, str]]:
    """Return kind, subject and status of a post's extras."""
    return [(extra["kind"], extra["subject"], extra["status"]) for extra in post["extras"]]


async def on_the_video(worker_world: WorkerWorld) -> tuple[bool, list[str], list[str]]:
    """Return whether the only video has a thumbnail, its playlists, and the languages and names of its captions."""
    (video,) = await worker_world.world.live(platform="youtube")
    captions = [f"{caption['language']} {caption['name']}".strip() for caption in video["captions"]]
    return video["thumbnail"] is not None, [playlist["title"] for playlist in video["playlists"]], sorted(captions)


async def test_extras_are_added_once_the_video_is_live(
    worker_world: WorkerWorld, files: MediaHost, picture: bytes, video: bytes
) -> None:
    """They are pending when the post is published; then each is done, in the post and in the timeline, and on YouTube."""
    scene = await wanted(worker_world, files, picture, video)
    order = [("thumbnail", None), ("playlist", scene.playlist), ("caption", "de"), ("caption", "de SDH")]
    before = await worker_world.world.post(scene.post_id)
    assert outcomes(before) == [(*one, "pending") for one in order]
    assert await on_the_video(worker_world) == (False, [], [])
    await follow_up(worker_world)
    after = await worker_world.world.post(scene.post_id)
    assert outcomes(after) == [(*one, "done") for one in order]
    assert [extra["message"] for extra in after["extras"]] == [
        "The thumbnail is set.",
        f"The video is in the playlist {scene.playlist}.",
        "The video has the captions in de.",
        "The video has the captions in de.",
    ]
    assert await on_the_video(worker_world) == (True, ["Bread"], ["de", "de SDH"])
    assert (await worker_world.events(scene.post_id)).count("extra") == 4
    assert await worker_world.world.api.context.pool.fetchval("SELECT count(*) FROM post_follow_ups") == 0


async def test_one_that_fails_leaves_the_others_alone(
    worker_world: WorkerWorld, files: MediaHost, picture: bytes, video: bytes
) -> None:
    """A refused thumbnail, a playlist of another channel and a page instead of captions fail alone; the post is published."""
    foreign = await playlist_of(worker_world, "another", "Not mine")
    own = await playlist_of(worker_world, "bakery", "Bread")
    await worker_world.world.fault(
        platform="youtube", operation="thumbnails_set", fault="platform_error", value={"code": "invalidImage"}
    )
    options = {
        "thumbnail": {"url": files.put(picture, "image/jpeg")},
        "playlistIds": [foreign, own],
        "captions": [
            {"language": "en", "url": files.put(b"<html>", "text/html")},
            {"language": "fr", "url": f"{files.address}/none.srt"},
            {"language": "de", "url": files.put(SRT, "text/plain")},
        ],
    }
    post_id = await published(worker_world, video, options)
    await follow_up(worker_world)
    post = await worker_world.world.post(post_id)
    assert post["status"] == "published"
    assert [(extra["subject"], extra["status"]) for extra in post["extras"]] == [
        (None, "failed"),
        (foreign, "failed"),
        (own, "done"),
        ("en", "failed"),
        ("fr", "failed"),
        ("de", "done"),
    ]
    says = ("can't read the picture", "not one that this channel can change", "neither an SRT", "answers 404")
    failed = [extra["message"] for extra in post["extras"] if extra["status"] == "failed"]
    assert [text for text, message in zip(says, failed, strict=True) if text not in message] == [], failed
    assert await on_the_video(worker_world) == (False, ["Bread"], ["de"])
    lines = [line["message"] for line in await worker_world.world.timeline(post_id) if line["event"] == "extra"]
    assert len(lines) == 6
    assert lines[0].startswith("The post is live without its thumbnail. YouTube answered (invalidImage, HTTP 400)")


@pytest.mark.exhaustive
@pytest.mark.parametrize(("point", "visits"), sampled(DEATHS, ("after_write", 2)))
async def test_a_killed_worker_repeats_nothing(
    worker_world: WorkerWorld, files: MediaHost, picture: bytes, video: bytes, point: str, visits: int
) -> None:
    """Wherever the worker dies between two extras, the video is once in its playlist and has each track once."""
    scene = await wanted(worker_world, files, picture, video)
    await make_due(worker_world)
    assert await killed_at(worker_world, point, visits=visits)
    for _ in range(3):  # after a call whose answer is not known, the next one looks only when it must have arrived
        await take_over(worker_world)
        await make_due(worker_world)
    await take_over(worker_world)
    post = await worker_world.world.post(scene.post_id)
    assert {status for _, _, status in outcomes(post)} == {"done"}, post["extras"]
    assert await on_the_video(worker_world) == (True, ["Bread"], ["de", "de SDH"])


@pytest.mark.exhaustive
async def test_file_behind_a_private_address(worker_world: WorkerWorld, files: MediaHost, video: bytes) -> None:
    """A name that leads into the own network fails the extra, and the address is not shown."""
    url = files.put(SRT, "text/plain")
    closed = worker_world.settings.model_copy(update={"allow_private_media": False})
    post_id = await published(worker_world, video, {"captions": [{"language": "de", "url": url}]})
    await make_due(worker_world)
    async with open_worker(
        closed, dsn=worker_world.dsn, base_url=worker_world.world.api.base_url, clock=worker_world.clock
    ) as worker:
        await worker.work_until_idle()
    (extra,) = (await worker_world.world.post(post_id))["extras"]
    assert extra["status"] == "failed"
    assert "address that is not public" in extra["message"]
    assert files.fetches(url) == 0
