"""Measure one large video on its way in and out: the memory of API and worker, and what a killed worker sends again.

The client uploads it in parts, and the sandbox's YouTube, in a process of its own, gets it by its resumable protocol. Memory is the growth of a
process: the peak of its resident pages (VmHWM, proc(5)) over what it had before. Linux only; needs five times the file's size of disk.
"""

import asyncio
import os
import re
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import httpx2
import psutil
from chaos.ports import free_port

from bench.figures import Budget, Figure, Finding
from bench.site import Scale, Site, wait_for
from presswork.callers.model import Tier
from presswork.core.enums import Environment
from presswork.db.pool import pool_of
from presswork.media.samples import sample_video
from presswork.orgs.keys import create_key
from presswork.platforms.youtube.prepare import CHUNK_BYTES
from presswork_client import Presswork
from presswork_client.params import Target

_MIB: Final = 1024**2
_MEMORY_MIB: Final = Budget(of="value", sign="≤", limit=64)
_ONE_RANGE: Final = Budget(of="value", sign="≤", limit=CHUNK_BYTES / _MIB)
_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/")
_RETURN_URL: Final = "http://localhost/back"
_PATIENCE: Final = timedelta(minutes=30)
_WARM_BYTES: Final = 1_000_000
"""Of the first video, which is not measured: it loads the code that every video uses, and needs none of the buffers of a large one."""


async def measure(site: Site, scale: Scale) -> Sequence[Finding]:
    """Upload a large video, publish it, and publish it again with a worker that is killed in the middle."""
    dsn, port = await site.database(), free_port()
    async with pool_of(dsn) as pool, pool.acquire() as connection:
        key = await create_key(
            connection,
            organization="Bench",
            environment=Environment.TEST,
            scopes=["*"],
            tier=Tier.UNLIMITED,
            return_domains=["localhost"],
            operator_id=None,
            name="bench",
            now=datetime.now(UTC),
        )
    return await asyncio.to_thread(_measure, site, scale.file_bytes, dsn, port, key.token.text)


