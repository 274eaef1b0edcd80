"""Thumbnails and posters of content over HTTP: made with the upload or by maintenance, cacheable, never in the way."""

import asyncio
import io
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from presswork.content import previews
from presswork.content.previews import PreviewMaintenance
from presswork.core.errors import MediaUnsupported, Unavailable
from presswork.core.ids import parse_id
from presswork.media.links import PREVIEW_LIFETIME
from presswork.media.pool import MediaPool
from presswork.media.samples import sample_picture, sample_video
from presswork.media.store import MediaStore
from presswork.media.temp_space import TempSpace

_ATTEMPTS = 3


def maintenance(content_client: Any, **changes: Any) -> PreviewMaintenance:
    """Return the maintenance of previews as a worker runs it."""
    context = content_client.api.context
    parts = {
        "store": context.part(MediaStore),
        "media_pool": context.part(MediaPool),
        "temp_space": TempSpace(),
        **changes,
    }
    return PreviewMaintenance(pool=context.pool, **parts)


async def as_before(content_client: Any) -> None:
    """Make the stored media look as a version of Presswork without previews left it."""
    pool = content_client.api.context.pool
    for key in content_client.previews():
        await content_client.api.context.part(MediaStore).delete(key)
    await pool.execute("UPDATE media_assets SET thumbnail_key = NULL, poster_key = NULL")


async def picture_at(content_client: Any, url: str) -> Image.Image:
    """Fetch a preview without a key."""
    served = await (await content_client.api.anonymous()).get(url)
    assert (served.status_code, served.headers["content-type"]) == (200, "image/jpeg"), served.text
    return Image.open(io.BytesIO(served.content))


def urls_of(content: dict[str, Any]) -> list[tuple[str | None, str | None]]:
    """Return the preview links of each media file."""
    return [(item["thumbnailUrl"], item["posterUrl"]) for item in content["media"]]


async def test_media_by_url_has_previews(content_client: Any, files: Any, video: bytes) -> None:
    """A picture has a thumbnail of at most 400 pixels; a video has a thumbnail and a poster, in every response about it."""
    picture = files.put("bread.jpg", sample_picture(1600, 1200))
    slides = (await content_client.upload(picture, picture)).json()
    (thumbnail, poster), second = urls_of(slides)
    assert (poster, second[1]) == (None, None)
    assert thumbnail != second[0]
    assert (await picture_at(content_client, str(thumbnail))).size == (400, 300)
    film = (await content_client.upload(files.put("film.mp4", sample_video(timedelta(seconds=1), 720, 1280)))).json()
    ((thumbnail, poster),) = urls_of(film)
    assert (await picture_at(content_client, str(thumbnail))).size == (225, 400)
    assert (await picture_at(content_client, str(poster))).size == (720, 1280)
    client = content_client.client
    assert urls_of((await client.get(f"/v1/content/{film['id']}")).json()) == urls_of(film)
    listed = (await client.get(f"/v1/projects/{content_client.project_id}/content?order=asc")).json()["items"]
    assert [urls_of(content) for content in listed] == [urls_of(slides), urls_of(film)]
    edited = await client.patch(f"/v1/content/{film['id']}", json={"caption": "Other"})
    assert urls_of(edited.json()) == urls_of(film)


async def test_presigned_uploads_have_previews(content_client: Any, picture: bytes, video: bytes) -> None:
    """They are made when the upload is finalized; before that there are none, also of a canceled upload."""
    item = await content_client.expect(("film.mp4", "video/mp4", video), grouping="per-file")
    await content_client.put(item["files"][0], video)
    waiting = (await content_client.client.get(f"/v1/content/{item['containerId']}")).json()
    assert (urls_of(waiting), content_client.previews()) == ([(None, None)], [])
    done = (await content_client.finalize(item["containerId"])).json()
    ((thumbnail, poster),) = urls_of(done)
    assert (await picture_at(content_client, str(thumbnail))).size == (64, 96)
    assert (await picture_at(content_client, str(poster))).size == (64, 96)
    assert (await content_client.finalize(item["containerId"])).json()["media"] == done["media"]
    assert len(content_client.previews()) == 2


async def test_concurrent_finalizations_leave_one_set_of_previews(content_client: Any, picture: bytes) -> None:
    """Of two calls that read the files, one completes the container; the previews of the other are removed."""
    item = await content_client.expect(("a.jpg", "image/jpeg", picture), ("b.jpg", "image/jpeg", picture))
    for target in item["files"]:
        await content_client.put(target, picture)
    responses = await asyncio.gather(*(content_client.finalize(item["containerId"]) for _ in range(4)))
    assert [response.status_code for response in responses] == [200] * 4
    assert len({str(urls_of(response.json())) for response in responses}) == 1
    assert len(content_client.previews()) == 2
    for thumbnail, _ in urls_of(responses[0].json()):
        await picture_at(content_client, str(thumbnail))


