"""Whether the Host header of a request names the server that got it: a page in a browser may know it by another name. Pure."""

import re
from collections.abc import Sequence, Set
from typing import Final

from presswork.core.client_address import parse_address

_HOST: Final = re.compile(r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?", re.ASCII | re.IGNORECASE)
_LOCALHOST: Final = "localhost"


def host_names(*hosts: str | None) -> Set[str]:
    """Return hosts, or lists of them separated by commas, as `names_server` compares them."""
    return {_strip_host(host.strip()) for some in hosts for host in (some or "").split(",")} - {""}


def names_server(sent: Sequence[str], names: Set[str], *, arrived_at: str | None) -> bool:
    """Return whether there is one Host header, and it is one of the names or the address at which the connection arrived.

    Ports are not compared: a proxy or a container may map them.
    """
    match = _HOST.fullmatch(sent[0]) if len(sent) == 1 else None
    if match is None:
        return False
    name = _strip_host(match[1])
    if name == _LOCALHOST or name in names:
        return True
    address = parse_address(name)
    return address is not None and (address.is_loopback or address == parse_address(arrived_at))


def _strip_host(host: str) -> str:
    return host.strip("[]").rstrip(".").lower()
