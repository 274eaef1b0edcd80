"""The export of posts: every post that matches in one file, which ends only when it is complete."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import httpx2
import pytest
from tests.clocks import MovableClock
from tests.posts.conftest import ReadyProject, bare
from tests.posts.test_lists import insert_posts
from tests.posts.test_overview import listed

from presswork.posts import export
from presswork.posts.export import COLUMNS, defuse
from presswork.posts.search import read_documents

_PATH: Final = "/v1/scheduled-posts/export"


async def rows_of(client: httpx2.AsyncClient, **query: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    answer = await client.get(_PATH, params={"format": "csv", **query})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="posts.csv"'
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


async def ten_posts(ready_project: ReadyProject, clock: MovableClock) -> Sequence[str]:
    """Insert posts of ten hours."""
    return await insert_posts(ready_project, *(clock.now() + timedelta(hours=hour) for hour in range(1, 11)))


async def test_every_post_that_matches_is_written_once(
    ready_project: ReadyProject, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the filters and the order of the list, over many pages, in both formats; an empty result is a file too."""
    monkeypatch.setattr(export, "_PAGE", 3)
    posts = await ten_posts(ready_project, clock)
    client = ready_project.client
    await ready_project.change("scheduled_posts", posts[0], status="failed")
    assert [row["id"] for row in await rows_of(client, order="asc")] == list(posts)
    for query in ({}, {"status": "queued"}, {"q": "hello", "order": "asc"}, {"projectId": ready_project.project}):
        assert [row["id"] for row in await rows_of(client, **query)] == await listed(client, **query)
    answer = await client.get(_PATH, params={"format": "jsonl", "status": "queued"})
    assert answer.headers["content-type"] == "application/x-ndjson"
    items = (await client.get("/v1/scheduled-posts", params={"status": "queued"})).json()["items"]
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert lines == [{name: value for name, value in item.items() if name != "thumbnailUrl"} for item in items]
    for project in (f"prj_{bare(posts[0])}", ready_project.project):
        assert await rows_of(client, projectId=project, status="draft") == []
    assert (await client.get(_PATH, params={"format": "csv", "status": "draft"})).text == ",".join(COLUMNS) + "\r\n"
    for wrong in ({"format": "xls"}, {"format": "csv", "limit": "1"}, {"format": "csv", "environment": "live"}):
        assert (await client.get(_PATH, params=wrong)).status_code == 422, wrong
    stranger = await ready_project.world.api.client(organization="Strangers")
    for query in ({}, {"projectId": ready_project.project}, {"socialAccountId": ready_project.tiktok}):
        assert await rows_of(stranger, **query) == []


async def test_no_cell_is_a_formula(ready_project: ReadyProject, clock: MovableClock) -> None:
    """What a spreadsheet would compute is text there, and JSON lines have it as it is."""
    (post,) = await insert_posts(ready_project, clock.now() + timedelta(hours=1))
    texts = ("=1+1", "+1", "-1", "@sum", "\tx", "\rx", 'a "quoted", text\nof two lines', "=cmd|'/C calc'!A0")
    for text in texts:
        await ready_project.change("scheduled_posts", post, caption_override=text)
        (row,) = await rows_of(ready_project.client)
        assert row["caption"] == defuse(text)
        assert row["caption"][0] not in "=+-@\t\r"
        line = await ready_project.client.get(_PATH, params={"format": "jsonl"})
        assert json.loads(line.text)["captionOverride"] == text
    error = {"code": "PLATFORM_UNAVAILABLE", "message": "=HYPERLINK()", "platformCode": None}
    await ready_project.change("scheduled_posts", post, last_error=json.dumps(error))
    (row,) = await rows_of(ready_project.client)
    assert (row["errorCode"], row["errorMessage"], row["handle"]) == ("PLATFORM_UNAVAILABLE", "'=HYPERLINK()", "brand")


async def test_a_file_that_is_cut_off_does_not_look_complete(
    ready_project: ReadyProject, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error on a later page ends the connection without the end of the transfer; on the first one it is a 503."""
    monkeypatch.setattr(export, "_PAGE", 3)
    await ten_posts(ready_project, clock)
    read, pages = read_documents, 0

    async def fail(*arguments: Any, **options: Any) -> Any:  # Any: as the function declares them
        nonlocal pages
        pages += 1
        if pages > allowed:
            raise ConnectionResetError("the database went away")
        return await read(*arguments, **options)

    monkeypatch.setattr(export, "read_documents", fail)
    allowed = 2
    received = b""
    with pytest.raises(httpx2.RemoteProtocolError):  # noqa: PT012  what arrives before counts
        async with ready_project.client.stream("GET", _PATH, params={"format": "csv"}) as answer:
            assert answer.status_code == 200
            async for chunk in answer.aiter_bytes():
                received += chunk
    assert received.count(b"\r\n") <= 7
    pages, allowed = 0, 0
    refused = await ready_project.client.get(_PATH, params={"format": "csv"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "UNAVAILABLE")


@pytest.mark.exhaustive
async def test_pages_are_read_as_fast_as_the_client_reads_and_no_longer_than_it_stays(
    ready_project: ReadyProject, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that leaves after the first bytes ends the reading, long before the last page."""
    monkeypatch.setattr(export, "_PAGE", 1)
    posts = await ten_posts(ready_project, clock)
    await ready_project.pool.execute("UPDATE scheduled_posts SET caption_override = repeat('x', 2000000)")
    read, pages = read_documents, 0

    async def count(*arguments: Any, **options: Any) -> Any:  # Any: as the function declares them
        nonlocal pages
        pages += 1
        return await read(*arguments, **options)

    monkeypatch.setattr(export, "read_documents", count)
    async with ready_project.client.stream("GET", _PATH, params={"format": "jsonl"}) as answer:
        await anext(answer.aiter_bytes())
    assert 0 < pages < len(posts)
    before = pages
    await listed(ready_project.client)  # another call, during which nothing more is read
    assert pages == before
