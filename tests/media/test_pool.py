"""The media pool: children that crash, hang, lie, are canceled or outlive their parent (see `hostile_child.py`)."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psutil
import pytest
from pydantic import JsonValue, TypeAdapter

from presswork.core.errors import MediaUnsupported, Unavailable
from presswork.media.pool import JobLimits, MediaPool
from presswork.media.probe import probe
from presswork.media.specs import ImageSpec, VideoSpec
from presswork.media.store import MediaStore, ObjectMissing, StoredFile

MINUTE = timedelta(minutes=1)
HOSTILE = (str(Path(__file__).with_name("hostile_child.py")),)
ANY: TypeAdapter[object] = TypeAdapter(object)
NUMBER = TypeAdapter(int)


@pytest.fixture
async def pool() -> AsyncIterator[MediaPool]:
    """Return a pool of two processes that know hostile jobs too, and close it afterwards."""
    async with MediaPool(2, child=HOSTILE) as opened:
        yield opened


async def run(pool: MediaPool, job: str, limit: timedelta = MINUTE, **arguments: JsonValue) -> object:
    """Run a hostile job."""
    return await pool.run(job, arguments, limit=limit, result=ANY)


async def pid_of_child(pool: MediaPool) -> int:
    """Return the process id of a child."""
    return await pool.run("getpid", {}, limit=MINUTE, result=NUMBER)


def stored(path: Path, data: bytes) -> Path:
    """Write a file and return its path."""
    path.write_bytes(data)
    return path


def content(path: Path) -> bytes | None:
    """Read a file; None when there is none."""
    return path.read_bytes() if path.exists() else None


async def gone(pid: int) -> None:
    """Wait until a process has ended; the test's own time limit ends the wait."""
    with contextlib.suppress(psutil.NoSuchProcess):
        while psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            await asyncio.to_thread(os.sched_yield)


async def test_probing_and_converting_happen_in_other_processes(
    pool: MediaPool, picture: bytes, phone_video: bytes, tmp_path: Path
) -> None:
    """The results are the same as without a pool, and no work is done in this process."""
    image, video = stored(tmp_path / "image", picture), stored(tmp_path / "video", phone_video)
    assert await pool.probe(image) == probe(image)
    small = await pool.convert_image(image, tmp_path / "small", ImageSpec(max_width=50))
    assert small == probe(tmp_path / "small")
    packed = await pool.convert_video(video, tmp_path / "packed", VideoSpec())
    assert packed == probe(tmp_path / "packed")
    pids = {await pid_of_child(pool) for _ in range(4)}
    assert os.getpid() not in pids


@dataclass(frozen=True, kw_only=True)
class CountedFile(StoredFile):
    """A file of the store that counts the bytes that were read of it."""

    ranges: list[int] = field(default_factory=list)

    async def read(self, start: int, end: int) -> bytes:
        self.ranges.append(end - start)
        return await super().read(start, end)


async def test_a_file_of_the_store_is_read_by_ranges(pool: MediaPool, phone_video: bytes, tmp_path: Path) -> None:
    """The results are those of a file on disk. Of 60 MB whose table of contents is at the end, a few are read."""
    store, padding = MediaStore.open(tmp_path / "store"), 60_000_000
    data = phone_video + padding.to_bytes(4, "big") + b"free" + bytes(padding - 8)
    (tmp_path / "video").write_bytes(data)
    on_disk = probe(tmp_path / "video")
    await store.put_bytes("video", data, "video/mp4")
    file = CountedFile(store=store, key="video", size_bytes=len(data), sha256=on_disk.sha256)
    assert await pool.probe(file) == on_disk
    assert sum(file.ranges) < 4_000_000
    await pool.write_previews(file, tmp_path / "thumbnail", tmp_path / "poster")
    assert (tmp_path / "poster").stat().st_size >= (tmp_path / "thumbnail").stat().st_size > 0
    assert await pool.convert_video(file, tmp_path / "packed", VideoSpec()) == probe(tmp_path / "packed")


