"""The checks of the issuer of OpenID Connect and of the mail server, against real ones on loopback."""

import asyncio
import base64
import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr
from tests.api_server import serving
from tests.clocks import MovableClock
from tests.doctor.test_checks import of, run
from tests.people.test_oidc import issuer as issuer
from tests.safe_http.hostile import certificate

from presswork.doctor.checks import people
from presswork.doctor.model import CheckStatus, Finding
from presswork.platforms.settings import Settings

Change = Callable[[dict[str, Any]], object]  # Any: JSON


@dataclass(slots=True)
class MailServer:
    """Speaks SMTP until a message would begin: STARTTLS and AUTH PLAIN."""

    tls: ssl.SSLContext | None = None
    password: str = "a secret"
    verbs: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        writer.write(b"220 mail\r\n")
        while line := await reader.readline():
            verb, _, rest = line.decode().strip().partition(" ")
            self.verbs.append(verb.upper())
            match verb.upper():
                case "EHLO":
                    is_plain = writer.get_extra_info("ssl_object") is None
                    offers = "250-STARTTLS\r\n" if self.tls is not None and is_plain else ""
                    writer.write(f"250-mail\r\n{offers}250 AUTH PLAIN\r\n".encode())
                case "STARTTLS" if self.tls is not None:
                    writer.write(b"220 go\r\n")
                    await writer.drain()
                    await writer.start_tls(self.tls)
                case "AUTH":
                    given = base64.b64decode(rest.partition(" ")[2]).split(b"\0")[-1].decode()
                    is_right = given == self.password
                    writer.write(b"235 welcome\r\n" if is_right else b"535 5.7.8 Bad credentials\r\n")
                case "QUIT":
                    writer.write(b"221 bye\r\n")
                    break
                case _:
                    writer.write(b"502 not here\r\n")
            await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def serving_mail(server: MailServer, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Run a mail server; yield its host and port. With `tls`, connections begin encrypted."""

    served: set[asyncio.Task[None] | None] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.add(asyncio.current_task())
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await server.serve(reader, writer)
        writer.close()
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    async with listener:
        yield f"localhost:{listener.sockets[0].getsockname()[1]}"
    if served:
        await asyncio.wait([task for task in served if task is not None], timeout=5)


async def check_mail(settings: Settings, url: str) -> Finding:
    """Return the finding about a mail server."""
    configured = settings.model_copy(update={"smtp_url": SecretStr(url), "smtp_from": "press@example.com"})
    (finding,) = await people.mail_server(configured)
    return finding


async def test_what_is_configured_is_checked(settings: Settings, dsn: str, clock: MovableClock, issuer: str) -> None:
    """Through the API: both work, and the redirect URL to register is named. Without settings, there is no finding."""
    server = MailServer()
    async with serving_mail(server) as place:
        configured = settings.model_copy(
            update={
                "oidc_issuer": issuer,
                "oidc_client_id": "presswork",
                "public_url": "https://press.example.com",
                "smtp_url": SecretStr(f"smtp+plain://{place}"),
                "smtp_from": "Presswork <press@example.com>",
            }
        )
        async with serving(configured, dsn=dsn, clock=clock) as api:
            found = await run(await api.client(scopes=["org:admin"]))
    assert of(found, "openid connect") == {
        "name": "openid connect",
        "status": "ok",
        "message": f"{issuer} answers, and its keys can be read. The redirect URL to register there is "
        "https://press.example.com/auth/oidc/callback.",
        "fix": None,
    }
    mail = of(found, "mail server")
    assert (mail["status"], mail["message"]) == ("ok", f"{place} accepts the connection; no message was sent")
    assert server.verbs == ["QUIT"] or server.verbs == ["EHLO", "QUIT"]
    assert await people.issuer(settings, base_url="http://localhost") == []
    assert await people.mail_server(settings) == []


@pytest.mark.parametrize(
    ("change", "message", "fix"),
    [
        (
            lambda found: found.update(issuer="https://other.example.com"),
            "calls itself https://other.example.com",
            "Set",
        ),
        (lambda found: found.pop("token_endpoint"), "has no token_endpoint", "authorization code flow"),
        (lambda found: found.update(jwks_uri="http://127.0.0.1:9/keys"), "keys can't be read", "network"),
        (lambda found: found.update(code_challenge_methods_supported=["plain"]), "does not list S256", "PKCE"),
    ],
)
async def test_an_issuer_that_can_not_be_used_is_explained(
    settings: Settings, change: Change, message: str, fix: str
) -> None:
    """Its metadata is read as at a sign-in: another name, a missing address, no keys, no PKCE."""
    metadata: dict[str, Any] = {}

    async def configuration(_: web.Request) -> web.Response:
        return web.Response(text=json.dumps(metadata), content_type="application/json")

    async def keys(_: web.Request) -> web.Response:
        return web.Response(text='{"keys": [{"kty": "RSA"}]}', content_type="application/json")

    app = web.Application()
    app.router.add_get("/.well-known/openid-configuration", configuration)
    app.router.add_get("/keys", keys)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    place = f"http://127.0.0.1:{runner.addresses[0][1]}"
    endpoints = {"authorization_endpoint": f"{place}/a", "token_endpoint": f"{place}/t", "jwks_uri": f"{place}/keys"}
    metadata.update(issuer=place, **endpoints)
    try:
        configured = settings.model_copy(update={"oidc_issuer": place, "oidc_client_id": "presswork"})
        (well,) = await people.issuer(configured, base_url="http://localhost")
        assert well.status is CheckStatus.OK
        change(metadata)
        (finding,) = await people.issuer(configured, base_url="http://localhost")
    finally:
        await runner.cleanup()
    assert finding.status is not CheckStatus.OK
    assert message in finding.message
    assert fix in (finding.fix or "")


async def test_an_issuer_that_is_not_there_is_explained(settings: Settings, issuer: str) -> None:
    """Nothing listens, or not at that path."""
    for place, message in (("http://127.0.0.1:9", "does not answer"), (f"{issuer}/realm", "answers 404")):
        configured = settings.model_copy(update={"oidc_issuer": place, "oidc_client_id": "presswork"})
        (finding,) = await people.issuer(configured, base_url="http://localhost")
        assert finding.status is CheckStatus.FAIL
        assert message in finding.message


async def test_the_mail_server_is_asked_as_for_a_message(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Encrypted from the start or by STARTTLS, with a sign-in: what is wrong has its own sentence, and no mail is sent."""
    cert_file, tls = certificate(tmp_path, "localhost")
    server = MailServer(tls=tls)
    account = "press%40example.com:a%20secret@"
    async with serving_mail(server) as plain, serving_mail(server, tls=tls) as encrypted:
        untrusted = await check_mail(settings, f"smtp://{account}{plain}")
        assert (untrusted.status, "certificate" in untrusted.message) == (CheckStatus.FAIL, True)
        untrusted = await check_mail(settings, f"smtps://{account}{encrypted}")
        assert (untrusted.status, "certificate" in untrusted.message) == (CheckStatus.FAIL, True)
        monkeypatch.setenv("SSL_CERT_FILE", str(cert_file))
        for url in (f"smtp://{account}{plain}", f"smtps://{account}{encrypted}"):
            finding = await check_mail(settings, url)
            assert finding.status is CheckStatus.OK, finding
            assert "accepts the connection, TLS and the sign-in; no message was sent" in finding.message
        wrong = await check_mail(settings, f"smtp://press:guess@{plain}")
        assert (wrong.status, "535 5.7.8 Bad credentials" in wrong.message) == (CheckStatus.FAIL, True)
        assert "PRESSWORK_SMTP_URL" in (wrong.fix or "")
        mixed = await check_mail(settings, f"smtps://{account}{plain}")
        assert (mixed.status, "smtp:// for STARTTLS" in (mixed.fix or "")) == (CheckStatus.FAIL, True)
    assert not {"MAIL", "RCPT", "DATA"} & set(server.verbs)


async def test_a_mail_server_that_is_not_there_is_explained(settings: Settings) -> None:
    """Nothing listens, or it has no STARTTLS."""
    finding = await check_mail(settings, "smtp+plain://127.0.0.1:9")
    assert (finding.status, "does not answer" in finding.message) == (CheckStatus.FAIL, True)
    async with serving_mail(MailServer()) as place:
        finding = await check_mail(settings, f"smtp://{place}")
    assert (finding.status, "refuses the connection and TLS" in finding.message) == (CheckStatus.FAIL, True)
