"""PostgreSQL's own programs: which ones there are, and how they reach a database without a secret on a command line."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from presswork.core.errors import Unavailable
from presswork.db.address import authority_of
from presswork.db.embedded import DatabaseUnavailable, server_binaries

_PER_CALL_SECONDS: Final = 10
_DEBIAN: Final = Path("/usr/lib/postgresql")
_VARIABLES: Final = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "database": "PGDATABASE",
    "passfile": "PGPASSFILE",
    "sslmode": "PGSSLMODE",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcrl": "PGSSLCRL",
    "ssl_min_protocol_version": "PGSSLMINPROTOCOLVERSION",
    "ssl_max_protocol_version": "PGSSLMAXPROTOCOLVERSION",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "krbsrvname": "PGKRBSRVNAME",
    "gsslib": "PGGSSLIB",
}
"""How libpq calls the parameters of an address. Source: PostgreSQL 18, "Environment Variables"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """pg_dump, pg_restore and psql, all of one version."""

    folder: Path
    version: str  # like 18.6

    @property
    def major(self) -> int:
        """The number that says which servers and dumps they understand: those up to it."""
        return major_of(self.version)

    @property
    def pg_dump(self) -> Path:
        """Writes a database out."""
        return self.folder / "pg_dump"

    @property
    def pg_restore(self) -> Path:
        """Makes statements of what pg_dump wrote."""
        return self.folder / "pg_restore"

    @property
    def psql(self) -> Path:
        """Runs statements."""
        return self.folder / "psql"


def major_of(version: str) -> int:
    """Return the major version of 18.6 or 18beta1."""
    found = re.match(r"\d+", version)
    return int(found[0]) if found else 0


def client_programs(*, at_least: int) -> Programs:
    """Return programs of this major version or a newer one: those of the embedded server, else those of the system.

    Raises Unavailable if there are none; older ones refuse to work with a newer server.
    """
    found = [programs for folder in _folders() if (programs := _look(folder)) is not None]
    for programs in found:
        if programs.major >= at_least:
            return programs
    newest = max((programs.version for programs in found), key=major_of, default=None)
    what = "none are here" if newest is None else f"the newest ones here are {newest}"
    raise Unavailable(
        f"This needs pg_dump, pg_restore and psql of PostgreSQL {at_least} or newer, and {what}. Install the package "
        f"postgresql-client-{at_least} (or a newer one), so that they are on the PATH.",
        needed=at_least,
        found=newest,
    )


def _folders() -> Iterator[Path]:
    with suppress(DatabaseUnavailable):
        yield server_binaries().bin_dir
    on_path = shutil.which("pg_dump")
    if on_path:
        yield Path(on_path).parent
    versions = [folder for folder in _DEBIAN.glob("*/bin") if folder.parent.name.isdigit()]
    yield from sorted(versions, key=lambda folder: int(folder.parent.name), reverse=True)


def _look(folder: Path) -> Programs | None:
    if not all(os.access(folder / name, os.X_OK) for name in ("pg_dump", "pg_restore", "psql")):
        return None
    try:
        done = subprocess.run(  # noqa: S603  a program that was found on this machine, arguments of our own
            [folder / "pg_dump", "--version"],
            capture_output=True,
            text=True,
            check=False,
            timeout=_PER_CALL_SECONDS,
            stdin=subprocess.DEVNULL,
            env=_bare_environment(),
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"\) (\d+(?:\.\d+)?\S*)", done.stdout)
    return None if found is None else Programs(folder=folder, version=found[1])


def environment_for(dsn: str, *, application: str) -> Mapping[str, str]:
    """Return the environment in which libpq's programs reach the database of an address.

    The address is read as asyncpg reads it: what is no parameter of a connection is a setting of the session. What libpq
    itself looks up (its own variables, ~/.pgpass) stays as it is.
    """
    url = urlsplit(dsn)
    authority = authority_of(url.netloc)
    given = {
        "user": authority.user,
        "password": authority.password,
        "host": ",".join(authority.hosts),
        "port": ",".join(authority.ports) if any(authority.ports) else "",
        "dbname": unquote(url.path.lstrip("/")),
    }
    given |= dict(parse_qsl(url.query, strict_parsing=bool(url.query)))
    environment = _bare_environment() | {name: value for name, value in os.environ.items() if name.startswith("PG")}
    session = [environment.get("PGOPTIONS", "")]
    for name, value in given.items():
        if value and name in _VARIABLES:
            environment[_VARIABLES[name]] = value
        elif value and name != "options":
            session.append(f"-c {name}={_escaped(value)}")
    session.append(given.get("options", ""))
    if options := " ".join(part for part in session if part):
        environment["PGOPTIONS"] = options  # not set without need: connection poolers refuse it
    return environment | {"PGAPPNAME": application, "PGCLIENTENCODING": "UTF8"}


def _escaped(value: str) -> str:
    return re.sub(r"([\\\s])", r"\\\1", value)


def _bare_environment() -> dict[str, str]:
    """Return what a program needs besides; none of our secrets."""
    names = ("HOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "KRB5CCNAME", "PATH")
    return {"LC_ALL": "C", **{name: os.environ[name] for name in names if name in os.environ}}
