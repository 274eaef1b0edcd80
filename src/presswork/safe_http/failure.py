"""The failure of a guarded request: one error, with a message for the customer and a kind for programs."""

from enum import StrEnum
from typing import Final

import aiohttp
from aiohttp.http_exceptions import LineTooLong


class FailureKind(StrEnum):
    """What caused the failure of a request."""

    REFUSED_URL = "refused_url"  # the URL itself is not allowed: its scheme, port, host name, user name
    REFUSED_ADDRESS = "refused_address"  # the host is, or resolves to, an address that is not public
    DNS = "dns"  # the name does not exist, or could not be resolved
    CONNECT = "connect"  # the connection was refused
    TLS = "tls"  # no valid certificate, or no TLS at all
    TIMEOUT = "timeout"  # while connecting, until the headers, or a pause in the body
    PROTOCOL = "protocol"  # an invalid HTTP response, or a broken connection
    TOO_LARGE = "too_large"  # headers, or the whole response, exceed the limit


class GuardedFailure(Exception):
    """A guarded request got no response.

    `message` is for the customer who entered the URL. It names the host as in the URL and never a resolved address; nor
    does it quote what a server sent.
    """

    def __init__(self, kind: FailureKind, message: str) -> None:
        super().__init__(message)
        self.kind: Final = kind
        self.message: Final = message


class URLRefused(GuardedFailure):
    """The URL is not allowed, which is known without resolving a name. Kind REFUSED_URL or REFUSED_ADDRESS."""


class AddressRefused(OSError):
    """The host resolves to an address that is not allowed. An OSError, since that is what a connector expects."""


class ResponseTooLarge(aiohttp.ClientError):
    """The response has more bytes than any valid one needs."""


def failure_of(error: aiohttp.ClientError | TimeoutError, host: str) -> GuardedFailure:
    """Translate an error of the HTTP client without its message, which may contain internal addresses."""
    match error:
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
            kind, said = FailureKind.TLS, f"{host} has no valid certificate. Renew it, or use another URL."
        case aiohttp.ClientConnectorError() if isinstance(error.os_error, AddressRefused):
            kind = FailureKind.REFUSED_ADDRESS
            said = f"{host} resolves to an address that is not public. Use a publicly reachable host."
        case aiohttp.ClientConnectorDNSError():
            kind, said = FailureKind.DNS, f"The host name {host} could not be resolved. Check the URL."
        case aiohttp.ClientConnectorError():
            kind = FailureKind.CONNECT
            said = f"{host} refuses connections. Check that it is up and reachable from the internet."
        case TimeoutError():  # aiohttp's own errors of this kind, too
            kind, said = (
                FailureKind.TIMEOUT,
                f"{host} takes too long to respond, or stops sending. Make it faster and try again.",
            )
        case ResponseTooLarge():
            kind, said = FailureKind.TOO_LARGE, f"{host} sends more data than a response may have. Check the URL."
        case _ if _is_of_long_headers(error):
            kind, said = FailureKind.TOO_LARGE, f"{host} sends more headers than a response may have. Check the URL."
        case aiohttp.ClientPayloadError():
            kind, said = (
                FailureKind.PROTOCOL,
                f"{host} closed the connection before its response was complete. Try again.",
            )
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError():
            kind, said = FailureKind.PROTOCOL, f"{host} closes the connection without a valid HTTP response."
        case _:
            kind, said = FailureKind.PROTOCOL, f"{host} sends no valid HTTP response. Check the URL."
    return GuardedFailure(kind, said)


def _is_of_long_headers(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, LineTooLong):
            return True
        cause = cause.__cause__
    return False
