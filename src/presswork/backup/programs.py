"""PostgreSQL's client programs: where they are, and how they reach a database without a secret on a command line."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from presswork.core.errors import Unavailable
from presswork.db.connect import WRITABLE, wants_writable
from presswork.db.dsn import authority_of
from presswork.db.embedded import DatabaseUnavailable, server_binaries
from presswork.db.embedded.binaries import first_line, system_folders

_PARAMETERS: Final = frozenset(
    [
        "host",
        "hostaddr",
        "port",
        "user",
        "password",
        "dbname",
        "database",
        "passfile",
        "sslmode",
        "sslcert",
        "sslkey",
        "sslrootcert",
        "sslcrl",
        "ssl_min_protocol_version",
        "ssl_max_protocol_version",
        "target_session_attrs",
        "krbsrvname",
        "gsslib",
    ]
)
"""Parameters of a connection; anything else in a URL is a setting of the session, as for asyncpg."""
_PASSED_ON: Final = (
    *("HOME", "PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "KRB5CCNAME"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """pg_dump, pg_restore and psql of one version."""

    folder: Path
    version: str  # like 18.6

    @property
    def pg_dump(self) -> Path:
        """Writes a database to a dump."""
        return self.folder / "pg_dump"

    @property
    def pg_restore(self) -> Path:
        """Turns a dump into SQL."""
        return self.folder / "pg_restore"

    @property
    def psql(self) -> Path:
        """Runs SQL."""
        return self.folder / "psql"


def major_of(version: str) -> int:
    """Return the major version of 18.6 or 18beta1."""
    found = re.match(r"\d+", version)
    return int(found[0]) if found else 0


def client_programs(*, at_least: int) -> Programs:
    """Return programs of this major version or newer: those of the embedded server, else those of the system.

    Raises Unavailable if there are none: older programs refuse a newer server.
    """
    found = [programs for folder in _folders() if (programs := _examine(folder)) is not None]
    for programs in found:
        if major_of(programs.version) >= at_least:
            return programs
    newest = max((programs.version for programs in found), key=major_of, default=None)
    raise Unavailable(
        f"This needs pg_dump, pg_restore and psql of PostgreSQL {at_least} or newer, and "
        f"{'none are' if newest is None else f'only {newest} is'} installed. Install the package "
        f"postgresql-client-{at_least} (or a newer one), so that they are on the PATH.",
        needed=at_least,
        found=newest,
    )


def _folders() -> Iterator[Path]:
    with suppress(DatabaseUnavailable):
        yield server_binaries().bin_dir
    yield from system_folders("pg_dump")


def _examine(folder: Path) -> Programs | None:
    if not all(os.access(folder / name, os.X_OK) for name in ("pg_dump", "pg_restore", "psql")):
        return None
    found = re.search(r"\) (\d+(?:\.\d+)?\S*)", first_line(folder / "pg_dump", "--version"))
    return None if found is None else Programs(folder=folder, version=found[1])


def environment_for(dsn: str, *, application: str) -> Mapping[str, str]:
    """Return the environment in which libpq's programs reach the database of a URL.

    The URL means what it means to asyncpg. What libpq itself reads (PG* variables, ~/.pgpass) still applies.
    """
    url = urlsplit(dsn)
    authority = authority_of(url.netloc)
    given = {
        "user": authority.user,
        "password": authority.password,
        "host": ",".join(authority.hosts),
        "port": ",".join(authority.ports) if any(authority.ports) else "",
        "dbname": unquote(url.path.lstrip("/")),
        **dict(parse_qsl(url.query, strict_parsing=bool(url.query))),
    }
    environment = {name: os.environ[name] for name in os.environ if name in _PASSED_ON or name.startswith("PG")}
    if wants_writable(dsn):
        environment[_variable("target_session_attrs")] = WRITABLE
    options = [environment.get("PGOPTIONS", "")]
    for name, value in given.items():
        if value and name in _PARAMETERS:
            environment[_variable(name)] = value
        elif value and name != "options":
            options.append(f"-c {name}={_escape_value(value)}")
    options.append(given.get("options", ""))
    if text := " ".join(filter(None, options)):
        environment["PGOPTIONS"] = text  # unset otherwise: connection poolers refuse it
    return environment | {"LC_ALL": "C", "PGAPPNAME": application, "PGCLIENTENCODING": "UTF8"}


def _variable(parameter: str) -> str:
    """Return libpq's variable for a parameter. Source: PostgreSQL 18, "Environment Variables"."""
    return "PGDATABASE" if parameter in {"dbname", "database"} else f"PG{parameter.replace('_', '').upper()}"


def _escape_value(value: str) -> str:
    return re.sub(r"([\\\s])", r"\\\1", value)
