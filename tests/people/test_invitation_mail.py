"""Invitations by e-mail, sent to a mail server on loopback."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from pydantic import SecretStr
from tests.api_server import beside, serving
from tests.clocks import MovableClock
from tests.people.people import PASSWORD, People, token_of

from presswork.people.mail_server import MAX_CONNECTIONS
from presswork.people.throttle import PER_ORGANIZATION, PER_RECIPIENT
from presswork.platforms.settings import Settings


@dataclass(slots=True)
class MailServer:
    """Accepts messages, or refuses all recipients."""

    refuses: bool = False
    is_open: asyncio.Event = field(default_factory=asyncio.Event)
    """Cleared, the server accepts connections and says nothing."""
    connections: int = 0
    max_connections: int = 0
    received: list[EmailMessage] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak as much SMTP as one message needs."""
        self.connections += 1
        self.max_connections = max(self.max_connections, self.connections)
        await self.is_open.wait()
        writer.write(b"220 mail\r\n")
        while line := await reader.readline():
            verb = line.strip().upper()[:4]
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                raw = await reader.readuntil(b"\r\n.\r\n")
                message = email.message_from_bytes(raw[:-3], policy=email.policy.default)
                self.received.append(message)
            if verb == b"QUIT":
                writer.write(b"221 bye\r\n")
                break
            writer.write(b"550 unknown person\r\n" if self.refuses and verb == b"RCPT" else b"250 ok\r\n")
            await writer.drain()
        writer.close()
        self.connections -= 1


@asynccontextmanager
async def mailing(
    server: MailServer, settings: Settings, folder: Path, dsn: str, clock: MovableClock
) -> AsyncIterator[People]:
    """Serve the API with a mail server."""
    server.is_open.set()
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    more = {"smtp_url": SecretStr(f"smtp+plain://127.0.0.1:{port}"), "smtp_from": "Presswork <press@example.com>"}
    configured = beside(settings, folder).model_copy(update=more)
    async with listener, serving(configured, dsn=dsn, clock=clock) as api:
        yield People(api)


async def test_invitation_is_sent_once(settings: Settings, tmp_path: Path, dsn: str, clock: MovableClock) -> None:
    """The message has the link of the answer, also for a name that is odd in a header; a replay sends nothing."""
    server = MailServer()
    async with mailing(server, settings, tmp_path / "mail", dsn, clock) as people:
        key = await people.key()
        body = {"email": "ines@example.com", "name": "Inês\r\nBcc: all@example.com", "role": "author"}
        headers = {"Idempotency-Key": "invite-ines"}
        answers = [await key.post("/v1/users", json=body, headers=headers) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[0].content == answers[1].content
        (message,) = server.received
        assert (message["To"], message["From"]) == ("ines@example.com", "Presswork <press@example.com>")
        assert message["Bcc"] is None
        link = answers[0].json()["link"]
        text = message.get_content()
        assert link in text
        assert "Hello Inês Bcc: all@example.com," in text
        assert "invited to Acme on Presswork" in text
        (user,) = (await key.get("/v1/users")).json()["items"]
        assert user["linkEmailedAt"] is not None
        browser = await people.browser()
        accepted = await browser.post("/v1/auth/accept", json={"token": token_of(link), "password": PASSWORD})
        assert accepted.status_code == 200
        again = await key.post(f"/v1/users/{user['id']}/link")
        assert again.json()["link"] in server.received[1].get_content()
        assert server.received[1]["Subject"] == "Your new password for Presswork"


@pytest.mark.parametrize("is_up", [True, False])
async def test_mail_server_that_fails_costs_no_invitation(
    settings: Settings, tmp_path: Path, dsn: str, clock: MovableClock, *, is_up: bool
) -> None:
    """If the mail server refuses or is down, the administrator still gets the link, and the user shows that no mail went."""
    server = MailServer(refuses=True)
    async with mailing(server, settings, tmp_path / "mail", dsn, clock) as people:
        if not is_up:
            dead = {"smtp_url": SecretStr("smtp+plain://127.0.0.1:9")}
            object.__setattr__(people.api.context, "settings", people.api.context.settings.model_copy(update=dead))
        invited = await people.invite("viewer", email="ines@example.com")
        assert invited["link"]
        (user,) = (await (await people.key()).get("/v1/users")).json()["items"]
        assert user["linkEmailedAt"] is None
        assert server.received == []


async def test_mails_are_limited_per_recipient_and_organization(
    settings: Settings, tmp_path: Path, dsn: str, clock: MovableClock
) -> None:
    """An administrator can't have the server send mail to one person, or to many, without end; links are made all the same."""
    server = MailServer()
    async with mailing(server, settings, tmp_path / "mail", dsn, clock) as people:
        invited = await people.invite("viewer", email="ines@example.com")
        path = f"/v1/users/{invited['user']['id']}/link"
        for number in range(2, PER_RECIPIENT + 3):
            answer = await (await people.key()).post(path)
            assert (answer.status_code, bool(answer.json()["link"])) == (200, True), number
        assert len(server.received) == PER_RECIPIENT
        (user,) = (await (await people.key()).get("/v1/users")).json()["items"]
        assert user["linkEmailedAt"] is None, "the last link was not sent"
        await people.invite("viewer", email="ines@example.com", organization="Other")
        assert len(server.received) == PER_RECIPIENT, "the limit of a person holds for all organizations"
        await people.api.context.pool.execute("UPDATE sign_in_windows SET attempts = $1", PER_ORGANIZATION)
        await people.invite("viewer", email="uma@example.com")
        assert len(server.received) == PER_RECIPIENT
        clock.advance(timedelta(minutes=15))
        await people.invite("viewer", email="eve@example.com")
        assert server.received[-1]["To"] == "eve@example.com"


async def test_few_mails_are_sent_at_once(settings: Settings, tmp_path: Path, dsn: str, clock: MovableClock) -> None:
    """A mail server that hangs gets a few connections; the others wait for their turn."""
    server = MailServer()
    async with mailing(server, settings, tmp_path / "mail", dsn, clock) as people:
        key = await people.key()
        server.is_open.clear()
        async with asyncio.TaskGroup() as group:
            for number in range(MAX_CONNECTIONS + 4):
                group.create_task(people.invite("viewer", email=f"person-{number}@example.com"))
            while server.connections < MAX_CONNECTIONS:
                await key.get("/v1/whoami")
            while len((await key.get("/v1/users")).json()["items"]) < MAX_CONNECTIONS + 4:
                pass
            server.is_open.set()
        assert (server.max_connections, len(server.received)) == (MAX_CONNECTIONS, MAX_CONNECTIONS + 4)
