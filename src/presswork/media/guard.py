"""Which addresses a stranger may send us to: public ones, and nothing of our own network.

The guard judges the address that is connected to, at the moment of connecting: names are resolved here and the
result is what the connector uses, so a name that changes its mind (DNS rebinding) gains nothing. Also meant for
whatever else calls an address that a caller gave, like webhooks.
"""

import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

IPAddress = IPv4Address | IPv6Address

# Source: IANA IPv4 and IPv6 Special-Purpose Address Registries, read 2026-11.
_CLOSED_IPV4: Final = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT; Alibaba's metadata at 100.100.100.200
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's host agent, in public space but reached from within only
        "169.254.0.0/16",  # link-local; the clouds' metadata at 169.254.169.254
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata at 192.0.0.192
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays, given up
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_GLOBAL_IPV6: Final = IPv6Network("2000::/3")  # all that is given out today; unique local, link-local, … lie outside
_CLOSED_IPV6: Final = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, Teredo among them: an IPv4 address in disguise
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: likewise
        "3fff::/20",  # documentation
    )
)
_MAPPED_IPV4: Final = IPv6Network("::ffff:0:0/96")
_NAT64: Final = IPv6Network("64:ff9b::/96")

_LOWEST_FREE_PORT: Final = 1024
_WEB_PORTS: Final = frozenset({80, 443})
_LONGEST_URL: Final = 4096
# inet_aton reads these as IPv4: 2130706433, 0x7f000001, 0177.0.0.1, 127.1. No top-level domain is a number.
_NUMERIC_HOST: Final = re.compile(r"(.*\.)?(0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)
_HOST: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*", re.IGNORECASE)


class URLRefused(Exception):
    """The URL may not be called; the message is a sentence for the caller and names no address but its own."""


class AddressRefused(OSError):
    """The host leads to an address that may not be called. An OSError, since that is what a connector expects."""


def is_public(address: IPAddress) -> bool:
    """Tell whether an address belongs to the public internet, whatever it is wrapped in."""
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return False
        if address in _MAPPED_IPV4 or address in _NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
        return address in _GLOBAL_IPV6 and not any(address in network for network in _CLOSED_IPV6)
    return not any(address in network for network in _CLOSED_IPV4)


def any_address(_address: IPAddress) -> bool:
    """Allow every address: for development, where media lies on the same machine."""
    return True


@dataclass(frozen=True, slots=True)
class AddressGuard:
    """The rule for addresses, and a connector that keeps it. `resolver` is for tests; None asks the system."""

    is_allowed: Callable[[IPAddress], bool] = is_public
    resolver: AbstractResolver | None = None

    @classmethod
    def for_setting(cls, *, allow_private: bool) -> "AddressGuard":
        """Return the guard for a setting like allow_private_media."""
        return cls(any_address) if allow_private else cls()

    def check_url(self, text: str) -> URL:
        """Read an http or https URL and judge all that can be judged before a name is resolved.

        Raises URLRefused: other schemes, user names and passwords, fragments of a host, addresses in odd spellings,
        addresses that are not allowed, and ports below 1024 other than 80 and 443, where no web server is meant.
        """
        if len(text) > _LONGEST_URL or any(ord(letter) <= ord(" ") or letter == "\x7f" for letter in text):
            raise URLRefused("The URL is too long or has spaces or control characters in it.")
        try:
            url = URL(text)
            exact = URL(text, encoded=True)
            port = url.explicit_port if url.explicit_port is not None else url.port
            host = url.raw_host or ""
        except ValueError as error:
            raise URLRefused("The URL can't be read. Send one like https://example.com/picture.jpg.") from error
        if url.scheme not in ("http", "https"):
            raise URLRefused("Only http and https URLs are fetched.")
        if url.raw_user is not None or url.raw_password is not None or "@" in url.raw_authority:
            raise URLRefused("The URL has a user name or password in it. Send one without, like a signed URL.")
        if not port or (port < _LOWEST_FREE_PORT and port not in _WEB_PORTS):
            raise URLRefused(f"Nothing is fetched from port {port}. Use 80, 443 or one from 1024 up.")
        self._check_host(host)
        # yarl rewrites escapes that mean the same, which would break a signature over the URL as it was written.
        is_same_server = (exact.scheme, exact.raw_host, exact.port) == (url.scheme, host, port)
        return exact if text.isascii() and is_same_server else url

    def connector(self) -> aiohttp.TCPConnector:
        """Return a connector that connects to allowed addresses only. It keeps no connection and no resolved name."""
        return aiohttp.TCPConnector(
            resolver=_GuardedResolver(self, self.resolver or ThreadedResolver()),
            socket_factory=self._socket,
            use_dns_cache=False,
            force_close=True,
        )

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
            if _NUMERIC_HOST.fullmatch(plain):
                raise URLRefused("The host is an address in an odd spelling. Use a host name.") from None
            if not _HOST.fullmatch(plain):
                raise URLRefused("The URL has no proper host name.") from None
            return
        if plain != host or not self.is_allowed(address):
            raise URLRefused("The host is an address that is not public. Use one that anybody can reach.")

    def _socket(self, info: "aiohttp.AddrInfoType") -> socket.socket:
        """Make the socket of one attempt to connect, if its address is allowed: the last gate, which nothing skips."""
        family, kind, protocol, _, sockaddr = info
        self.check_address(str(sockaddr[0]))
        return socket.socket(family=family, type=kind, proto=protocol)


class _GuardedResolver(AbstractResolver):
    """Resolves a name and returns its addresses only if every one of them is allowed."""

    def __init__(self, guard: AddressGuard, resolver: AbstractResolver) -> None:
        self._guard = guard
        self._resolver = resolver

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        results = await self._resolver.resolve(host, port, family)
        for result in results:
            self._guard.check_address(result["host"])
        return results

    async def close(self) -> None:
        await self._resolver.close()
