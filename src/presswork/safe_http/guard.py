"""Which addresses an untrusted URL may lead to: public ones, and none in our own network.

The guard checks the address at the moment of connecting: names are resolved and checked, and the connector uses that
result, so a name that changes its address (DNS rebinding) has no effect.
"""

import re
import socket as sockets
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

from aiohttp import AddrInfoType
from aiohttp.abc import AbstractResolver
from yarl import URL

from presswork.safe_http.failure import AddressRefused, FailureKind, URLRefused
from presswork.safe_http.names import CheckedNames, SystemNames

IPAddress = IPv4Address | IPv6Address

# Source: IANA IPv4 and IPv6 Special-Purpose Address Registries, read 2026-11.
_CLOSED_IPV4: Final = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT; Alibaba's metadata at 100.100.100.200
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's host agent, in public space but reachable only from inside
        "169.254.0.0/16",  # link-local; the clouds' metadata at 169.254.169.254
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata at 192.0.0.192
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays, deprecated
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_GLOBAL_IPV6: Final = IPv6Network("2000::/3")  # all that is assigned today; unique local, link-local, … are outside
_CLOSED_IPV6: Final = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, Teredo among them: an embedded IPv4 address
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: the same
        "3fff::/20",  # documentation
    )
)
_MAPPED_IPV4: Final = IPv6Network("::ffff:0:0/96")
_NAT64: Final = IPv6Network("64:ff9b::/96")

_LOWEST_FREE_PORT: Final = 1024
_WEB_PORTS: Final = frozenset({80, 443})
_LONGEST_URL: Final = 4096
_LONGEST_NAME: Final = 253  # RFC 1035, as is the next
_LONGEST_LABEL: Final = 63
_LOOPBACK: Final = IPv4Address("127.0.0.1")
_NOT_PUBLIC: Final = "The host is an address that is not public. Use a publicly reachable host."
# inet_aton reads these as IPv4: 2130706433, 0x7f000001, 0177.0.0.1, 127.1. No top-level domain is a number.
_NUMERIC_HOST: Final = re.compile(r"(.*\.)?(0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)
_HOST: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*", re.IGNORECASE)


def is_public(address: IPAddress) -> bool:
    """Return whether an address belongs to the public internet, however it is embedded."""
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return False
        if address in _MAPPED_IPV4 or address in _NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
        return address in _GLOBAL_IPV6 and not any(address in network for network in _CLOSED_IPV6)
    return not any(address in network for network in _CLOSED_IPV4)


def any_address(_address: IPAddress) -> bool:
    """Allow every address: for development, where all servers are on the same machine."""
    return True


@dataclass(frozen=True, slots=True)
class AddressGuard:
    """Checks addresses. `resolver` is for tests; None uses the system's."""

    is_allowed: Callable[[IPAddress], bool] = is_public
    resolver: AbstractResolver | None = None

    @classmethod
    def for_setting(cls, *, allow_private: bool) -> "AddressGuard":
        """Return the guard for a setting like allow_private_media."""
        return cls(any_address) if allow_private else cls()

    def check_url(self, text: str) -> URL:
        """Parse an http or https URL and check everything that is known before a name is resolved.

        Raises URLRefused: other schemes, user names and passwords, fragments of a host, unusual spellings of an address,
        addresses that are not allowed, names that always mean this machine, and ports below 1024 other than 80 and
        443.
        """
        if len(text) > _LONGEST_URL or any(ord(letter) <= ord(" ") or letter == "\x7f" for letter in text):
            raise _build_refusal("The URL is too long or has spaces or control characters in it.")
        try:
            url = URL(text)
            exact = URL(text, encoded=True)
            port = url.explicit_port if url.explicit_port is not None else url.port
            host = url.raw_host or ""
            _ = url.host  # used in every message about it; decoding the punycode of a name may fail
        except ValueError as error:
            raise _build_refusal("The URL can't be read. Send one like https://example.com/path.") from error
        if url.scheme not in ("http", "https"):
            raise _build_refusal("Only http and https URLs are called.")
        if url.raw_user is not None or url.raw_password is not None or "@" in url.raw_authority:
            raise _build_refusal("The URL has a user name or password in it. Send one without, like a signed URL.")
        if not port or (port < _LOWEST_FREE_PORT and port not in _WEB_PORTS):
            raise _build_refusal(f"Port {port} is not called. Use 80, 443 or one from 1024 up.")
        self._check_host(host)
        # yarl normalizes equivalent escapes, which would break a signature over the original URL.
        is_same_server = (exact.scheme, exact.raw_host, exact.port) == (url.scheme, host, port)
        return exact if text.isascii() and is_same_server else url

    def names(self) -> AbstractResolver:
        """Return a resolver that returns allowed addresses only: raises AddressRefused if any one of them is not."""
        return CheckedNames(self.resolver or SystemNames(), self.check_address)

    def socket(self, info: AddrInfoType) -> sockets.socket:
        """Create the socket of one connection attempt, if its address is allowed: the last check, which can't be bypassed.

        It is made for every attempt, each of several addresses included. Raises AddressRefused.
        """
        family, kind, protocol, _, sockaddr = info
        self.check_address(str(sockaddr[0]))
        return sockets.socket(family=family, type=kind, proto=protocol)

    def check_address(self, address: str) -> None:
        """Raise AddressRefused unless the address, in any form that a resolver returns, is allowed."""
        try:
            parsed = ip_address(address)
        except ValueError as error:
            raise AddressRefused("the host has no proper address") from error
        if not self.is_allowed(parsed):
            raise AddressRefused("the host leads to an address that is not public")

    def _check_host(self, host: str) -> None:
        plain = host.removesuffix(".")
        try:
            address = ip_address(plain)
        except ValueError:
            self._check_name(plain)
            return
        if plain != host or not self.is_allowed(address):
            raise _build_refusal(_NOT_PUBLIC, FailureKind.REFUSED_ADDRESS)

    def _check_name(self, name: str) -> None:
        if len(name) > _LONGEST_NAME or any(len(label) > _LONGEST_LABEL for label in name.split(".")):
            raise _build_refusal("The URL has no proper host name.")
        if _NUMERIC_HOST.fullmatch(name):
            raise _build_refusal("The host is an address in an odd spelling. Use a host name.")
        if not _HOST.fullmatch(name):
            raise _build_refusal("The URL has no proper host name.")
        if name.lower().rsplit(".", maxsplit=1)[-1] == "localhost" and not self.is_allowed(_LOOPBACK):
            raise _build_refusal(_NOT_PUBLIC, FailureKind.REFUSED_ADDRESS)


def _build_refusal(message: str, kind: FailureKind = FailureKind.REFUSED_URL) -> URLRefused:
    return URLRefused(kind, message)