def _measure(site: Site, size_bytes: int, dsn: str, port: int, key: str) -> Sequence[Finding]:
    sandbox = f"http://127.0.0.1:{port}/sandbox"
    settings = {"sandbox": "true", "sandbox_url": sandbox, "max_video_bytes": str(10 * 1024**3)}
    with (
        site.program("sandbox", "--port", str(port), dsn=dsn, settings={}),
        site.api(dsn, processes=1, **settings) as api,
        Presswork(api_key=key, base_url=api.url) as client,
    ):
        wait_for(f"{sandbox}/control/requests")
        project = client.projects.create(name="Bench", timezone="UTC").id
        account = _connect(client, project)
        warm = _upload(client, project, _write_video(site.folder / "warm.mp4", _WARM_BYTES))
        video = _write_video(site.folder / "large.mp4", size_bytes)
        memory, began = _Memory(api.process), time.monotonic()
        content = _upload(client, project, video)
        into, seconds_in = memory.growth_mib(), time.monotonic() - began
        with site.program("worker", dsn=dsn, settings=settings) as worker:
            _wait_for_post(client, _publish(client, warm, account, "Warm"))
            memory, out, began = _Memory(api.process), _Memory(worker), time.monotonic()
            _wait_for_post(client, _publish(client, content, account, "One"))
            seconds_out, out_mib, api_mib = time.monotonic() - began, out.growth_mib(), memory.growth_mib()
        before = _sent_bytes(sandbox)
        with site.program("worker", dsn=dsn, settings=settings) as worker:
            post = _publish(client, content, account, "Two")
            _wait_until(lambda: _sent_bytes(sandbox) >= before + size_bytes // 2, "half of the upload")
            worker.kill()
        with site.program("worker", dsn=dsn, settings=settings):
            _wait_for_post(client, post)
        again = _sent_bytes(sandbox) - before - size_bytes
    size_mib = size_bytes / _MIB
    title = f"video of {size_mib:,.0f} MiB"
    return [
        Figure(measure=f"{title}, in: memory of the API", value=into, unit="MiB", budget=_MEMORY_MIB),
        Figure(measure=f"{title}, in: speed, finalized", value=size_mib / seconds_in, unit="MiB/s"),
        Figure(measure=f"{title}, out: memory of the worker", value=out_mib, unit="MiB", budget=_MEMORY_MIB),
        Figure(measure=f"{title}, out: memory of the API", value=api_mib, unit="MiB", budget=_MEMORY_MIB),
        Figure(measure=f"{title}, out: speed, published", value=size_mib / seconds_out, unit="MiB/s"),
        Figure(
            measure=f"{title}, worker killed at half: sent again", value=again / _MIB, unit="MiB", budget=_ONE_RANGE
        ),
    ]


class _Memory:
    """The growth of a process from now on."""

    def __init__(self, process: psutil.Process) -> None:
        self._folder: Final = Path(f"/proc/{process.pid}")
        (self._folder / "clear_refs").write_text("5")  # the peak counts from now on
        self._before_kib: Final = self._read_kib("VmRSS")

    def growth_mib(self) -> float:
        """Return how far its resident pages were above those at the beginning."""
        return max(0, self._read_kib("VmHWM") - self._before_kib) / 1024

    def _read_kib(self, name: str) -> int:
        lines = (self._folder / "status").read_text("ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def _write_video(path: Path, size_bytes: int) -> Path:
    """Write ten seconds of video, which no platform has converted, with padding behind them: a file without blocks on disk."""
    head = sample_video(timedelta(seconds=10), 360, 640)
    padding = size_bytes - len(head)
    path.write_bytes(head + (1).to_bytes(4, "big") + b"free" + padding.to_bytes(8, "big"))
    os.truncate(path, size_bytes)
    return path


def _upload(client: Presswork, project: str, video: Path) -> str:
    return client.content.upload_files(video, project_id=project, caption="Large").id


def _publish(client: Presswork, content: str, account: str, title: str) -> str:
    target = Target(social_account_id=account, mode="publish", youtube_post_settings={"title": title})
    return client.publishing.publish_now(container_id=content, targets=[target]).scheduled_post_ids[0]


def _wait_for_post(client: Presswork, post: str) -> None:
    """Wait until a post is published. Raises RuntimeError where it ends otherwise."""

    def is_over() -> bool:
        return client.publishing.get_post(post_id=post).status not in ("queued", "publishing")

    _wait_until(is_over, "the end of the post")
    found = client.publishing.get_post(post_id=post)
    if found.status != "published":
        raise RuntimeError(f"the post is {found.status}: {found.last_error}")


def _wait_until(is_reached: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + _PATIENCE.total_seconds()
    while not is_reached():
        if time.monotonic() > until:
            raise TimeoutError(f"{what} did not come in {_PATIENCE}")
        time.sleep(0.1)


def _sent_bytes(sandbox: str) -> int:
    """Return how many bytes the ranges have together that the sandbox's YouTube was sent, those that were cut off included."""
    total, params = 0, {"platform": "youtube", "operation": "upload", "limit": "200"}
    while True:
        page = httpx2.get(f"{sandbox}/control/requests", params=params, trust_env=False, timeout=60).json()
        for call in page["items"]:
            if sent := _RANGE.match(call["request"]["content_range"]):
                total += int(sent[2]) - int(sent[1]) + 1
        if page["nextCursor"] is None:
            return total
        params["cursor"] = page["nextCursor"]


def _connect(client: Presswork, project: str) -> str:
    """Connect a channel of the sandbox by OAuth, and return the id of the account."""
    login = client.social_accounts.create_oauth_url(project_id=project, platform="youtube", return_url=_RETURN_URL)
    with httpx2.Client(trust_env=False) as browser:
        answer = browser.get(f"{login.authorize_url}&account=bench&decision=approve")
        while answer.is_redirect and not answer.headers["Location"].startswith(_RETURN_URL):
            answer = browser.get(answer.headers["Location"])
    account = client.social_accounts.get_oauth_status(state=login.state).social_account_id
    if account is None:
        raise RuntimeError("the sandbox's account was not connected")
    return account