async def test_a_child_reads_nothing_but_its_file(pool: MediaPool, tmp_path: Path) -> None:
    """A range outside the file, or without a file, is no reply: the child is replaced, and the store is not asked."""
    store = MediaStore.open(tmp_path / "store")
    await store.put_bytes("a", b"bytes", "video/mp4")
    file = CountedFile(store=store, key="a", size_bytes=5, sha256="0")
    wrong: list[tuple[StoredFile | None, JsonValue, JsonValue]] = [
        *((file, start, length) for start, length in ((0, 6), (-1, 2), (5, 1), (0, 0), (0, 2**40), ("0", 1))),
        (None, 0, 1),
    ]
    for source, start, length in wrong:
        arguments = {"start": start, "length": length}
        with pytest.raises(MediaUnsupported, match="crashes the program"):
            await pool.run("read_range", arguments, limit=MINUTE, result=ANY, source=source)
    assert file.ranges == []


async def test_a_store_that_fails_while_a_file_is_read(pool: MediaPool, tmp_path: Path) -> None:
    """The error of the store is raised, not one about the file, and the next job has another child."""
    store, pid = MediaStore.open(tmp_path / "store"), await pid_of_child(pool)
    with pytest.raises(ObjectMissing):
        await pool.probe(StoredFile(store=store, key="gone", size_bytes=5000, sha256="0"))
    assert await pid_of_child(pool) != pid


async def test_a_refusal_is_raised_unchanged(pool: MediaPool, tmp_path: Path) -> None:
    """MediaUnsupported keeps its message and details over the pipe, and a missing file stays a missing file."""
    with pytest.raises(MediaUnsupported) as caught:
        await pool.probe(stored(tmp_path / "gif", b"GIF89a"))
    assert "a GIF" in caught.value.message
    assert caught.value.details == {"found": "a GIF"}
    with pytest.raises(FileNotFoundError):
        await pool.probe(tmp_path / "nope")


async def test_a_job_that_kills_its_process_harms_no_other_job(pool: MediaPool, picture: bytes, tmp_path: Path) -> None:
    """While files crash their children one after another, other files are probed, and the pool continues."""
    image = stored(tmp_path / "image", picture)
    crashes = [run(pool, "abort") for _ in range(3)]
    probes = [pool.probe(image) for _ in range(6)]
    results = await asyncio.gather(*crashes, *probes, return_exceptions=True)
    assert [type(result) for result in results[:3]] == [MediaUnsupported] * 3
    assert results[3:] == [probe(image)] * 6
    assert (await pool.probe(image)).width == 400


async def test_a_child_killed_from_outside_costs_nothing(pool: MediaPool, picture: bytes, tmp_path: Path) -> None:
    """A child that the kernel killed, for memory for example, is replaced, and the job is repeated."""
    for _ in range(3):
        os.kill(await pid_of_child(pool), signal.SIGKILL)
    assert (await pool.probe(stored(tmp_path / "image", picture))).width == 400


async def test_idle_children_killed_from_outside_cost_nothing(pool: MediaPool, picture: bytes, tmp_path: Path) -> None:
    """The kernel killed all idle children: the next file is read by a new one, and is not taken for a hostile one."""
    pids = set(await asyncio.gather(pid_of_child(pool), pid_of_child(pool)))
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    assert (len(pids), (await pool.probe(stored(tmp_path / "image", picture))).width) == (2, 400)


@pytest.mark.parametrize("child", [("-c", ""), HOSTILE], ids=["ends", "slow"])
async def test_a_child_that_cannot_be_started_is_no_fault_of_the_file(
    monkeypatch: pytest.MonkeyPatch, picture: bytes, tmp_path: Path, child: tuple[str, ...]
) -> None:
    """A child ends before it is ready, or is not ready in time: the file is not refused, and can be sent again."""
    if child == HOSTILE:
        monkeypatch.setattr("presswork.media.pool._STARTUP", timedelta())
    async with MediaPool(1, child=child) as pool:
        with pytest.raises(Unavailable):
            await pool.probe(stored(tmp_path / "image", picture))


async def test_a_job_that_takes_too_long_is_ended(pool: MediaPool) -> None:
    """A child that hangs is killed at its limit, and the file is reported as too slow."""
    pid = await pid_of_child(pool)
    with pytest.raises(MediaUnsupported, match="too long"):
        await asyncio.gather(
            run(pool, "sleep", timedelta(seconds=0.1), seconds=600),
            run(pool, "sleep", timedelta(seconds=0.1), seconds=600),
        )
    await gone(pid)


