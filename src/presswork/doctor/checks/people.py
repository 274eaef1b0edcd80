"""Checks of what people sign in with, and get invitations by: the issuer of OpenID Connect and the mail server."""

import ssl
from typing import Any, Final

import aiosmtplib
import httpx2

from presswork.doctor.checks.http import get
from presswork.doctor.model import Finding, fail, ok, warn
from presswork.people.mail_server import MailServer
from presswork.people.oidc_model import discovery_url, redirect_uri
from presswork.platforms.settings import Settings

_ISSUER: Final = "openid connect"
_MAIL: Final = "mail server"
_NEEDED: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_SPELLING: Final = (
    "Set PRESSWORK_OIDC_ISSUER to the issuer as its provider spells it, without /.well-known/openid-configuration: "
    "docs/people.md."
)
_NETWORK: Final = "Check this machine's network, DNS and proxy. Until it answers, people sign in with their passwords."


async def issuer(settings: Settings, *, base_url: str) -> list[Finding]:
    """Check that the issuer's metadata can be read and used, if one is configured. `base_url` is where browsers come from."""
    if settings.oidc_issuer is None:
        return []
    register = f"The redirect URL to register there is {redirect_uri(base_url)}."
    place = discovery_url(settings.oidc_issuer)
    response = await get(place, follow_redirects=False)
    if response is None:
        return [fail(_ISSUER, f"{place} does not answer.", _NETWORK)]
    if response.status_code != httpx2.codes.OK:
        return [fail(_ISSUER, f"{place} answers {response.status_code}.", _SPELLING)]
    metadata = _json_object(response)
    if metadata is None:
        return [fail(_ISSUER, f"{place} is no JSON object.", _SPELLING)]
    named = str(metadata.get("issuer", ""))
    if named.rstrip("/") != settings.oidc_issuer.rstrip("/"):
        fix = f"Set PRESSWORK_OIDC_ISSUER to {named or 'the URL that its provider documents'}."
        return [fail(_ISSUER, f"The issuer calls itself {named or 'nothing'}, so no sign-in is accepted.", fix)]
    if missing := [name for name in _NEEDED if not metadata.get(name)]:
        return [
            fail(_ISSUER, f"{place} has no {', '.join(missing)}.", "Use an issuer with the authorization code flow.")
        ]
    keys = await get(str(metadata["jwks_uri"]), follow_redirects=False)
    found = None if keys is None or keys.status_code != httpx2.codes.OK else _json_object(keys)
    if not found or not found.get("keys"):
        return [fail(_ISSUER, f"The issuer's keys can't be read at {metadata['jwks_uri']}.", _NETWORK)]
    methods = metadata.get("code_challenge_methods_supported")
    if isinstance(methods, list) and "S256" not in methods:
        fix = f"Allow PKCE with S256 for the client at the issuer. {register}"
        return [warn(_ISSUER, "The issuer does not list S256 among its code challenge methods.", fix)]
    return [ok(_ISSUER, f"{settings.oidc_issuer} answers, and its keys can be read. {register}")]


def _json_object(response: httpx2.Response) -> dict[str, Any] | None:  # Any: of the issuer
    try:
        found = response.json()
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


async def mail_server(settings: Settings) -> list[Finding]:
    """Check that the mail server accepts the connection, encryption and sign-in, if one is configured. Sends no message."""
    if settings.smtp_url is None:
        return []
    server = MailServer.of(settings.smtp_url.get_secret_value())
    client = server.client()
    try:
        await client.connect()
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        return [_not_connected(server, error)]
    try:
        await server.open(client)
        await client.quit()
        return [ok(_MAIL, f"{server.place} accepts {_name_accepted(server)}; no message was sent")]
    except aiosmtplib.SMTPAuthenticationError as error:
        message = f"{server.place} refuses the user name or the password: {error.code} {_line(error.message)}"
        fix = "Set both in PRESSWORK_SMTP_URL, percent-encoded. Many providers want a password for apps, not that of the person."
        return [fail(_MAIL, message, fix)]
    except ssl.SSLError as error:
        return [_not_encrypted(server, error)]
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        if (cause := _ssl_error(error)) is not None:
            return [_not_encrypted(server, cause)]
        message = f"{server.place} refuses {_name_accepted(server)}: {_line(str(error))}"
        fix = "Use the scheme that its provider documents: smtps:// for port 465, smtp:// (with STARTTLS) for port 587."
        return [fail(_MAIL, message, fix)]
    finally:
        client.close()


def _not_connected(server: MailServer, error: Exception) -> Finding:
    if (cause := _ssl_error(error)) is not None:
        return _not_encrypted(server, cause)
    fix = (
        "Check the host and the port in PRESSWORK_SMTP_URL, and whether this machine's network allows the port: many block "
        "25, 465 and 587. Until it answers, administrators pass the links of invitations on."
    )
    return fail(_MAIL, f"{server.place} does not answer as a mail server: {_line(str(error))}", fix)


def _not_encrypted(server: MailServer, error: ssl.SSLError) -> Finding:
    if isinstance(error, ssl.SSLCertVerificationError):
        fix = "Use the host name that is in its certificate. A private authority must be among those of this machine."
        return fail(_MAIL, f"The certificate of {server.place} is not valid: {error.verify_message}.", fix)
    fix = "Use smtps:// where the connection begins with TLS (port 465), and smtp:// for STARTTLS (port 587)."
    return fail(_MAIL, f"{server.place} does not speak TLS as PRESSWORK_SMTP_URL says: {error.reason}.", fix)


def _ssl_error(error: BaseException | None) -> ssl.SSLError | None:
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    return error


def _name_accepted(server: MailServer) -> str:
    parts = [
        "the connection",
        *(["TLS"] if server.is_tls or server.is_start_tls else []),
        *(["the sign-in"] if server.username else []),
    ]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _line(text: str) -> str:
    return " ".join(text.split())[:200] or "no reason was given"
