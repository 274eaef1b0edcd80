"""The configured mail server."""

from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import unquote, urlsplit

import aiosmtplib

from presswork.core.setting_types import SMTP_PORTS

_TIMEOUT_SECONDS: Final = 10


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
