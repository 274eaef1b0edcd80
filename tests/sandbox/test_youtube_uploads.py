"""Resumable uploads: sessions, blocks of 256 KiB, answers of 308, interruptions, and what the server refuses."""

import asyncio
import hashlib
import json
import socket
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from tests.every_row import every_row
from tests.sandbox.running_sandbox import RunningSandbox, Sandboxes, clip, polls
from tests.sandbox.youtube import BLOCK, YouTube, reason_of, video

DAY = 86_400
PATHS = ("upload/youtube/v3/videos", "resumable/upload/youtube/v3/videos")


@pytest.fixture
async def youtube(sandbox: RunningSandbox) -> YouTube:
    """A client of the fake YouTube that is logged in."""
    youtube = YouTube(sandbox)
    await youtube.login()
    return youtube


@pytest.fixture(scope="session")
def film() -> bytes:
    """A video of some blocks: a padded clip, as an MP4 may end with free space."""
    data = clip()
    pad = 3 * BLOCK + 1000 - len(data)
    return data + pad.to_bytes(4, "big") + b"free" + bytes(pad - 8)


def stored(range_header: str | None) -> int:
    """Return how many bytes a Range header says are stored."""
    return 0 if range_header is None else int(range_header.removeprefix("bytes=0-")) + 1


@pytest.mark.parametrize("host", ["www.googleapis.com", "youtube.googleapis.com"])
@pytest.mark.parametrize("path", PATHS)
async def test_a_session_has_an_address_at_the_host_that_was_called(youtube: YouTube, host: str, path: str) -> None:
    """Location is absolute, below /sandbox/<host>, with the query and an upload_id; nothing can be seen yet."""
    youtube.host = host
    answer = await youtube.call("POST", path, video(), uploadType="resumable", part="snippet,status")
    location = answer.headers["location"]
    assert location.startswith(f"{youtube.sandbox.address}/sandbox/{host}/{path}?")
    assert "uploadType=resumable" in location
    assert "upload_id=" in location
    assert youtube.token not in location
    assert await youtube.sandbox.items("posts") == []


async def test_an_upload_in_chunks(youtube: YouTube, film: bytes) -> None:
    """Each chunk is answered 308 with the range so far, the last one 201 with the video, and a later question 200."""
    size, url = len(film), await youtube.session(len(film))
    first = await youtube.put(url, film[:BLOCK], f"0-{BLOCK - 1}/{size}")
    assert (first.status_code, first.headers["range"], first.content) == (308, f"bytes=0-{BLOCK - 1}", b"")
    second = await youtube.put(url, film[BLOCK : 3 * BLOCK], f"{BLOCK}-{3 * BLOCK - 1}/{size}")
    assert second.headers["range"] == f"bytes=0-{3 * BLOCK - 1}"
    last = await youtube.put(url, film[3 * BLOCK :], f"{3 * BLOCK}-{size - 1}/{size}")
    made = last.json()
    assert (last.status_code, made["kind"], made["status"]["uploadStatus"]) == (201, "youtube#video", "uploaded")
    assert len(made["id"]) == 11
    later = await youtube.probe(url, size)
    assert (later.status_code, later.json()) == (200, made)
    [post] = await youtube.sandbox.items("posts")
    assert (post["externalId"], post["kind"], post["privacy"]) == (made["id"], "youtube_video", "private")
    assert post["params"]["status"]["privacyStatus"] == "private"


async def test_a_question_how_far_an_upload_is(youtube: YouTube, film: bytes) -> None:
    """A question is answered 308, without a Range while nothing is stored."""
    size, url = len(film), await youtube.session(len(film))
    empty = await youtube.probe(url, size)
    assert (empty.status_code, "range" in empty.headers) == (308, False)
    await youtube.put(url, film[:BLOCK], f"0-{BLOCK - 1}/{size}")
    assert (await youtube.probe(url, size)).headers["range"] == f"bytes=0-{BLOCK - 1}"
    assert (await youtube.put(url, b"", "*/*")).headers["range"] == f"bytes=0-{BLOCK - 1}"