async def test_a_half_written_copy_is_removed(picture: bytes, phone_video: bytes, tmp_path: Path) -> None:
    """A conversion that is ended at its limit or refused leaves nothing at its target."""
    target = stored(tmp_path / "target", b"half")
    async with MediaPool(1, limits=JobLimits(video=timedelta(0))) as pool:
        with pytest.raises(MediaUnsupported):
            await pool.convert_video(stored(tmp_path / "video", phone_video), target, VideoSpec())
        assert content(target) is None
        with pytest.raises(MediaUnsupported):
            await pool.convert_image(stored(tmp_path / "bad", picture[:500]), target, ImageSpec())
        assert content(target) is None


async def test_a_canceled_job_ends_its_child(pool: MediaPool) -> None:
    """A canceled caller cancels the work, before its child is up as well as in the middle; the pool continues."""
    early = asyncio.create_task(run(pool, "sleep", seconds=600))
    await asyncio.sleep(0)
    early.cancel()
    with pytest.raises(asyncio.CancelledError):
        await early
    pids = await asyncio.gather(pid_of_child(pool), pid_of_child(pool))
    tasks = [asyncio.create_task(run(pool, "sleep", seconds=600)) for _ in pids]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [asyncio.CancelledError] * 2
    for pid in set(pids):
        await gone(pid)
    assert await pid_of_child(pool) not in pids


async def test_organizations_take_turns() -> None:
    """With one child, a file of another organization is next, whatever the first organization has sent before."""
    ada, bob, done = uuid4(), uuid4(), []

    async def count(pool: MediaPool, name: str, owner: UUID | None) -> None:
        await pool.run("getpid", {}, limit=MINUTE, result=NUMBER, owner=owner)
        done.append(name)

    async with MediaPool(1, child=HOSTILE) as pool, asyncio.TaskGroup() as group:
        for name, owner in (("ada 1", ada), ("ada 2", ada), ("ada 3", ada), ("bob 1", bob), ("none 1", None)):
            group.create_task(count(pool, name, owner))
    assert done == ["ada 1", "bob 1", "none 1", "ada 2", "ada 3"]


async def test_closing_does_not_wait_for_turns() -> None:
    """Jobs of any owner that wait when the pool closes end with Unavailable."""
    pool = MediaPool(1, child=HOSTILE)
    await pid_of_child(pool)
    jobs = [
        asyncio.create_task(pool.run("sleep", {"seconds": 600}, limit=MINUTE, result=ANY, owner=owner))
        for owner in (uuid4(), uuid4(), None)
    ]
    await asyncio.sleep(0)
    await pool.close()
    results = await asyncio.gather(*jobs, return_exceptions=True)
    assert [type(result) for result in results] == [Unavailable] * 3


async def test_a_closed_pool_has_no_children_and_takes_no_jobs() -> None:
    """Closing ends running and waiting jobs at once with Unavailable, and no process is left."""
    pool = MediaPool(1, child=HOSTILE)
    pid = await pid_of_child(pool)
    tasks = [asyncio.create_task(run(pool, "sleep", seconds=600)) for _ in range(3)]
    await asyncio.sleep(0)
    await pool.close()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [Unavailable] * 3
    assert not psutil.pid_exists(pid)
    with pytest.raises(Unavailable):
        await pid_of_child(pool)


