"""Counts calls without an API key per address, in the memory of this process."""

from datetime import timedelta
from ipaddress import IPv6Address, ip_address
from typing import Final

_WINDOW_SECONDS: Final = 60
_MAX_ADDRESSES: Final = 10_000
"""Addresses that are counted separately in one minute; further ones share a count."""
_OTHERS: Final = "others"


class CallRate:
    """Calls per address in the current minute."""

    def __init__(self) -> None:
        self._minute = -1
        self._calls: dict[str, int] = {}

    def wait_after(self, address: str, *, limit: int, uptime: timedelta) -> int | None:
        """Count a call; return how many seconds to wait if it exceeds the limit, else None."""
        minute, second = divmod(int(uptime.total_seconds()), _WINDOW_SECONDS)
        if minute != self._minute:
            self._minute, self._calls = minute, {}
        name = _network(address)
        if name not in self._calls and len(self._calls) >= _MAX_ADDRESSES:
            name = _OTHERS
        calls = self._calls[name] = self._calls.get(name, 0) + 1
        return None if calls <= limit else _WINDOW_SECONDS - second


def _network(address: str) -> str:
    """Return what is counted: an IPv4 address, or the 64-bit network of an IPv6 address, which one customer has."""
    try:
        parsed = ip_address(address)
    except ValueError:  # a Unix socket, or what a proxy passes on as an address
        return _OTHERS
    return str(int(parsed) >> 64) if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None else address
