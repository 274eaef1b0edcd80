"""What hostile media, bodies and lists cost the process that serves the sandbox."""

import asyncio
import json
import os
import re
import signal
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx2
import psutil
import pytest
from tests.cli.program import arguments_of
from tests.every_row import every_row
from tests.sandbox.bombs import jpeg_header_bomb, png_bomb, png_header_bomb
from tests.sandbox.running_sandbox import JSON, MediaServer, RunningSandbox, Sandboxes, picture, start_process

from presswork_sandbox.accounts import Accounts
from presswork_sandbox.journal import Journal
from presswork_sandbox.media_info import NotMedia, TooManyPixels
from presswork_sandbox.probe import KnownFiles, Prober
from presswork_sandbox.store import Store

SERVE = """
import pathlib, sys, uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from presswork_sandbox.app import create_app
app = Starlette(routes=[Mount("/sandbox", create_app(pathlib.Path(sys.argv[1])))])
uvicorn.run(app, fd=int(sys.argv[2]), log_level="critical", lifespan="off")
"""
MEBIBYTE = 1024 * 1024
SMS = "/sandbox/api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json"


@pytest.fixture
async def served(media: MediaServer, tmp_path: Path) -> AsyncIterator[tuple[RunningSandbox, int]]:
    """A sandbox that is mounted in an app of another process, as in the API, and the id of that process."""
    state = tmp_path / "data" / "state"
    process, address = start_process(SERVE, state)
    with process:
        async with httpx2.AsyncClient(base_url=address, timeout=60, verify=False) as http:
            yield RunningSandbox(address=address, state_file=state, http=http, media=media), process.pid
        process.terminate()


def peak_bytes(pid: int) -> int:
    """Return the most memory that a process had at any time."""
    found = re.search(r"^VmHWM:\s+(\d+) kB$", Path(f"/proc/{pid}/status").read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024


def decoders_in(pid: int) -> list[str]:
    """Return the libraries that decode media and are loaded in a process."""
    mapped = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
    return [name for name in ("_imaging", "libavcodec", "libswscale") if name in mapped]


async def tiktok_photos(sandbox: RunningSandbox, token: str, urls: list[str]) -> JSON:
    """Post photos and return the last status."""
    body = {
        "post_info": {"privacy_level": "PUBLIC_TO_EVERYONE", "title": "hi"},
        "source_info": {"source": "PULL_FROM_URL", "photo_images": urls, "photo_cover_index": 0},
        "post_mode": "DIRECT_POST",
        "media_type": "PHOTO",
    }
    answer = await sandbox.tiktok(token, "post/publish/content/init/", body)
    assert answer.status_code == 200, answer.text
    return await sandbox.over(token, answer.json()["data"]["publish_id"])


async def failed_message(sandbox: RunningSandbox, url: str) -> int:
    """Send a message with media and return the error code with which it fails."""
    form = {"To": "+15551230001", "From": "+15550006789", "MediaUrl": url}
    answer = await sandbox.http.post(SMS, data=form, auth=("AC00000000000000000000000000000001", "t"))
    assert answer.status_code == 201, answer.text
    while True:
        [message] = await sandbox.items("messages")
        if message["status"] == "failed":
            return int(message["errorCode"])
        await sandbox.advance(1)


# Pixels


@pytest.mark.parametrize(
    ("bomb", "graph", "reason"),
    [
        (png_header_bomb, (36001, 2207005), "file_format_check_failed"),
        (jpeg_header_bomb, (36000, 2207004), "picture_size_check_failed"),
    ],
)
async def test_each_platform_refuses_too_many_pixels_with_its_own_error(
    sandbox: RunningSandbox, bomb: Callable[[], bytes], graph: tuple[int, int], reason: str
) -> None:
    """Instagram names the format or the size, TikTok its fail_reason, Twilio the media type."""
    url = sandbox.media.put("bomb", bomb())
    answer = await sandbox.graph(await sandbox.graph_login("brand"), "POST", "me/media", image_url=url)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["error_subcode"]) == (400, *graph)
    token = (await sandbox.tiktok_login("brand"))["access_token"]
    assert (await tiktok_photos(sandbox, token, [url]))["fail_reason"] == reason
    assert await failed_message(sandbox, url) == 12300
    assert await sandbox.items("posts") == []


