"""Fixtures of the tests about notices: a mail server, receivers on loopback, and a sender that runs when the test calls it."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from pydantic import SecretStr
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.people.people import People
from tests.people.test_invitation_mail import MailServer
from tests.posts.conftest import bare
from tests.webhooks.conftest import Receiver, receiver  # noqa: F401  a fixture
from tests.world import World

from presswork.core.ids import id_at
from presswork.jobs.runner import Runner
from presswork.platforms.settings import Settings
from presswork.safe_http.client import GuardedClient
from presswork.safe_http.guard import AddressGuard
from presswork.worker.notice_jobs import NoticeJobs


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Settings that allow receivers on loopback."""
    return settings.model_copy(update={"allow_private_webhooks": True})


class Crash(BaseException):
    """The process dies at a step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeWorld:
    """An API, people of one organization, a mail server and a receiver."""

    world: World
    people: People
    mail: MailServer
    settings: Settings
    clock: MovableClock
    project: str
    points: list[str] = field(default_factory=list)
    """Steps at which the next run dies."""

    @property
    def api(self) -> Api:
        """The API."""
        return self.world.api

    async def emit(self, event: str, data: dict[str, Any], *, subject: UUID, project: str | None = None) -> UUID:
        """Write an event, as a statement that changes something does."""
        self.clock.advance(timedelta(milliseconds=1))
        event_id, now = id_at(self.clock.now()), self.clock.now()
        await self.api.context.pool.execute(
            """INSERT INTO notice_events (organization_id, environment, project_id, event_id, event_type, subject_id,
                                          occurred_at, data)
               SELECT organization_id, environment, $2, $3, $4, $5, $6, $7 FROM projects WHERE id = $1""",
            bare(self.project),
            None if project == "" else bare(project or self.project),
            event_id,
            event,
            subject,
            now,
            json.dumps(data),
        )
        return event_id

    async def pending(self, caption: str = "Rye with caraway") -> UUID:
        """Write the event of content that waits."""
        container = UUID(int=7)
        return await self.emit("content.pending", {"id": f"cnt_{container}", "caption": caption}, subject=container)

    async def needs_reauth(self, handle: str = "ada.bakes") -> UUID:
        """Write the event of an account that must be connected again."""
        return await self.emit(
            "social_account.needs_reauth", {"handle": handle, "platform": "tiktok"}, subject=UUID(int=8)
        )

    async def send(self, *, name: str = "tester") -> None:
        """Make notices of all events and send what is due."""
        guard = AddressGuard.for_setting(allow_private=True)
        async with GuardedClient(guard) as client, self.runner(client, name=name) as runner:
            await runner.run_until_idle()

    def runner(self, client: GuardedClient, *, name: str) -> Runner:
        """Return a sender."""
        jobs = NoticeJobs(
            self.api.context.pool,
            client,
            self.api.context.keyring,
            self.settings,
            self.clock,
            worker_id=name,
            base_url="https://press.example.com",
            at_point=self._reach,
            chance=lambda: 0.0,
        )
        return Runner([jobs], self.clock)

    def _reach(self, point: str) -> None:
        if point in self.points:
            self.points.remove(point)
            raise Crash(point)

    async def list(self, browser: httpx2.AsyncClient, **query: str) -> dict[str, Any]:
        """Return a person's notifications."""
        response = await browser.get("/v1/notifications", params=query)
        assert response.status_code == 200, response.text
        return dict(response.json())

    async def prefer(self, browser: httpx2.AsyncClient, event: str, **where: bool) -> None:
        """Choose where a person is notified of an event; of what is not named, nowhere."""
        item = {"event": event, "inApp": False, "email": False, "push": False, **where}
        response = await browser.put("/v1/notification-preferences", json={"items": [item]})
        assert response.status_code == 200, response.text

    async def channel(self, kind: str, *events: str, **target: str) -> dict[str, Any]:
        """Create a channel."""
        body = {"kind": kind, "events": list(events), **target}
        response = await self.world.client.post(f"/v1/projects/{self.project}/channels", json=body)
        assert response.status_code == 201, response.text
        return dict(response.json())


@pytest.fixture
async def notices(api: Api, world: World, settings: Settings, clock: MovableClock) -> AsyncIterator[NoticeWorld]:
    """Notices of the organization Acme, whose mail server is on loopback."""
    mail = MailServer()
    mail.is_open.set()
    listener = await asyncio.start_server(mail.serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    more = {"smtp_url": SecretStr(f"smtp+plain://127.0.0.1:{port}"), "smtp_from": "Presswork <press@example.com>"}
    people = People(api)
    project = await world.project()
    async with listener:
        yield NoticeWorld(
            world=world,
            people=people,
            mail=mail,
            settings=settings.model_copy(update=more),
            clock=clock,
            project=project,
        )
