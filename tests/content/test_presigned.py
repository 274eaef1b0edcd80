"""Presigned uploads over HTTP: declaring files, uploading them, completing the container."""

import asyncio
import contextlib
import resource
import sys
import tempfile
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.content.conftest import issues_of
from tests.media.pdfs import pdf

from presswork.content.model import MOVES, ContainerStatus
from presswork.content.sweep import sweep_uploads
from presswork.media.store import MediaStore

JPEG, PNG, MP4, PDF = "image/jpeg", "image/png", "video/mp4", "application/pdf"


def refusal(response: Any) -> tuple[int, str, Any]:
    """Return status, code and the place that a refusal is about."""
    error = response.json()["error"]
    return response.status_code, error["code"], error.get("details", {}).get("path")


async def test_per_file_creates_one_container_per_file(
    content_client: Any, clock: Any, picture: bytes, video: bytes
) -> None:
    """Declared, uploaded and finalized, an image and a video are two completed containers."""
    opened = await content_client.open(("a.jpg", JPEG, len(picture)), ("b.mp4", MP4, len(video)))
    assert opened.status_code == 201, opened.text
    items = opened.json()["items"]
    for item, name, kind in zip(items, ("a.jpg", "b.mp4"), (JPEG, MP4), strict=True):
        target = item["files"][0]
        assert target == {
            "filename": name,
            "uploadUrl": target["uploadUrl"],
            "method": "PUT",
            "headers": {"Content-Type": kind},
            "expiresAt": (clock.now() + timedelta(hours=24)).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
    waiting = (await content_client.client.get(f"/v1/content/{items[0]['containerId']}")).json()
    assert (waiting["status"], waiting["mediaType"], waiting["caption"]) == ("queued", "image", "")
    expected = {"contentType": JPEG, "sizeBytes": len(picture), "sha256": None, "width": None, "url": None}
    assert {name: waiting["media"][0][name] for name in expected} == expected
    for item, data, media_type in zip(items, (picture, video), ("image", "video"), strict=True):
        assert (await content_client.put(item["files"][0], data)).status_code == 204
        done = await content_client.finalize(item["containerId"], firstComment="First!")
        assert done.status_code == 200, done.text
        content = done.json()
        assert (content["status"], content["mediaType"], content["caption"]) == ("completed", media_type, "Done")
        assert content["firstComment"] == "First!"
        assert content["media"][0]["sha256"] == sha256(data).hexdigest()
        served = await (await content_client.api.anonymous()).get(content["media"][0]["url"])
        assert served.content == data


async def test_a_slideshow_is_one_container_in_order(content_client: Any, picture: bytes, png: bytes) -> None:
    """The files are one container in the declared order, whatever the order of the uploads; their bytes decide the type."""
    item = await content_client.expect(("1.png", PNG, png), ("2.jpg", JPEG, picture), ("3.jpg", JPEG, png))
    for place, data in ((2, png), (0, png), (1, picture)):
        assert (await content_client.put(item["files"][place], data)).status_code == 204
    content = (await content_client.finalize(item["containerId"])).json()
    assert content["mediaType"] == "multi"
    assert [(media["filename"], media["contentType"]) for media in content["media"]] == [
        ("1.png", PNG),
        ("2.jpg", JPEG),
        ("3.jpg", PNG),
    ]


async def test_declarations_are_validated(content_client: Any) -> None:
    """Types, sizes, names and groupings that are not allowed are issues at their own paths, all at once."""
    big_picture, big_video = 30 * 1024 * 1024, 1024**3
    assert (await content_client.open(("a.jpg", JPEG, big_picture), ("b.mp4", MP4, big_video))).status_code == 201
    response = await content_client.open(
        ("a.gif", "image/gif", 5),
        ("b.jpg", JPEG, big_picture + 1),
        ("c.mov", "video/quicktime", 10 * big_video + 1),
        ("", PNG, 0),
    )
    assert issues_of(response) == [
        "files[0].contentType",
        "files[1].sizeBytes",
        "files[2].sizeBytes",
        "files[3].filename",
        "files[3].sizeBytes",
    ]
    assert issues_of(await content_client.open(("a.jpg", JPEG, 5), ("b.mov", "video/quicktime", big_video + 1))) == [
        "files[1].sizeBytes"
    ]
    assert issues_of(await content_client.open(("a.jpg", JPEG, 5), ("b.pdf", PDF, 5), grouping="slideshow")) == [
        "files[1].contentType"
    ]
    assert issues_of(await content_client.open(("a.pdf", PDF, 5), grouping="slideshow")) == [
        "files",
        "files[0].contentType",
    ]
    many = [("a.jpg", JPEG, 5)] * 20
    assert issues_of(await content_client.open(*many, ("b.mp4", MP4, 5), grouping="slideshow")) == ["files"]
    assert issues_of(await content_client.open(("a.jpg", JPEG, 5), grouping="both")) == ["grouping"]
    assert issues_of(await content_client.open()) == ["files"]
    assert issues_of(await content_client.open(*[("a.jpg", JPEG, 5)] * 36)) == ["files"]
    assert issues_of(await content_client.open(("a\x00.jpg", JPEG, "5"))) == ["files[0].filename", "files[0].sizeBytes"]
    assert await content_client.count("content_containers") == 2


async def test_declaring_files_is_idempotent(content_client: Any) -> None:
    """Concurrent calls with one key get the same URLs of the same containers."""
    responses = await asyncio.gather(
        *(content_client.open(("a.jpg", JPEG, 5), ("b.jpg", JPEG, 5), key="k") for _ in range(4))
    )
    assert len({response.content for response in responses}) == 1
    assert await content_client.count("content_containers") == 2
    assert refusal(await content_client.open(("c.jpg", JPEG, 5), key="k"))[:2] == (409, "IDEMPOTENCY_CONFLICT")


async def test_the_urls_of_a_stored_reply_work(content_client: Any, clock: Any, picture: bytes) -> None:
    """An interrupted upload that is repeated with its key hours later gets the first URLs, and they are still valid."""
    declared = ("a.jpg", JPEG, len(picture))
    first = await content_client.open(declared, key="k")
    clock.advance(timedelta(hours=23, minutes=59))
    again = await content_client.open(declared, key="k")
    assert again.content == first.content
    (item,) = again.json()["items"]
    assert (await content_client.put(item["files"][0], picture)).status_code == 204
    assert (await content_client.finalize(item["containerId"], key="k")).status_code == 200


async def test_a_changed_or_expired_url_is_refused(content_client: Any, clock: Any, picture: bytes) -> None:
    """Another file's id, a changed expiry or signature, another method and a late upload are refused; nothing is stored."""
    one = (await content_client.expect(("a.jpg", JPEG, picture), ("b.jpg", JPEG, picture)))["files"]
    url, other = one[0]["uploadUrl"], one[1]["uploadUrl"]
    anonymous = await content_client.api.anonymous()
    forged = [
        url.partition("?")[0],
        f"{other.partition('?')[0]}?{url.partition('?')[2]}",
        url.replace("expires=", "expires=9"),
        url[:-1] + ("A" if url[-1] != "A" else "B"),
        f"{url}&x=1",
    ]
    for bad in forged:
        response = await anonymous.put(bad, content=picture, headers=one[0]["headers"])
        assert refusal(response)[:2] == (401, "UNAUTHENTICATED"), bad
    assert refusal(await anonymous.get(url))[:2] == (405, "METHOD_NOT_ALLOWED")
    assert refusal(await anonymous.post(url, content=picture))[:2] == (405, "METHOD_NOT_ALLOWED")
    assert refusal(await anonymous.put("/uploads/nonsense", content=picture))[:2] == (404, "NOT_FOUND")
    clock.advance(timedelta(hours=24))
    assert refusal(await content_client.put(one[0], picture))[:2] == (401, "UNAUTHENTICATED")
    assert content_client.stored() == []


@pytest.mark.exhaustive
async def test_size_and_type_must_be_as_declared(content_client: Any, picture: bytes) -> None:
    """A longer body is aborted, with a length or chunked; a shorter one and another type are refused; nothing is stored."""
    item = await content_client.expect(("a.jpg", JPEG, picture), ("b.jpg", JPEG, picture))
    target = item["files"][0]
    anonymous = await content_client.api.anonymous()

    async def untold(times: int) -> AsyncIterator[bytes]:
        for _ in range(times):
            yield picture

    assert refusal(await content_client.put(target, picture + b"x"))[:2] == (413, "PAYLOAD_TOO_LARGE")
    chunked = await anonymous.put(target["uploadUrl"], content=untold(2), headers=target["headers"])
    assert refusal(chunked)[:2] == (413, "PAYLOAD_TOO_LARGE")
    with contextlib.suppress(httpx2.NetworkError):  # the server closes the connection, which can lose the response
        endless = await anonymous.put(target["uploadUrl"], content=untold(sys.maxsize), headers=target["headers"])
        assert endless.status_code == 413
    short = await content_client.put(target, picture[:-1])
    assert refusal(short)[:2] == (422, "VALIDATION")
    assert short.json()["error"]["details"]["receivedBytes"] == len(picture) - 1
    assert refusal(await content_client.put(target, b""))[:2] == (422, "VALIDATION")
    wrong = await anonymous.put(target["uploadUrl"], content=picture, headers={"Content-Type": PNG})
    assert refusal(wrong)[:2] == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert content_client.stored() == []
    without_type = await anonymous.put(target["uploadUrl"], content=picture)
    assert without_type.status_code == 204
    odd = await anonymous.put(
        item["files"][1]["uploadUrl"], content=picture, headers={"Content-Type": "Image/JPEG; q=1"}
    )
    assert odd.status_code == 204


async def test_large_files_are_accepted(content_client: Any) -> None:
    """The limit of JSON bodies does not apply to files: three megabytes are stored completely."""
    data = bytes(range(256)) * 12 * 1024
    item = await content_client.expect(("a.jpg", JPEG, data), ("b.jpg", JPEG, data))
    assert (await content_client.put(item["files"][0], data)).status_code == 204
    assert await content_client.api.context.part(MediaStore).get_bytes(content_client.originals()[0]) == data


async def test_an_upload_without_disk_space_is_unavailable(content_client: Any) -> None:
    """If temporary files can't be written for lack of space, the answer is 503, not 500, and the same upload succeeds later."""
    data = bytes(range(256)) * 12 * 1024
    item = await content_client.expect(("a.jpg", JPEG, data), ("b.jpg", JPEG, data))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024 * 1024, before[1]))
    try:
        answer = await content_client.put(item["files"][0], data)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert refusal(answer)[:2] == (503, "UNAVAILABLE")
    assert content_client.stored() == []
    assert (await content_client.put(item["files"][0], data)).status_code == 204