@pytest.mark.exhaustive
async def test_bombs_cost_the_serving_process_no_memory(served: tuple[RunningSandbox, int], reel: bytes) -> None:
    """Pictures that take a gigabyte to decode grow the serving process by less than 50 MB; it never loads a decoder."""
    sandbox, pid = served
    token = await sandbox.graph_login("brand")
    tiktok = (await sandbox.tiktok_login("brand"))["access_token"]
    await sandbox.post_picture(token)
    await sandbox.post_clip(tiktok, reel)
    before = peak_bytes(pid)
    urls = [sandbox.media.put(f"bomb{number}.png", png_bomb(9_400, 9_400, number)) for number in range(2)]
    assert len(sandbox.media.files["bomb0.png"]) < 400_000
    answers = await asyncio.gather(*(sandbox.graph(token, "POST", "me/media", image_url=url) for url in urls))
    assert [answer.json()["error"]["code"] for answer in answers] == [36001] * 2
    assert (await tiktok_photos(sandbox, tiktok, urls[:1]))["fail_reason"] == "file_format_check_failed"
    form = b"&".join(b"a%d=" % number for number in range(200_000))
    bodies = [(b"[" + b"[]," * 1_300_000 + b"0]", "application/json"), (form, "application/x-www-form-urlencoded")]
    for body, content_type in bodies:
        headers = {"authorization": f"Bearer {token}", "content-type": content_type}
        answer = await sandbox.http.post("/sandbox/graph.instagram.com/v25.0/me/media", content=body, headers=headers)
        assert answer.status_code == 400, answer.text
    assert peak_bytes(pid) - before < 50 * MEBIBYTE
    assert decoders_in(pid) == []


# Children


def writing(code: str) -> Prober:
    """Return a prober whose children run a line of Python instead."""
    return Prober(seconds=20, child=("-c", code), known=KnownFiles())


REPLY = {
    "format": "JPEG",
    "contentType": "image/jpeg",
    "width": 1,
    "height": 1,
    "seconds": None,
    "fps": None,
    "codec": None,
    "poster": "/9j/",
}


async def test_a_child_that_dies_or_lies_reports_no_media(tmp_path: Path) -> None:
    """What a child that was taken over sends is data that is checked; nothing of it reaches a file name or a page."""
    rows: list[str] = [
        "",
        "import os; os.abort()",
        "print('{')",
        "print('[' * 100_000)",
        "print('x' * 3_000_000)",
        "print('{}')",
        *(
            f"print({json.dumps({**REPLY, **change})!r})"
            for change in (
                {"format": "../../etc/x"},
                {"format": "JPEG\n"},
                {"contentType": "text/html; x"},
                {"width": 0},
                {"height": "1"},
                {"seconds": float("nan")},
                {"codec": ["h264"]},
                {"poster": "PHNjcmlwdD4="},
                {"poster": "?"},
            )
        ),
    ]
    with every_row() as row:
        for code in rows:
            with row(code):
                file = tmp_path / "file"
                file.write_bytes(b"x")
                with pytest.raises(NotMedia):
                    await writing(code).probe(file, "x")
                facts, poster = await writing(f"print({json.dumps(REPLY)!r})").probe(file, "x")
                assert (facts.format, facts.size_bytes, poster) == ("JPEG", 1, b"\xff\xd8\xff")