async def test_a_failed_finalization_leaves_no_previews(content_client: Any, picture: bytes) -> None:
    """A broken second file refuses the upload, and the preview of the first is removed."""
    broken = picture[: len(picture) // 2]
    item = await content_client.expect(("a.jpg", "image/jpeg", picture), ("b.jpg", "image/jpeg", broken))
    for target, data in zip(item["files"], (picture, broken), strict=True):
        await content_client.put(target, data)
    assert (await content_client.finalize(item["containerId"])).status_code == 422
    assert content_client.previews() == []


async def test_links_to_previews_are_cached_for_a_day(content_client: Any, files: Any, picture: bytes) -> None:
    """The link stays the same for a day, so that a browser fetches each picture of a list once; it is private."""
    clock = content_client.api.context.clock
    content = (await content_client.upload(files.put("bread.jpg", picture))).json()
    start = clock.now().replace(hour=0, minute=0, second=1, microsecond=0) + timedelta(days=1)
    clock.advance(start - clock.now())

    async def link() -> str:
        read = await content_client.client.get(f"/v1/content/{content['id']}")
        return str(read.json()["media"][0]["thumbnailUrl"])

    first = await link()
    anonymous = await content_client.api.anonymous()
    served = await anonymous.get(first)
    lifetime = PREVIEW_LIFETIME - timedelta(seconds=1)
    assert served.headers["cache-control"] == f"private, max-age={int(lifetime.total_seconds())}, immutable"
    again = await anonymous.get(first, headers={"If-None-Match": served.headers["etag"]})
    assert (again.status_code, again.headers["cache-control"]) == (304, served.headers["cache-control"])
    clock.advance(timedelta(hours=23, minutes=59))
    assert await link() == first
    clock.advance(timedelta(minutes=1))
    later = await link()
    assert later != first
    assert (await anonymous.get(first)).status_code == 200  # a page that was loaded before midnight still shows it
    clock.advance(timedelta(days=1))
    refused = await anonymous.get(first)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize("error", [MediaUnsupported("It crashes."), Unavailable("No process."), OSError(28, "full")])
async def test_an_upload_never_fails_for_its_previews(
    content_client: Any, files: Any, picture: bytes, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without previews the content is complete, both links are null, and maintenance makes them."""

    async def fail(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(MediaPool, "write_previews", fail)
        made = await content_client.upload(files.put("bread.jpg", picture))
        assert (made.status_code, urls_of(made.json())) == (201, [(None, None)])
        item = await content_client.expect(("a.jpg", "image/jpeg", picture), grouping="per-file")
        await content_client.put(item["files"][0], picture)
        done = await content_client.finalize(item["containerId"])
        assert (done.status_code, urls_of(done.json())) == (200, [(None, None)])
    assert await maintenance(content_client).run(now=content_client.api.context.clock.now()) == 2
    for content in (made.json(), done.json()):
        read = (await content_client.client.get(f"/v1/content/{content['id']}")).json()
        await picture_at(content_client, read["media"][0]["thumbnailUrl"])


async def test_an_upload_does_not_wait_long_for_its_previews(
    content_client: Any, files: Any, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While all child processes are busy, content is complete without previews."""

    async def hang(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(previews, "_UPLOAD_WAITS", timedelta(milliseconds=50))
    monkeypatch.setattr(MediaPool, "write_previews", hang)
    made = await content_client.upload(files.put("bread.jpg", picture))
    assert (made.status_code, urls_of(made.json())) == (201, [(None, None)])


@pytest.mark.parametrize("error", [Unavailable("The media store failed."), TimeoutError()])
async def test_half_made_previews_are_removed(
    content_client: Any, files: Any, video: bytes, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store fails, or is too slow, at the poster: the thumbnail is removed, and maintenance makes both."""
    put_file = MediaStore.put_file

    async def fail(store: MediaStore, key: str, path: Any, content_type: str) -> None:
        if key.endswith("-poster"):
            raise error
        await put_file(store, key, path, content_type)

    with monkeypatch.context() as patch:
        patch.setattr(MediaStore, "put_file", fail)
        made = await content_client.upload(files.put("film.mp4", video))
        item = await content_client.expect(("film.mp4", "video/mp4", video), grouping="per-file")
        await content_client.put(item["files"][0], video)
        done = await content_client.finalize(item["containerId"])
    assert (made.status_code, done.status_code, content_client.previews()) == (201, 200, [])
    assert await maintenance(content_client).run(now=content_client.api.context.clock.now()) == 2
    assert len(content_client.previews()) == 4


async def test_maintenance_makes_the_previews_of_older_content(
    content_client: Any, files: Any, picture: bytes, video: bytes
) -> None:
    """Several workers share the files; each gets its previews once, and nothing is left to do."""
    urls = [files.put(f"{number}.jpg", picture) for number in range(3)]
    slides = (await content_client.upload(*urls)).json()
    film = (await content_client.upload(files.put("film.mp4", video))).json()
    await content_client.expect(("a.jpg", "image/jpeg", picture), grouping="per-file")  # waits for its file
    await as_before(content_client)
    now = content_client.api.context.clock.now()
    worker = maintenance(content_client)
    assert sum(await asyncio.gather(*(worker.run(now=now) for _ in range(3)))) == 4
    for content in (slides, film):
        read = (await content_client.client.get(f"/v1/content/{content['id']}")).json()
        for thumbnail, poster in urls_of(read):
            await picture_at(content_client, str(thumbnail))
            assert (poster is not None) == (content is film)
    assert (await worker.run(now=now), len(content_client.previews())) == (0, 5)


async def test_a_file_that_fails_is_not_tried_for_ever(
    content_client: Any, files: Any, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried three times, an hour apart, and does not keep other files from their turn."""
    made = (await content_client.upload(files.put("0.jpg", picture), files.put("1.jpg", picture))).json()
    await as_before(content_client)
    bad = parse_id("ast", made["media"][0]["id"])
    pool, clock = content_client.api.context.pool, content_client.api.context.clock
    bad_key = await pool.fetchval("SELECT object_key FROM media_assets WHERE id = $1", bad)
    await content_client.api.context.part(MediaStore).delete(bad_key)
    reads: list[str] = []
    fetch = MediaStore.get_to_file

    async def counting(store: MediaStore, key: str, path: Any) -> Any:
        reads.append(key)
        return await fetch(store, key, path)

    monkeypatch.setattr(MediaStore, "get_to_file", counting)
    worker = maintenance(content_client)
    assert await worker.run(now=clock.now()) == 1
    for _ in range(_ATTEMPTS + 2):
        assert await worker.run(now=clock.now()) == 0  # not before the hour is over
        clock.advance(timedelta(hours=1))
        assert await worker.run(now=clock.now()) == 0
    assert reads.count(bad_key) == _ATTEMPTS


async def test_a_fault_of_the_store_is_charged_to_no_file(
    content_client: Any, files: Any, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the store is away, a round ends at the first file; however long it is away, the file is tried afterwards."""
    await content_client.upload(files.put("0.jpg", picture), files.put("1.jpg", picture))
    await as_before(content_client)
    clock, calls = content_client.api.context.clock, 0

    async def away(*_: object) -> None:
        nonlocal calls
        calls += 1
        raise Unavailable("The media store failed.")

    worker = maintenance(content_client)
    with monkeypatch.context() as patch:
        patch.setattr(MediaStore, "get_to_file", away)
        for round_number in range(1, 6):
            assert (await worker.run(now=clock.now()), calls) == (0, round_number)
            clock.advance(timedelta(hours=1))
    assert await worker.run(now=clock.now()) == 2


async def test_an_older_process_stores_content_beside_this_version(content_client: Any, picture: bytes) -> None:
    """In a rolling upgrade, a process that knows no previews writes rows; they are read, and maintenance completes them."""
    pool, store = content_client.api.context.pool, content_client.api.context.part(MediaStore)
    item = await content_client.expect(("a.jpg", "image/jpeg", picture), grouping="per-file")
    await content_client.put(item["files"][0], picture)
    probe = await content_client.api.context.part(MediaPool).probe(
        content_client.api.context.settings.data_dir / "media" / content_client.originals()[0]
    )
    await pool.execute(  # what finalizing did before there were previews
        "UPDATE media_assets SET content_type = $1, sha256 = $2, width = $3, height = $4, probe = '{}', verified_at = $5",
        probe.content_type.value,
        probe.sha256,
        probe.width,
        probe.height,
        content_client.api.context.clock.now(),
    )
    await pool.execute("UPDATE content_containers SET status = 'completed'")
    path = f"/v1/content/{item['containerId']}"
    assert urls_of((await content_client.client.get(path)).json()) == [(None, None)]
    assert await maintenance(content_client, store=store).run(now=content_client.api.context.clock.now()) == 1
    ((thumbnail, _),) = urls_of((await content_client.client.get(path)).json())
    await picture_at(content_client, str(thumbnail))