async def test_an_aborted_upload_stores_nothing(content_client: Any, picture: bytes) -> None:
    """A connection that breaks in the middle of a file stores nothing, and the file can be uploaded again."""
    item = await content_client.expect(("a.jpg", JPEG, picture), ("b.jpg", JPEG, picture))
    url = item["files"][0]["uploadUrl"]
    host, _, rest = url.removeprefix("http://").partition("/")
    address, _, port = host.partition(":")
    reader, writer = await asyncio.open_connection(address, int(port))
    head = f"PUT /{rest} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(picture)}\r\n\r\n"
    writer.write(head.encode() + picture[: len(picture) // 2])
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert await reader.read() == b""
    assert (await content_client.put(item["files"][0], picture)).status_code == 204
    assert len(content_client.originals()) == 1


async def test_a_file_can_be_uploaded_again_until_it_is_finalized(content_client: Any, picture: bytes) -> None:
    """The last upload replaces the first; once the container is complete, the URL is refused."""
    other = picture[:-2] + b"\xff\xd9"
    first = picture[:-10] + b"0" * 10
    item = (await content_client.open(("a.jpg", JPEG, len(picture)))).json()["items"][0]
    target = item["files"][0]
    for data in (first, first, other):
        assert (await content_client.put(target, data)).status_code == 204
    assert len(content_client.originals()) == 1
    done = (await content_client.finalize(item["containerId"])).json()
    assert done["media"][0]["sha256"] == sha256(other).hexdigest()
    late = await content_client.put(target, picture)
    assert refusal(late)[:2] == (409, "CONFLICT")
    assert late.json()["error"]["details"]["status"] == "completed"
    assert len(content_client.originals()) == 1


async def test_finalizing_without_a_caption_leaves_it_empty(content_client: Any, picture: bytes) -> None:
    """A body without a caption, even an empty one, completes the container with the caption ""."""
    item = await content_client.expect(("a.jpg", JPEG, picture), grouping="per-file")
    await content_client.put(item["files"][0], picture)
    path = f"/v1/content/{item['containerId']}/finalize-upload"
    response = await content_client.client.post(path, json={})
    assert response.status_code == 200, response.text
    assert (response.json()["status"], response.json()["caption"]) == ("completed", "")


async def test_finalizing_names_the_missing_files(content_client: Any, picture: bytes) -> None:
    """Nothing is completed before every file is uploaded, and the response lists the missing ones."""
    item = await content_client.expect(("a.jpg", JPEG, picture), ("b.jpg", JPEG, picture), ("c.jpg", JPEG, picture))
    await content_client.put(item["files"][1], picture)
    response = await content_client.finalize(item["containerId"])
    assert refusal(response)[:2] == (409, "CONFLICT")
    assert response.json()["error"]["details"]["missing"] == ["a.jpg", "c.jpg"]
    assert "a.jpg, c.jpg" in response.json()["error"]["message"]


async def test_a_wrong_file_can_be_replaced(content_client: Any, picture: bytes) -> None:
    """A hostile file is named and the container keeps waiting, also with the same idempotency key."""
    hostile = b"<html>".ljust(len(picture))
    item = await content_client.expect(("a.jpg", JPEG, picture), ("b.jpg", JPEG, picture))
    await content_client.put(item["files"][0], picture)
    await content_client.put(item["files"][1], hostile)
    response = await content_client.finalize(item["containerId"], key="k")
    assert refusal(response) == (422, "MEDIA_UNSUPPORTED", "files[1]")
    assert (await content_client.client.get(f"/v1/content/{item['containerId']}")).json()["status"] == "queued"
    await content_client.put(item["files"][1], picture)
    assert (await content_client.finalize(item["containerId"], key="k")).status_code == 200


async def test_combinations_are_checked_by_the_bytes(content_client: Any, picture: bytes, video: bytes) -> None:
    """A PDF declared as an image makes a slideshow invalid; a video makes it mixed, and a single container a video."""
    paper = pdf(1)
    item = await content_client.expect(("a.jpg", JPEG, picture), ("b.jpg", JPEG, paper))
    await content_client.put(item["files"][0], picture)
    await content_client.put(item["files"][1], paper)
    assert issues_of(await content_client.finalize(item["containerId"])) == ["files"]
    item = await content_client.expect(("a.jpg", JPEG, picture), ("b.mp4", MP4, video))
    await content_client.put(item["files"][0], picture)
    await content_client.put(item["files"][1], video)
    assert (await content_client.finalize(item["containerId"])).json()["mediaType"] == "mixed"
    single = await content_client.expect(("b.jpg", JPEG, video), grouping="per-file")
    await content_client.put(single["files"][0], video)
    content = (await content_client.finalize(single["containerId"])).json()
    assert (content["mediaType"], content["media"][0]["contentType"]) == ("video", MP4)


async def test_a_second_finalize_changes_nothing(content_client: Any, clock: Any, picture: bytes) -> None:
    """Later and with other texts, with a key or without, the response is the unchanged container."""
    item = await content_client.expect(("a.jpg", JPEG, picture), grouping="per-file")
    await content_client.put(item["files"][0], picture)
    first = await content_client.finalize(item["containerId"], key="k")
    clock.advance(timedelta(seconds=5))
    for again in (
        await content_client.finalize(item["containerId"], caption="Other", firstComment="No"),
        await content_client.finalize(item["containerId"], key="other", caption="Other"),
    ):
        assert again.status_code == 200
        assert {**again.json(), "media": None} == {**first.json(), "media": None}
        assert "Idempotent-Replayed" not in again.headers
    replay = await content_client.finalize(item["containerId"], key="k")
    assert replay.content == first.content
    assert refusal(await content_client.finalize(item["containerId"], key="k", caption="Other"))[:2] == (
        409,
        "IDEMPOTENCY_CONFLICT",
    )


async def test_concurrent_finalizing_completes_once(content_client: Any, picture: bytes) -> None:
    """Of several concurrent calls one wins; all return its result."""
    item = await content_client.expect(("a.jpg", JPEG, picture), grouping="per-file")
    await content_client.put(item["files"][0], picture)
    responses = await asyncio.gather(
        *(content_client.finalize(item["containerId"], caption=str(number)) for number in range(4))
    )
    assert {response.status_code for response in responses} == {200}
    assert len({response.json()["caption"] for response in responses}) == 1
    assert len({response.json()["updatedAt"] for response in responses}) == 1


async def test_the_probed_bytes_are_the_stored_bytes(content_client: Any, picture: bytes) -> None:
    """However uploads and finalizing interleave, the stored objects are exactly the probed ones."""
    variants = [picture[:-2] + bytes([number]) * 3 + b"\xff\xd9" for number in range(6)]
    size = len(variants[0])
    for _ in range(3):
        item = (await content_client.open(("a.jpg", JPEG, size))).json()["items"][0]
        await content_client.put(item["files"][0], variants[0])
        responses = await asyncio.gather(
            *(content_client.put(item["files"][0], data) for data in variants[1:4]),
            content_client.finalize(item["containerId"]),
            *(content_client.put(item["files"][0], data) for data in variants[4:]),
        )
        puts = [response.status_code for response in (*responses[:3], *responses[4:])]
        assert set(puts) <= {204, 409}
        assert responses[3].status_code in (200, 409), responses[3].text
        final = await content_client.finalize(item["containerId"])
        media = final.json()["media"][0]
        served = await (await content_client.api.anonymous()).get(media["url"])
        assert sha256(served.content).hexdigest() == media["sha256"]
    assert len(content_client.originals()) == 3


async def test_an_upload_that_ends_after_finalizing_is_refused(
    content_client: Any, picture: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upload that starts before the container is complete and ends after it changes and leaves nothing."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    other = picture[:-3] + b"0" + picture[-2:]
    go_on = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield other[:100]
        await go_on.wait()
        yield other[100:]

    item = (await content_client.open(("a.jpg", JPEG, len(picture)))).json()["items"][0]
    target = item["files"][0]
    await content_client.put(target, picture)
    anonymous = await content_client.api.anonymous()
    overtaken = asyncio.create_task(anonymous.put(target["uploadUrl"], content=slowly(), headers=target["headers"]))
    while not list(scratch.iterdir()):  # until the server has accepted it
        await content_client.count("projects")
    done = (await content_client.finalize(item["containerId"])).json()
    go_on.set()
    assert refusal(await overtaken)[:2] == (409, "CONFLICT")
    served = await (await content_client.api.anonymous()).get(done["media"][0]["url"])
    assert served.content == picture
    assert (len(content_client.originals()), list(scratch.iterdir())) == (1, [])


async def test_an_archived_project_refuses_uploads_and_finalizing(content_client: Any, picture: bytes) -> None:
    """Files declared before can be neither uploaded nor finalized."""
    item = await content_client.expect(("a.jpg", JPEG, picture), grouping="per-file")
    await content_client.put(item["files"][0], picture)
    await content_client.client.patch(f"/v1/projects/{content_client.project_id}", json={"status": "archived"})
    assert refusal(await content_client.put(item["files"][0], picture))[:2] == (409, "CONFLICT")
    assert refusal(await content_client.finalize(item["containerId"]))[:2] == (409, "CONFLICT")


async def test_unfinished_uploads_are_deleted(content_client: Any, clock: Any, picture: bytes) -> None:
    """After 24 hours the container is canceled and its objects are removed; complete and newer ones stay."""
    context = content_client.api.context
    stale = await content_client.expect(("a.jpg", JPEG, picture), ("b.jpg", JPEG, picture))
    done = await content_client.expect(("a.jpg", JPEG, picture), grouping="per-file")
    await content_client.put(stale["files"][0], picture)
    await content_client.put(done["files"][0], picture)
    assert (await content_client.finalize(done["containerId"])).status_code == 200
    clock.advance(timedelta(hours=24))
    young = await content_client.expect(("a.jpg", JPEG, picture), grouping="per-file")
    await content_client.put(young["files"][0], picture)
    assert await sweep_uploads(context.pool, context.part(MediaStore), clock.now()) == 0
    clock.advance(timedelta(seconds=1))
    assert await sweep_uploads(context.pool, context.part(MediaStore), clock.now()) == 1
    assert await sweep_uploads(context.pool, context.part(MediaStore), clock.now()) == 0
    assert len(content_client.originals()) == 2
    assert (await content_client.client.get(f"/v1/content/{stale['containerId']}")).json()["status"] == "canceled"
    response = await content_client.finalize(stale["containerId"])
    assert refusal(response)[:2] == (409, "CONFLICT")
    assert response.json()["error"]["details"]["status"] == "canceled"


@pytest.mark.parametrize("end", [ContainerStatus.COMPLETED, ContainerStatus.CANCELED])
def test_moves_made_in_sql_are_legal(end: ContainerStatus) -> None:
    """The moves of the finalize and sweep statements are allowed by the model."""
    assert end in MOVES[ContainerStatus.QUEUED]
