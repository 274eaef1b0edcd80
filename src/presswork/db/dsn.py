"""Parse database URLs like asyncpg and libpq do."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """The part of a URL between `//` and the path. A host without a port has an empty one."""

    user: str
    password: str
    hosts: Sequence[str]
    ports: Sequence[str]


def authority_of(text: str) -> Authority:
    """Parse an authority like `user:password@one:5432,two`."""
    login, _, places = text.rpartition("@")
    user, _, password = login.partition(":")
    hosts, ports = [], []
    for place in places.split(","):
        bracketed = re.fullmatch(r"\[(.+)\](?::(\d*))?", place)
        host, port = (bracketed[1], bracketed[2]) if bracketed else place.partition(":")[::2]
        hosts.append(unquote(host))
        ports.append(port or "")
    return Authority(user=unquote(user), password=unquote(password), hosts=hosts, ports=ports)


def hosts_of(dsn: str) -> Sequence[tuple[str, int | None]]:
    """Return host and port of each server of a URL with several hosts; empty for a URL with fewer.

    Hosts in the query, like `?host=one,two`, are used if the authority has none. Raises ValueError on an invalid port.
    """
    url = urlsplit(dsn)
    query = parse_qs(url.query)
    authority = authority_of(url.netloc)
    hosts, ports = authority.hosts, authority.ports
    if not any(hosts) and "host" in query:
        named = authority_of(query["host"][-1])
        hosts, ports = named.hosts, named.ports
    if not any(ports) and "port" in query:
        ports = query["port"][-1].split(",")
    if len(hosts) < 2:
        return []
    if len(ports) == 1:
        ports = list(ports) * len(hosts)
    return [(host, int(port) if port else None) for host, port in zip(hosts, ports, strict=True)]


def has_parameter(dsn: str, name: str) -> bool:
    """Return whether the query of a URL has a parameter."""
    return name in parse_qs(urlsplit(dsn).query)
