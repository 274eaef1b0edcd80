"""Why posts fail or struggle, as a table: each cause is set up at the sandbox, and a worker takes a post through it.

The clock jumps over every wait, so that a limit of two days takes as long as one of two seconds.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.api_server import Servers
from tests.clocks import JumpingClock
from tests.contract.control import SandboxControl
from tests.world import World

from presswork.platforms.settings import Settings
from presswork.worker.main import Worker, open_worker


@dataclass(frozen=True, kw_only=True)
class Cause:
    """One reason why a post has a hard time, and how the sandbox is made to give it."""

    name: str
    platform: str
    faults: Sequence[Mapping[str, object]] = ()
    kind: str = "image"
    account: Mapping[str, object] = field(default_factory=dict)
    """What is special about the account at the platform, in the words of the sandbox's control surface."""
    target: Mapping[str, object] = field(default_factory=dict)
    content: Mapping[str, Any] = field(default_factory=dict)
    meanwhile: str | None = None
    """SQL that strikes after the post was accepted, with the account's id as $1: what a person does at that instant."""


@dataclass(frozen=True, kw_only=True)
class Story:
    """A post at its end, with its timeline."""

    post: Mapping[str, Any]
    timeline: Sequence[Mapping[str, Any]]

    @property
    def error(self) -> Mapping[str, Any]:
        """Its lastError."""
        error = self.post["lastError"]
        assert isinstance(error, dict)
        return error

    def events(self) -> list[str]:
        """Return the timeline's events."""
        return [str(entry["event"]) for entry in self.timeline]

    def of(self, event: str) -> list[Mapping[str, Any]]:
        """Return the entries of one event."""
        return [entry for entry in self.timeline if entry["event"] == event]


@dataclass(frozen=True, kw_only=True)
class Theatre:
    """A running service, and a worker whose waits take no time."""

    world: World
    worker: Worker
    clock: JumpingClock
    files: Mapping[str, bytes]

    async def play(self, cause: Cause) -> Story:
        """Take a post through its hard time and return it with its timeline."""
        if cause.account:
            browser = await self.world.api.anonymous()
            body = {"platform": cause.platform, "handle": "brand", **cause.account}
            answer = await browser.post("/sandbox/control/accounts", json=body)
            assert answer.status_code == 200, answer.text
        project = await self.world.project()
        account = await self.world.account(project, cause.platform, "brand")
        for fault in cause.faults:
            await self.world.fault(platform=cause.platform, **fault)
        return await self._deliver(cause, project, account)

    async def _deliver(self, cause: Cause, project: str, account: str) -> Story:
        files = [self.files["image"]] * 2 if cause.kind == "multi" else [self.files[cause.kind]]
        content_type = "video/mp4" if cause.kind == "video" else "image/jpeg"
        container = await self.world.content(project, *files, content_type=content_type, **cause.content)
        (post_id,) = await self.world.publish(container, account, **cause.target)
        if cause.meanwhile is not None:
            await self.world.api.context.pool.execute(cause.meanwhile, account.removeprefix("sa_"))
        while True:
            await self.worker.work_until_idle()
            post, timeline = await self.world.post(post_id), await self.world.timeline(post_id)
            if post["status"] not in {"queued", "publishing"}:
                return Story(post=post, timeline=timeline)
            await self.clock.sleep(datetime.fromisoformat(timeline[-1]["detail"]["nextAt"]) - self.clock.now())


@asynccontextmanager
async def theatre(
    servers: Servers, settings: Settings, *, dsn: str, files: Mapping[str, bytes]
) -> AsyncIterator[Theatre]:
    """Open one. Its worker's leases are long, because no loop renews them while the clock jumps."""
    clock = JumpingClock()
    patient = settings.model_copy(update={"worker_lease": timedelta(days=3)})
    async with (
        servers.lend(patient, dsn=dsn, clock=clock) as api,
        open_worker(patient, dsn=dsn, base_url=api.base_url, clock=clock) as worker,
    ):
        clock.on_jump = SandboxControl(f"{api.base_url}/sandbox", await api.anonymous()).advance
        yield Theatre(world=World(api=api, client=await api.client()), worker=worker, clock=clock, files=files)