async def test_one_session_is_one_video(youtube: YouTube, film: bytes) -> None:
    """Sending everything again to a session that is complete answers the same video."""
    size, url = len(film), await youtube.session(len(film))
    made = (await youtube.put(url, film, f"0-{size - 1}/{size}")).json()
    again = await youtube.put(url, film, f"0-{size - 1}/{size}")
    assert (again.status_code, again.json()["id"]) == (200, made["id"])
    twins = await asyncio.gather(*(youtube.put(url, film, None) for _ in range(4)))
    assert {answer.json()["id"] for answer in twins} == {made["id"]}
    assert len(await youtube.sandbox.items("posts")) == 1


async def test_the_whole_file_without_a_range(youtube: YouTube, film: bytes) -> None:
    """One PUT without Content-Range is the whole file, and concurrent ones make one video."""
    url = await youtube.session(None)
    answers = await asyncio.gather(*(youtube.put(url, film, None) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 201]
    assert len(await youtube.sandbox.items("posts")) == 1


async def test_a_size_that_is_not_known_before_the_end(youtube: YouTube, film: bytes) -> None:
    """With a total of `*`, the last chunk says how long the file is."""
    size, url = len(film), await youtube.session(None)
    answer = await youtube.put(url, film[: 3 * BLOCK], f"0-{3 * BLOCK - 1}/*")
    assert (answer.status_code, answer.headers["range"]) == (308, f"bytes=0-{3 * BLOCK - 1}")
    assert (await youtube.put(url, film[3 * BLOCK :], f"{3 * BLOCK}-{size - 1}/{size}")).status_code == 201


async def test_a_chunk_that_is_no_multiple_of_a_block_is_kept_in_part(youtube: YouTube, film: bytes) -> None:
    """The range of the answer is shorter than the chunk; a client that goes on after its own count is refused."""
    size, url = len(film), await youtube.session(len(film))
    answer = await youtube.put(url, film[: BLOCK + 5], f"0-{BLOCK + 4}/{size}")
    assert (answer.status_code, answer.headers["range"]) == (308, f"bytes=0-{BLOCK - 1}")
    bad = await youtube.put(url, film[BLOCK + 5 :], f"{BLOCK + 5}-{size - 1}/{size}")
    assert (bad.status_code, "exceeds already uploaded size" in bad.text) == (400, True)
    assert (await youtube.put(url, film[BLOCK:], f"{BLOCK}-{size - 1}/{size}")).status_code == 201


async def test_the_server_may_keep_less_than_it_got(youtube: YouTube, film: bytes) -> None:
    """With keptBytes, each answer's range decides where the next chunk begins, also after the last one was sent."""
    await youtube.settings(keptBytes=BLOCK)
    size, url, begin, answers = len(film), await youtube.session(len(film)), 0, []
    for _ in range(4):
        answer = await youtube.put(url, film[begin:], f"{begin}-{size - 1}/{size}")
        answers.append((answer.status_code, begin := stored(answer.headers.get("range"))))
    assert answers == [(308, BLOCK), (308, 2 * BLOCK), (308, 3 * BLOCK), (201, 0)]
    [post] = await youtube.sandbox.items("posts")
    [whole] = post["media"]
    await youtube.settings(keptBytes=None)
    assert (await youtube.upload(film))["id"] != post["externalId"]
    assert [other["media"] for other in await youtube.sandbox.items("posts")] == [[whole], [whole]]


async def test_bytes_that_are_sent_twice(youtube: YouTube, film: bytes) -> None:
    """A chunk that begins before what is stored is accepted, and the file is right."""
    size, url = len(film), await youtube.session(len(film))
    await youtube.put(url, film[: 2 * BLOCK], f"0-{2 * BLOCK - 1}/{size}")
    assert (await youtube.put(url, film[BLOCK:], f"{BLOCK}-{size - 1}/{size}")).status_code == 201
    await youtube.upload(film)
    first, second = await youtube.sandbox.items("posts")
    assert first["media"] == second["media"]


async def test_a_connection_that_breaks_in_a_chunk(youtube: YouTube, film: bytes) -> None:
    """What arrived before the connection broke is kept up to the last block."""
    size, url = len(film), await youtube.session(len(film))
    parts = urlsplit(url)
    head = (
        f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: {size}\r\n"
        f"Content-Range: bytes 0-{size - 1}/{size}\r\n\r\n"
    )
    with socket.create_connection((parts.hostname or "", parts.port or 0)) as connection:
        await asyncio.to_thread(connection.sendall, head.encode() + film[: BLOCK + 70_000])
    answer = await youtube.probe(url, size)
    async for _ in polls():
        answer = await youtube.probe(url, size)
        if "range" in answer.headers:
            break
    assert answer.headers["range"] == f"bytes=0-{BLOCK - 1}"
    assert (await youtube.put(url, film[BLOCK:], f"{BLOCK}-{size - 1}/{size}")).status_code == 201


async def test_chunks_that_are_refused(youtube: YouTube, film: bytes) -> None:
    """A chunk that is too small, at a wrong place or of another file is refused with 400, and nothing is stored."""
    rows: list[tuple[int, int, int | None, str]] = [
        (0, 1000, None, "required to be equal or greater than 262144"),
        (BLOCK, 2 * BLOCK, None, "exceeds already uploaded size of 0"),
        (0, BLOCK, 2 * BLOCK, "does not match the expected size"),
        (0, BLOCK, 10, "does not match the expected size"),
    ]
    with every_row() as row:
        for first, end, total, words in rows:
            with row(first, end, total, words):
                size, url = len(film), await youtube.session(len(film))
                answer = await youtube.put(url, film[first:end], f"{first}-{end - 1}/{total or size}")
                assert (answer.status_code, words in answer.text) == (400, True), answer.text
                assert "range" not in (await youtube.probe(url, size)).headers


async def test_headers_that_contradict_each_other(youtube: YouTube) -> None:
    """A range that can't be read, or with another length than the body, is refused."""
    rows: list[str] = ["0-9", "9-0/10", "0-10/10", "x-y/10"]
    with every_row() as row:
        for span in rows:
            with row(span):
                url = await youtube.session(10)
                assert (await youtube.put(url, b"0123456789", span)).status_code == 400
                other = await youtube.session(10)
                assert (await youtube.put(other, b"01234", "0-9/10")).status_code == 400


async def test_a_session_ends_after_a_week_or_when_it_is_canceled(youtube: YouTube, film: bytes) -> None:
    """An old session, a canceled one and an unknown one answer 404; a finished one answers its video until then."""
    size, open_url, done_url = len(film), await youtube.session(len(film)), await youtube.session(len(film))
    await youtube.put(done_url, film, None)
    await youtube.sandbox.advance(7 * DAY - 10)
    assert (await youtube.probe(open_url, size)).status_code == 308
    assert (await youtube.probe(done_url, size)).status_code == 200
    await youtube.sandbox.advance(11)
    assert (await youtube.probe(open_url, size)).status_code == 404
    assert (await youtube.put(open_url, film, None)).status_code == 404
    assert (await youtube.probe(done_url, size)).status_code == 404
    await youtube.login()
    url = await youtube.session(size)
    assert (await youtube.sandbox.http.delete(url)).status_code == 499
    assert (await youtube.put(url, film, None)).status_code == 404
    assert (await youtube.probe(url.rpartition("=")[0] + "=none", size)).status_code == 404


async def test_a_token_that_comes_along_must_be_valid(youtube: YouTube, film: bytes) -> None:
    """The address of a session is enough; a dead token beside it is refused, and the session goes on with another one."""
    size, url = len(film), await youtube.session(len(film))
    headers = {"content-range": f"bytes 0-{size - 1}/{size}", "authorization": f"Bearer {youtube.token}"}
    await youtube.sandbox.advance(3600)
    answer = await youtube.sandbox.http.put(url, content=film, headers=headers)
    assert reason_of(answer) == (401, "authError")
    headers["authorization"] = f"Bearer {(await youtube.refresh()).json()['access_token']}"
    assert (await youtube.sandbox.http.put(url, content=film, headers=headers)).status_code == 201


@pytest.mark.parametrize("fault", ["drop_before_effect", "drop_after_effect"])
async def test_the_last_chunk_and_then_the_line_is_cut(youtube: YouTube, film: bytes, fault: str) -> None:
    """The session says whether the video exists: 308 where the chunk was lost, the video where only the answer was."""
    size, url = len(film), await youtube.session(len(film))
    await youtube.put(url, film[:BLOCK], f"0-{BLOCK - 1}/{size}")
    await youtube.sandbox.fault("youtube", "upload", fault)
    with pytest.raises(httpx2.TransportError):
        await youtube.put(url, film[BLOCK:], f"{BLOCK}-{size - 1}/{size}")
    answer = await youtube.probe(url, size)
    posts = await youtube.sandbox.items("posts")
    if fault == "drop_before_effect":
        assert (answer.status_code, answer.headers["range"], posts) == (308, f"bytes=0-{BLOCK - 1}", [])
    else:
        assert (answer.status_code, [answer.json()["id"]]) == (200, [post["externalId"] for post in posts])


async def test_an_upload_survives_a_restart(sandboxes: Sandboxes, tmp_path: Path, film: bytes) -> None:
    """A session goes on after the sandbox was stopped and started again."""
    state_file, size = tmp_path / "restarted.sqlite3", len(film)
    first = YouTube(await sandboxes.start(state_file))
    await first.login()
    url = await first.session(size)
    await first.put(url, film[:BLOCK], f"0-{BLOCK - 1}/{size}")
    await sandboxes.stop(first.sandbox)
    second = YouTube(await sandboxes.start(state_file))
    url = url.replace(first.sandbox.address, second.sandbox.address)
    assert (await second.probe(url, size)).headers["range"] == f"bytes=0-{BLOCK - 1}"
    assert (await second.put(url, film[BLOCK:], f"{BLOCK}-{size - 1}/{size}")).status_code == 201


async def test_videos_that_are_refused(youtube: YouTube) -> None:
    """What the documentation forbids is refused when the session would begin, with the field that is wrong."""
    rows: list[tuple[object, str]] = [
        (video(""), "invalidTitle"),
        (video("x" * 101), "invalidTitle"),
        (video("a < b"), "invalidTitle"),
        (video(description="ü" * 2501), "invalidDescription"),
        (video(description="<b>"), "invalidDescription"),
        (video(tags=["a b"] * 84), "invalidTags"),
        (video(tags=["<"]), "invalidTags"),
        (video(categoryId="18"), "invalidCategoryId"),
        (video(privacy="friends"), "badRequest"),
        ({"snippet": {"title": 5}}, "badRequest"),
        ({"snippet": {"title": "a", "colour": "red"}}, "badRequest"),
        ({"snippet": {"title": "a"}, "status": {"publishAt": "2030-01-01T00:00:00Z"}}, "invalidPublishAt"),
        (
            {"snippet": {"title": "a"}, "status": {"privacyStatus": "private", "publishAt": "soon"}},
            "invalidPublishAt",
        ),
        ({}, "invalidTitle"),
    ]
    with every_row() as row:
        for body, reason in rows:
            with row(body, reason):
                answer = await youtube.start(10, body)
                assert reason_of(answer) == (400, reason)
                assert "location" not in answer.headers


async def test_videos_at_the_limit(youtube: YouTube) -> None:
    """Limits are inclusive, and fields that only the server sets are ignored."""
    rows: list[object] = [
        video("x" * 100),
        video(description="ü" * 2500),
        video(tags=["a b"] * 83 + ["c"]),
        video(tags=["x" * 500]),
        video(categoryId="28", defaultLanguage="en"),
        {"snippet": {"title": "a", "thumbnails": {}, "channelId": "UC"}, "status": {"uploadStatus": "x"}},
    ]
    with every_row() as row:
        for body in rows:
            with row(body):
                assert (await youtube.start(10, body)).status_code == 200


async def test_parts_and_types_that_are_refused(youtube: YouTube) -> None:
    """No part, an unknown part, a body with a part that is not named, another upload type, another media type, no JSON."""
    for query, reason in (
        ({"part": ""}, "missingRequiredParameter"),
        ({"part": "snippet,colour"}, "unknownPart"),
        ({"part": "snippet"}, "unexpectedPart"),
        ({"uploadType": "none"}, "mediaBodyRequired"),
    ):
        assert reason_of(await youtube.start(10, **query)) == (400, reason)
    path, query = PATHS[0], {"uploadType": "resumable", "part": "snippet,status"}
    picture = await youtube.request("POST", path, video(), {"x-upload-content-type": "image/jpeg"}, query)
    assert reason_of(picture) == (400, "badContent")
    large = await youtube.request("POST", path, video(), {"x-upload-content-length": str(2**39)}, query)
    assert reason_of(large) == (413, "uploadTooLarge")
    assert reason_of(await youtube.call("POST", path, ["no", "object"], **query)) == (400, "parseError")
    assert reason_of(await youtube.call("POST", "youtube/v3/videos", video(), part="snippet,status"))[0] == 400


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
async def test_an_upload_in_one_multipart_request(youtube: YouTube, film: bytes, line_end: bytes) -> None:
    """The parts of the video come before its bytes, which may end in anything; what is malformed is refused."""
    film += b"\r\n--x\r\n"
    head = [b"--x", b"content-type: application/json", b"", json.dumps(video("In one")).encode(), b"--x"]
    whole = line_end.join([*head, b"Content-Type: video/mp4", b"", film, b"--x--", b""])
    url = f"/sandbox/www.googleapis.com/{PATHS[0]}"
    query = {"uploadType": "multipart", "part": "snippet,status"}
    headers = {"authorization": f"Bearer {youtube.token}", "content-type": 'multipart/related; boundary="x"'}
    answer = await youtube.sandbox.http.post(url, params=query, content=whole, headers=headers)
    assert (answer.status_code, answer.json()["snippet"]["title"]) == (200, "In one"), answer.text
    [post] = await youtube.sandbox.items("posts")
    assert post["media"][0]["sha256"] == hashlib.sha256(film).hexdigest()
    for bad in (whole[: len(whole) // 2], whole.replace(b"{", b"", 1), b"", whole.replace(b"video/mp4", b"image/gif")):
        answer = await youtube.sandbox.http.post(url, params=query, content=bad, headers=headers)
        assert answer.status_code == 400, answer.text
    assert len(await youtube.sandbox.items("posts")) == 1


async def test_an_upload_of_bytes_alone(youtube: YouTube, film: bytes) -> None:
    """With uploadType=media there is nothing but the file: the video has a title of YouTube's, and is public."""
    url = f"/sandbox/www.googleapis.com/{PATHS[0]}"
    query = {"uploadType": "media", "part": "snippet,status"}
    headers = {"authorization": f"Bearer {youtube.token}", "content-type": "video/mp4"}
    made = (await youtube.sandbox.http.post(url, params=query, content=film, headers=headers)).json()
    assert (made["snippet"]["title"], made["status"]["privacyStatus"]) == ("unknown", "public")


async def test_a_channel_has_a_limit_of_its_own(youtube: YouTube, film: bytes) -> None:
    """Once a channel's uploads of 24 hours are used up, it gets uploadLimitExceeded; a deleted video counts too."""
    await youtube.sandbox.account("youtube", "lens", quotaTotal=2)
    made = await youtube.upload(film)
    await youtube.upload(film)
    await youtube.call("DELETE", "youtube/v3/videos", id=made["id"])
    assert reason_of(await youtube.start(10)) == (400, "uploadLimitExceeded")
    await youtube.sandbox.advance(DAY)
    await youtube.login()
    assert (await youtube.start(10)).status_code == 200
