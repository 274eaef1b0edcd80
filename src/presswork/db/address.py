"""What the address of a database says: who, and at which hosts. Read as asyncpg and libpq read it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """What stands between `//` and the path. A host without a port has an empty one."""

    user: str
    password: str
    hosts: Sequence[str]
    ports: Sequence[str]


def authority_of(text: str) -> Authority:
    """Take an authority apart: `user:password@one:5432,two`."""
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
    """Return host and port of each server that an address names; nothing if it names one only, or none.

    Names in the query, like `?host=one,two`, count where the authority has none. Raises ValueError on a port that is none.
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
    """Tell whether the query of an address names a parameter."""
    return name in parse_qs(urlsplit(dsn).query)