async def test_a_child_that_hangs_is_killed(tmp_path: Path) -> None:
    """A probe over its time limit raises NotMedia, a canceled one ends; no process is left."""
    file = tmp_path / "file"
    hanging = ("-c", f"import signal; open({str(file)!r}, 'w').close(); signal.pause()")
    with pytest.raises(NotMedia, match="too long"):
        await Prober(seconds=0.1, child=hanging).probe(file, "x")
    file.unlink(missing_ok=True)
    probing = asyncio.create_task(Prober(child=hanging).probe(file, "x"))
    while not await asyncio.to_thread(file.exists):
        assert not probing.done()
    probing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probing
    assert [child for child in psutil.Process().children() if str(file) in " ".join(arguments_of(child))] == []


async def test_a_child_has_limits_and_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child gets less memory than a bomb needs, can write no file, and does not inherit the environment."""
    monkeypatch.setenv("PRESSWORK_SECRET_KEYS", "planted")
    code = (
        "import os, sys; from presswork_sandbox.probe_child import limit_resources; limit_resources()\n"
        "seen = [name for name in os.environ if name.startswith('PRESSWORK')]\n"
        "try: bytearray(1 << 30); seen.append('memory')\n"
        "except MemoryError: pass\n"
        "try:\n with open(sys.argv[1], 'wb', 0) as file: file.write(b'x')\n seen.append('file')\n"
        "except OSError: pass\n"
        'print(\'{"notMedia": "has \' + repr(seen)[1:-1].replace(chr(39), "") + \'"}\')'
    )
    with pytest.raises(NotMedia, match=r"^has $"):
        await writing(code).probe(tmp_path / "file", "x")


async def test_header_bombs_are_never_decoded(tmp_path: Path) -> None:
    """Too many pixels are found in the header: the format is known, and the missing pixels are not missed."""
    for bomb, kind in ((png_header_bomb(), "PNG"), (jpeg_header_bomb(), "JPEG")):
        path = tmp_path / kind
        path.write_bytes(bomb)
        with pytest.raises(TooManyPixels) as refusal:
            await Prober().probe(path, "x")
        assert refusal.value.kind == kind


# SQLite


async def test_one_thread_alone_runs_sql(
    sandboxes: Sandboxes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reel: bytes
) -> None:
    """All statements run in one thread, and that is not the thread of the server's event loop."""
    threads: set[int] = set()

    class Connection(sqlite3.Connection):
        def execute(self, *statement: object) -> sqlite3.Cursor:
            threads.add(threading.get_ident())
            return super().execute(*statement)  # type: ignore[arg-type]  # passed on as it came

    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *path, **options: real(*path, factory=Connection, **options))
    sandbox = await sandboxes.start(tmp_path / "state")
    await sandbox.post_picture(await sandbox.graph_login("brand"))
    await sandbox.post_clip((await sandbox.tiktok_login("brand"))["access_token"], reel)
    assert (await sandbox.http.get("/sandbox/")).status_code == 200
    await sandbox.control("POST", "reset")
    await sandboxes.stop(sandbox)
    assert len(threads) == 1
    assert threads.isdisjoint({threading.get_ident()})


async def test_the_state_is_private_in_a_folder_that_is_not(served: tuple[RunningSandbox, int]) -> None:
    """Others can read no file of the state, the journal of SQLite included, though the folder is open to them."""
    sandbox, pid = served
    folder = sandbox.state_file.parent
    await sandbox.account("instagram", "brand")
    assert open_to_others(folder) == []
    # A state of an earlier version, after a kill: every file is there and open.
    process = psutil.Process(pid)
    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs([process])
    open_up(folder)
    assert open_to_others(folder) == ["state", "state-shm", "state-wal", "state.lock", "state.media"]
    store = Store(sandbox.state_file)
    assert open_to_others(folder) == []
    assert store.one("SELECT handle FROM accounts")["handle"] == "brand"
    store.close()


def open_up(folder: Path) -> None:
    """Let everybody read a folder and what is in it."""
    folder.chmod(0o755)
    for path in folder.iterdir():
        path.chmod(0o755 if path.is_dir() else 0o644)


def open_to_others(folder: Path) -> list[str]:
    """Return the names of the files and folders that other users could read."""
    return sorted(path.name for path in folder.iterdir() if path.stat().st_mode & 0o077)