def test_children_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    """kill -9 of the parent leaves neither an idle child nor one in the middle of a job."""
    script = tmp_path / "parent.py"
    script.write_text(
        "import asyncio, sys\n"
        "from datetime import timedelta\n"
        "from pydantic import TypeAdapter\n"
        "from presswork.media.pool import MediaPool\n"
        "minute, number = timedelta(minutes=1), TypeAdapter(int)\n"
        "async def main():\n"
        "    pool = MediaPool(2, child=sys.argv[1:])\n"
        "    pids = (pool.run('getpid', {}, limit=minute, result=number) for _ in range(2))\n"
        "    print(*await asyncio.gather(*pids), flush=True)\n"
        "    await pool.run('sleep', {'seconds': 600}, limit=minute, result=number)\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen([sys.executable, script, *HOSTILE], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        children = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
        assert len(children) == 2
        parent.kill()
    dead, alive = psutil.wait_procs(children, timeout=20)
    assert (len(dead), alive) == (2, [])


async def test_a_child_that_exceeds_its_memory_is_stopped(pool: MediaPool) -> None:
    """Memory is limited per child: a file that needs more is refused, and the machine keeps its own."""
    with pytest.raises(MediaUnsupported, match="memory"):
        await run(pool, "allocate", size_bytes=64 * 1024**3)
    assert await run(pool, "memory_limit") == [4 * 1024**3, 4 * 1024**3]


async def test_a_child_that_writes_without_end_is_stopped(pool: MediaPool, tmp_path: Path) -> None:
    """A file that a child writes is limited too, so that no conversion fills the disk."""
    file = stored(tmp_path / "file", b"")
    with pytest.raises(OSError, match="File too large"):
        await run(pool, "truncate", path=str(file), size_bytes=2 * 1024**3 + 1)
    await run(pool, "truncate", path=str(file), size_bytes=2 * 1024**3)


async def test_children_are_killed_first_when_memory_runs_out(pool: MediaPool) -> None:
    """The kernel is configured to kill the children before the server."""
    assert await run(pool, "read", path="/proc/self/oom_score_adj") == "1000\n"


async def test_the_parent_runs_no_code_that_a_child_sends(pool: MediaPool, tmp_path: Path) -> None:
    """A child that a hostile file has taken over responds with a pickle that creates a folder when it is loaded.

    No folder appears, the file is refused, and the pool continues.
    """
    folder = tmp_path / "made-by-the-pickle"
    with pytest.raises(MediaUnsupported, match="hostile"):
        await run(pool, "send_pickle", folder=str(folder))
    assert not folder.exists()
    assert await pid_of_child(pool)


@pytest.mark.parametrize("job", ["send_garbage", "send_flood", "send_endless_length", "send_list", "send_wrong_type"])
async def test_a_child_that_sends_nonsense_is_replaced(pool: MediaPool, job: str) -> None:
    """An invalid reply, or one that is too long, counts as a crash."""
    with pytest.raises(MediaUnsupported, match="hostile"):
        await pool.run(job, {}, limit=MINUTE, result=NUMBER)
    assert await pid_of_child(pool)


async def test_messages_of_a_child_are_sanitized(pool: MediaPool) -> None:
    """A refusal's message and details come from the child: they are bounded and can be printed and stored."""
    with pytest.raises(MediaUnsupported) as caught:
        await run(pool, "send_refusal", sentence="a\x00b\x1b[31m" + "x" * 5000, details={"message\x00": ["\x00"]})
    assert caught.value.message.startswith("ab[31mxx")
    assert len(caught.value.message) <= 1000
    assert caught.value.details == {"message": "['\\x00']"}


async def test_a_child_knows_no_secret_of_its_parent(pool: MediaPool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings reach the server by its environment, secret keys among them; a child inherits none of it."""
    monkeypatch.setenv("PRESSWORK_SECRET_KEYS", "secret")
    assert await run(pool, "environment", name="PRESSWORK_SECRET_KEYS") is None


async def test_a_copy_that_grows_too_large_is_refused(pool: MediaPool, phone_video: bytes, tmp_path: Path) -> None:
    """The temporary file of a copy can't exceed its reserved space."""
    source = stored(tmp_path / "video", phone_video)
    with pytest.raises(MediaUnsupported, match="needs more than"):
        await pool.convert_video(source, tmp_path / "copy", VideoSpec(), max_bytes=1000)
    assert content(tmp_path / "copy") is None


async def test_a_child_without_jobs_ends_and_the_next_job_gets_another(picture: bytes, tmp_path: Path) -> None:
    """Idle children need no memory: each ends after its time, and a later job is done by a new one."""
    file = stored(tmp_path / "file", picture)
    async with MediaPool(2, child=HOSTILE, idle_for=timedelta(milliseconds=20)) as pool:
        first, second = await asyncio.gather(pid_of_child(pool), pid_of_child(pool))
        for pid in {first, second}:
            await gone(pid)
        assert await pool.probe(file) == probe(file)
        assert await pid_of_child(pool) not in {first, second}


async def test_an_idle_child_is_kept_for_the_next_job(pool: MediaPool) -> None:
    """A child is used again while its time lasts."""
    assert await pid_of_child(pool) == await pid_of_child(pool)


async def test_a_prepared_child_does_the_next_job(pool: MediaPool) -> None:
    """`prepare` starts one child, however often it is called, and the next job runs in it."""
    others = {child.pid for child in psutil.Process().children()}
    for _ in range(3):
        pool.prepare()
    while not (started := {child.pid for child in psutil.Process().children()} - others):
        await asyncio.to_thread(os.sched_yield)
    assert {await pid_of_child(pool)} == started
    pool.prepare()
    assert {child.pid for child in psutil.Process().children()} - others == started
