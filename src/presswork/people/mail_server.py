"""The configured mail server."""

import asyncio
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Final, Self
from urllib.parse import unquote, urlsplit

import aiosmtplib

from presswork.core.setting_types import SMTP_PORTS

MAX_CONNECTIONS: Final = 8
"""Most connections of one process to the mail server."""
_TIMEOUT_SECONDS: Final = 10
_WAIT_SECONDS: Final = 30
"""Longest wait for a turn and the mail server together: an administrator may wait for the response."""
_TURNS: Final = asyncio.Semaphore(MAX_CONNECTIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """A mail server, and the account to sign in with, if it needs one."""

    host: str
    port: int
    is_tls: bool
    """Whether the connection begins with TLS."""
    is_start_tls: bool
    """Whether STARTTLS is required."""
    username: str | None
    password: str | None = field(repr=False)

    @classmethod
    def of(cls, url: str) -> Self:
        """Parse PRESSWORK_SMTP_URL."""
        parts = urlsplit(url)
        return cls(
            host=parts.hostname or "",
            port=parts.port or SMTP_PORTS[parts.scheme],
            is_tls=parts.scheme == "smtps",
            is_start_tls=parts.scheme == "smtp",
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )

    @property
    def place(self) -> str:
        """The host and the port, for people."""
        return f"{self.host}:{self.port}"

    def client(self) -> aiosmtplib.SMTP:
        """Return a client that is not connected, and neither encrypts nor signs in by itself after connecting."""
        return aiosmtplib.SMTP(
            hostname=self.host, port=self.port, use_tls=self.is_tls, start_tls=False, timeout=_TIMEOUT_SECONDS
        )

    async def open(self, client: aiosmtplib.SMTP) -> None:
        """Encrypt a connection, if it does not begin so, and sign in. Raises SMTPException, OSError."""
        if self.is_start_tls:
            await client.starttls()
        if self.username is not None:
            await client.login(self.username, self.password or "")


async def send_message(url: str, message: EmailMessage) -> None:
    """Send a message through the server at this URL. Raises SMTPException, OSError (also TimeoutError), ValueError."""
    async with asyncio.timeout(_WAIT_SECONDS), _TURNS:
        server = MailServer.of(url)
        async with server.client() as client:
            await server.open(client)
            await client.send_message(message)
