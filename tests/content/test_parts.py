"""Files that are uploaded in parts: announced, sent in any order, continued, put together, and removed."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest

from presswork.content import assemble
from presswork.content.intake import Intake
from presswork.content.model import UPLOAD_WINDOW
from presswork.content.sweep import sweep_uploads
from presswork.core.ids import CONTAINER, parse_id
from presswork.media.rendition_leases import RenditionLeases
from presswork.media.store import MediaStore

MP4 = "video/mp4"
PART = 4096
OVER = 100_000_001


@dataclass
class Parted:
    """A small file that is uploaded in parts."""

    content: Any
    container_id: str
    data: bytes

    @property
    def pieces(self) -> list[bytes]:
        """The bytes of each part."""
        return [self.data[start : start + PART] for start in range(0, len(self.data), PART)]

    async def state(self) -> dict[str, Any]:
        """Return the file as GET …/uploads shows it."""
        response = await self.content.client.get(f"/v1/content/{self.container_id}/uploads")
        assert response.status_code == 200, response.text
        (item,) = response.json()["items"]
        return dict(item)

    async def urls(self) -> dict[int, str]:
        """Return new URLs of the parts that are missing."""
        return {part["partNumber"]: part["uploadUrl"] for part in (await self.state())["multipart"]["parts"]}

    async def put(self, url: str, data: bytes, headers: Mapping[str, str] | None = None) -> Any:
        """Send bytes to the URL of a part, without a key."""
        return await (await self.content.api.anonymous()).put(url, content=data, headers=headers or {})

    async def send(self, numbers: Sequence[int] | None = None) -> None:
        """Send parts that are missing, all of them by default."""
        for number, url in (await self.urls()).items():
            if numbers is None or number in numbers:
                assert (await self.put(url, self.pieces[number - 1])).status_code == 204

    async def finalize(self) -> Any:
        """Finalize the container."""
        return await self.content.finalize(self.container_id)


@pytest.fixture
async def parted(content_client: Any, video: bytes) -> Parted:
    """An upload of a video whose parts have 4 KiB: what is announced over 100 MB has the same rows with larger ones."""
    (item,) = (await content_client.open(("film.mp4", MP4, len(video)))).json()["items"]
    container = parse_id(CONTAINER, item["containerId"])
    await content_client.api.context.pool.execute(
        "UPDATE media_assets SET part_size_bytes = $2 WHERE container_id = $1", container, PART
    )
    return Parted(content_client, item["containerId"], video)


async def test_a_file_over_100_mb_is_announced_in_parts(content_client: Any) -> None:
    """100,000,000 bytes have one URL; with one more there are parts, all of one size but the last. The setting is the limit."""
    opened = await content_client.open(("a.mp4", MP4, OVER - 1), ("b.mp4", MP4, OVER), ("c.mp4", MP4, 1024**3))
    assert opened.status_code == 201, opened.text
    whole, parted, largest = [item["files"][0] for item in opened.json()["items"]]
    assert ("uploadUrl" in whole, "multipart" in whole) == (True, False)
    assert ("uploadUrl" in parted, parted["headers"]) == (False, {"Content-Type": MP4})
    for target, size in ((parted, OVER), (largest, 1024**3)):
        numbers = [part["partNumber"] for part in target["multipart"]["parts"]]
        assert numbers == list(range(1, -(-size // target["multipart"]["partSizeBytes"]) + 1))
        assert len({part["uploadUrl"] for part in target["multipart"]["parts"]}) == len(numbers) > 5
    refused = await content_client.open(("a.mp4", MP4, 1024**3 + 1), ("b.mp4", MP4, 5))
    assert (refused.status_code, refused.json()["error"]["details"]["issues"]) == (
        422,
        [
            {
                "path": "files[0].sizeBytes",
                "code": "file_too_large",
                "message": "`files[0].sizeBytes` is 1,073,741,825, but a file of type video/mp4 may have at most 1,073,741,824 bytes. "
                "Send a smaller one.",
            }
        ],
    )


async def test_parts_come_in_any_order_and_again(parted: Parted, clock: Any) -> None:
    """The file is what the last bytes of each part are; the parts, and what was replaced, are gone from the store."""
    count = len(parted.pieces)
    assert count > 3
    before, urls = await parted.state(), await parted.urls()
    assert (before["parts"], before["isComplete"], before["sizeBytes"]) == ([], False, len(parted.data))
    assert (await parted.put(urls[2], bytes(PART))).status_code == 204  # wrong bytes, sent again below
    for number in [3, 2, *range(4, count + 1)]:
        assert (await parted.put(urls[number], parted.pieces[number - 1], {"Content-Type": MP4})).status_code == 204
    state = await parted.state()
    now = clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert state["parts"] == [{"partNumber": number, "receivedAt": now} for number in range(2, count + 1)]
    assert ([part["partNumber"] for part in state["multipart"]["parts"]], state["isComplete"]) == ([1], False)
    missing = await parted.finalize()
    error = missing.json()["error"]
    assert (missing.status_code, error["code"], error["details"]["missingParts"]) == (409, "CONFLICT", [1])
    assert error["message"].startswith(f"1 of the {count} parts of film.mp4 were not uploaded yet.")
    await parted.send()
    assert ((await parted.state())["isComplete"], (await parted.urls())) == (True, {})
    done = await parted.finalize()
    assert done.status_code == 200, done.text
    (media,) = done.json()["media"]
    assert (media["sha256"], media["sizeBytes"], media["width"]) == (
        sha256(parted.data).hexdigest(),
        len(parted.data),
        64,
    )
    assert media["thumbnailUrl"] is not None
    client = await parted.content.api.anonymous()
    assert (await client.get(media["url"])).content == parted.data
    ranged = await client.get(media["url"], headers={"Range": "bytes=5000-9999"})
    assert (ranged.status_code, ranged.content) == (206, parted.data[5000:10000])
    assert len(parted.content.originals()) == 1
    assert await parted.content.count("upload_parts WHERE asset_id IN (SELECT id FROM media_assets)") == 0
    assert (await parted.finalize()).json() == done.json()
    late = await parted.put(urls[1], parted.pieces[0])
    assert (late.status_code, late.json()["error"]["code"]) == (409, "CONFLICT")
    assert (await parted.content.client.get(f"/v1/content/{parted.container_id}/uploads")).json()["items"] == []


async def test_a_wrong_part_is_refused_and_changes_nothing(parted: Parted, clock: Any) -> None:
    """Too short, too long, a part that is not there, an expired URL: nothing is stored, and a new URL works."""
    urls, last = await parted.urls(), len(parted.pieces)
    short = await parted.put(urls[1], parted.pieces[0][:-1])
    assert (short.status_code, short.json()["error"]["code"]) == (422, "VALIDATION")
    issue = short.json()["error"]["details"]["issues"][0]["message"]
    assert issue.endswith("The body has 4095 of the 4096 declared bytes. Send the complete part 1 again.")
    long = await parted.put(urls[last], parted.pieces[-1] + b"x")
    assert (long.status_code, long.json()["error"]["details"]["maxBytes"]) == (413, len(parted.pieces[-1]))
    assert (await parted.put(urls[1].replace("/parts/1", "/parts/2"), parted.pieces[1])).status_code == 401
    clock.advance(timedelta(hours=24, seconds=1))
    expired = await parted.put(urls[1], parted.pieces[0])
    assert (expired.status_code, parted.content.stored()) == (401, [])
    assert (await parted.state())["parts"] == []
    await parted.send([1])
    assert [part["partNumber"] for part in (await parted.state())["parts"]] == [1]


async def test_a_part_that_is_sent_again_makes_the_file_again(parted: Parted) -> None:
    """The bytes were no video: the container still waits, and its next finalize call uses the part that was sent again."""
    urls = await parted.urls()
    await parted.send()
    assert (await parted.put(urls[1], bytes(PART))).status_code == 204
    refused = await parted.finalize()
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "MEDIA_UNSUPPORTED")
    assert refused.json()["error"]["details"]["path"] == "files[0]"
    assert (await parted.put(urls[1], parted.pieces[0])).status_code == 204
    done = await parted.finalize()
    assert (done.status_code, len(parted.content.originals())) == (200, 1)
    assert done.json()["media"][0]["sha256"] == sha256(parted.data).hexdigest()


class Died(BaseException):
    """The process ends here."""


async def test_a_process_that_dies_while_it_makes_the_file(parted: Parted, monkeypatch: pytest.MonkeyPatch) -> None:
    """It died before the commit, with its object stored and its lease held: the next call takes over, and leaves one object."""
    await parted.send()
    pool = parted.content.api.context.pool
    container = parse_id(CONTAINER, parted.container_id)
    asset = await pool.fetchrow("SELECT id, object_key FROM media_assets WHERE container_id = $1", container)
    dead = f"{asset['object_key'].rpartition('/')[0]}/{asset['id']}-dead"
    await pool.execute("UPDATE media_assets SET assembly_key = $2 WHERE id = $1", asset["id"], dead)
    store = parted.content.api.context.part(MediaStore)
    await store.put_bytes(dead, b"half", MP4)
    folder = parted.content.api.context.settings.data_dir / "media"
    staged = folder / f"{dead}#1"
    staged.write_bytes(b"half")
    lease = f"assembly/{asset['id']}"
    assert await RenditionLeases(pool).claim(lease, UUID(int=1))
    call = asyncio.create_task(parted.finalize())
    await asyncio.sleep(0)
    await pool.execute("UPDATE rendition_leases SET leased_until = now() - interval '1 s' WHERE object_key = $1", lease)
    done = await call
    assert (done.status_code, len(parted.content.originals()), staged.exists()) == (200, 1, False)
    assert done.json()["media"][0]["sha256"] == sha256(parted.data).hexdigest()


async def test_calls_at_once_make_the_file_once(parted: Parted, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of four finalize calls one puts the parts together, and all return the same content."""
    monkeypatch.setattr(assemble, "_POLL", timedelta(milliseconds=20))
    made = 0
    make_object = assemble._make_object

    async def count(*arguments: Any) -> None:
        nonlocal made
        made += 1
        await make_object(*arguments)

    monkeypatch.setattr(assemble, "_make_object", count)
    await parted.send()
    responses = await asyncio.gather(*(parted.finalize() for _ in range(4)))
    assert [response.status_code for response in responses] == [200] * 4
    assert (made, len({response.text for response in responses}), len(parted.content.originals())) == (1, 1, 1)


async def test_abandoned_parts_are_removed(parted: Parted, clock: Any) -> None:
    """A day later the container is canceled: its parts, and what was made of them, leave the store and the quota."""
    await parted.send()
    broken = await parted.urls()
    assert broken == {}
    context = parted.content.api.context
    intake = context.part(Intake)
    assert len(parted.content.originals()) == len(parted.pieces)
    clock.advance(UPLOAD_WINDOW + timedelta(seconds=1))
    await sweep_uploads(context.pool, intake.store, clock.now())
    assert parted.content.originals() == []
    container = parse_id(CONTAINER, parted.container_id)
    left = await context.pool.fetchval(
        "SELECT count(*) FROM upload_parts p JOIN media_assets a ON a.id = p.asset_id WHERE a.container_id = $1",
        container,
    )
    assert left == 0