# Bodies and lists


async def test_large_bodies_are_refused(sandbox: RunningSandbox) -> None:
    """A body of more than 256 KiB or 1000 fields is refused, whatever else is in it; the same without filling is not."""
    rows: list[str] = ["json", "form", "multipart"]
    with every_row() as row:
        for kind in rows:
            with row(kind):
                await sandbox.reset()
                token = await sandbox.graph_login("brand")
                form = {"image_url": sandbox.media.put("a.jpg", picture()), "access_token": token}
                filling = {f"f{number}": "x" * 100_000 for number in range(4)}
                path = "/sandbox/graph.instagram.com/v25.0/me/media"
                if kind == "json":
                    large = await sandbox.http.post(path, json=form | filling)
                    good = await sandbox.http.post(path, json=form)
                elif kind == "form":
                    large = await sandbox.http.post(path, data=form | {f"f{number}": "" for number in range(1000)})
                    good = await sandbox.http.post(path, data=form)
                else:
                    large = await sandbox.http.post(
                        path, files={name: (None, value) for name, value in (form | filling).items()}
                    )
                    good = await sandbox.http.post(path, files={name: (None, value) for name, value in form.items()})
                assert (large.status_code, good.status_code) == (400, 200), large.text + good.text


async def test_a_long_list_is_whole_and_in_order(sandboxes: Sandboxes, tmp_path: Path) -> None:
    """A list of the control surface is read in parts, and loses and repeats nothing between them."""
    store = Store(tmp_path / "state")
    accounts = Accounts(store)
    names = [f"brand{number}" for number in range(60)]
    for name in names:
        accounts.save("instagram" if len(name) == 7 else "tiktok", name, {}, 0.0)
    store.close()
    sandbox = await sandboxes.start(tmp_path / "state")
    assert [account["handle"] for account in await sandbox.items("accounts")] == names
    assert [account["handle"] for account in await sandbox.items("accounts?platform=instagram")] == names[10:]


async def test_the_journal_has_pages(sandboxes: Sandboxes, tmp_path: Path) -> None:
    """Newest first, 50 or `limit` on a page, none twice or lost although calls come in, and nothing else as a cursor."""
    store = Store(tmp_path / "state")
    journal = Journal(store)
    for number in range(450):
        journal.write(
            at=float(number),
            platform="instagram",
            host="graph.instagram.com",
            method="GET",
            path="/me",
            operation="me",
            handle="brand" if number % 2 else "other",
            status=200,
            fault=None,
            request={"number": number},
            response=None,
        )
    store.close()
    sandbox = await sandboxes.start(tmp_path / "state")

    async def page(query: str) -> tuple[list[int], str | None]:
        answer = (await sandbox.control("GET", f"requests?{query}")).json()
        assert set(answer) == {"items", "nextCursor"}
        return [call["request"].get("number", -1) for call in answer["items"]], answer["nextCursor"]

    newest = list(range(449, -1, -1))
    first, cursor = await page("")
    assert first == newest[:50]
    await sandbox.graph("none", "GET", "me")
    second, cursor = await page(f"limit=200&cursor={cursor}")
    third, last = await page(f"limit=200&cursor={cursor}")
    assert (second, third, last) == (newest[50:250], newest[250:], None)
    assert (await page("limit=1"))[0] == [-1]
    assert [call["request"].get("number", -1) for call in await sandbox.calls()] == [*reversed(newest), -1]
    ours = await sandbox.calls(platform="instagram", handle="brand", operation="me")
    assert [call["request"]["number"] for call in ours] == list(range(1, 450, 2))
    with every_row() as row:
        for query in ("limit=0", "limit=201", "limit=x", "cursor=", "cursor=x", "cursor=-1", f"cursor={'9' * 19}"):
            with row(query):
                answer = await sandbox.control("GET", f"requests?{query}")
                assert answer.status_code == 400
                assert answer.json()["error"]["message"].startswith(f"{query.partition('=')[0]} must be ")
