"""Resolve untrusted host names: in separate threads, and only to addresses that are all allowed."""

import asyncio
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult

# An untrusted name server may not respond, and a look-up can't be stopped. On the threads that everything else uses
# (files, the names of platforms), a few such names would block the whole process.
_LOOK_UPS: Final = ThreadPoolExecutor(max_workers=64, thread_name_prefix="untrusted-names")


class SystemNames(AbstractResolver):
    """Uses the system's resolver, in threads that only untrusted names use."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return all addresses of a name. Raises OSError where there is none."""

        def ask() -> list[tuple[socket.AddressFamily, str]]:
            infos = socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
            return [(family, _with_scope(sockaddr)) for family, _, _, _, sockaddr in infos]

        try:
            found = await asyncio.get_running_loop().run_in_executor(_LOOK_UPS, ask)
        except UnicodeError as error:  # a name that can't be encoded for a DNS query
            raise socket.gaierror(socket.EAI_NONAME, "no proper host name") from error
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST)
            for family, address in found
        ]

    async def close(self) -> None:
        """Do nothing: the threads serve the whole process."""


class CheckedNames(AbstractResolver):
    """Resolves a name and returns its addresses only if every one of them passes `check`."""

    def __init__(self, resolver: AbstractResolver, check: Callable[[str], None]) -> None:
        """Store the resolver, and a check that raises an OSError for an address that is not allowed."""
        self._resolver = resolver
        self._check = check

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return all addresses of a name. Raises OSError where there is none, or one is refused."""
        results = await self._resolver.resolve(host, port, family)
        if not results:
            raise socket.gaierror(socket.EAI_NONAME, "no address")
        for result in results:
            self._check(result["host"])
        return results

    async def close(self) -> None:
        """Close the wrapped resolver."""
        await self._resolver.close()


def _with_scope(sockaddr: tuple[object, ...]) -> str:
    """Return the address with the scope of a link-local one, so that the check sees it."""
    address = str(sockaddr[0])
    scope = sockaddr[3] if len(sockaddr) > 3 else 0
    return f"{address}%{scope}" if scope and "%" not in address else address
