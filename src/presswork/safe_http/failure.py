"""What goes wrong with a guarded request: one error, with a sentence for the customer and a kind for programs."""

from enum import StrEnum
from typing import Final

import aiohttp
from aiohttp.http_exceptions import LineTooLong


class FailureKind(StrEnum):
    """What a request failed of."""

    REFUSED_URL = "refused_url"  # the URL itself may not be called: its scheme, port, host name, user name
    REFUSED_ADDRESS = "refused_address"  # the host is, or leads to, an address that is not public
    DNS = "dns"  # the name does not exist, or could not be looked up
    CONNECT = "connect"  # the connection was refused
    TLS = "tls"  # no valid certificate, or no TLS at all
    TIMEOUT = "timeout"  # while connecting, until the headers, or a pause in the body
    PROTOCOL = "protocol"  # what came is no HTTP answer, or broke off
    TOO_LARGE = "too_large"  # headers, or all that came, are over the limit


class GuardedFailure(Exception):
    """A guarded request that got no answer.

    `message` is a sentence for the customer who gave the URL. It names the host as it stands in the URL and never an address
    that a name was resolved to; nor does it quote what a server sent.
    """

    def __init__(self, kind: FailureKind, message: str) -> None:
        """Take the kind, for programs, and the sentence, for people."""
        super().__init__(message)
        self.kind: Final = kind
        self.message: Final = message


class URLRefused(GuardedFailure):
    """The URL may not be called; known without resolving a name. Kind REFUSED_URL or REFUSED_ADDRESS."""


class AddressRefused(OSError):
    """The host leads to an address that may not be called. An OSError, since that is what a connector expects."""


class AnswerTooLarge(aiohttp.ClientError):
    """More bytes came in than any proper answer needs."""


def failure_of(error: aiohttp.ClientError | TimeoutError, host: str) -> GuardedFailure:
    """Translate an error of the HTTP client, without its own text, which may name addresses inside a network."""
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
        case TimeoutError():  # aiohttp's own errors of this sort, too
            kind, said = (
                FailureKind.TIMEOUT,
                f"{host} takes too long to respond, or stops sending. Make it faster and try again.",
            )
        case AnswerTooLarge():
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
