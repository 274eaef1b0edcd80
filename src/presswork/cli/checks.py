"""What can be wrong with a set-up, and how to mend it. Each check looks and changes nothing that lasts."""

import os
import secrets
import shutil
import stat
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

import httpx2
from pydantic import SecretStr

from presswork.accounts.providers import provider_accesses
from presswork.cli.address import base_url
from presswork.cli.claim import find_running
from presswork.cli.database import OLDEST_MAJOR, connected, database
from presswork.clock import SystemClock
from presswork.db.embedded import describe
from presswork.db.migrate import pending
from presswork.db.pool import Connection
from presswork.errors import PressworkError
from presswork.keyring import find_keyring, load_keyring
from presswork.media.store import MediaStore
from presswork.platforms.port import ProviderAccess
from presswork.secretkeys.model import Role
from presswork.secretkeys.store import standing
from presswork.settings import Settings
from presswork.signatures import signed_headers
from presswork.terms import Environment

_OLDEST_PYTHON: Final = (3, 11)
_LITTLE_SPACE_BYTES: Final = 1024**3
_NO_SPACE_BYTES: Final = 100 * 1024**2
_CLOCK_WARNS: Final = timedelta(seconds=2)
_CLOCK_FAILS: Final = timedelta(seconds=30)
"""Signed addresses and leases bear a few seconds of difference between machines, not minutes."""
_ANSWER_WITHIN: Final = timedelta(seconds=5)
_CREDENTIALS: Final = {
    "instagram": ("instagram_client_id", "instagram_client_secret"),
    "facebook": ("facebook_client_id", "facebook_client_secret"),
    "tiktok": ("tiktok_client_key", "tiktok_client_secret"),
}
_OPTIONAL: Final = frozenset({"facebook"})
"""Another way to Instagram, which many do without."""


class Verdict(StrEnum):
    """How a check came out; only `fail` means that something does not work."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check's outcome: what was found, and what to do about it where that is anything."""

    name: str
    verdict: Verdict
    message: str
    mend: str | None = None


async def examine(settings: Settings) -> list[Finding]:
    """Return every finding, in the order in which they are best mended."""
    return [
        _python(),
        *_data_folder(settings),
        *await _database(settings),
        _secret_key(settings),
        await _media_store(settings),
        *await _service(settings),
        *_credentials(settings),
        _texts(settings),
        await _public_url(settings),
    ]


def _ok(name: str, message: str) -> Finding:
    return Finding(name=name, verdict=Verdict.OK, message=message)


def _warn(name: str, message: str, mend: str) -> Finding:
    return Finding(name=name, verdict=Verdict.WARN, message=message, mend=mend)


def _fail(name: str, message: str, mend: str) -> Finding:
    return Finding(name=name, verdict=Verdict.FAIL, message=message, mend=mend)


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info[:2] < _OLDEST_PYTHON:
        return _fail("python", f"Python {version} is too old.", "Install Presswork with Python 3.11 or newer.")
    return _ok("python", f"Python {version}")


def _data_folder(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        what = "is not a folder" if not existing.is_dir() else "can't be written by this user"
        yield _fail("data folder", f"{existing} {what}.", "Choose another with --data-dir or PRESSWORK_DATA_DIR.")
        return
    yield _ok("data folder", f"{folder}" if existing == folder else f"{folder} (made at the first start)")
    free = shutil.disk_usage(existing).free
    shown = f"{free / 1024**3:.1f} GiB free"
    if free < _NO_SPACE_BYTES:
        yield _fail("disk space", f"Only {shown}.", "Free some space: the database stops when the disk is full.")
    elif free < _LITTLE_SPACE_BYTES:
        yield _warn("disk space", f"Only {shown}.", "Free some space, or keep media elsewhere: PRESSWORK_MEDIA_STORE.")
    else:
        yield _ok("disk space", shown)


async def _database(settings: Settings) -> list[Finding]:
    try:
        if settings.database_url is None and not describe(settings.data_dir).is_initialised:
            return [_ok("database", "embedded, made at the first start")]
        with database(settings) as dsn:
            async with connected(dsn) as connection:
                migrations = await _migrations(settings, connection)
                return [
                    await _server(settings, connection),
                    migrations,
                    await _fsync(connection),
                    await _clock(connection),
                    *(await _keys_in_use(settings, connection) if migrations.verdict is Verdict.OK else ()),
                    *(await _providers(settings, connection) if migrations.verdict is Verdict.OK else ()),
                ]
    except PressworkError as error:
        return [_fail("database", error.message, "Start the server, or correct PRESSWORK_DATABASE_URL.")]


async def _server(settings: Settings, connection: Connection) -> Finding:
    version = str(await connection.fetchval("SELECT current_setting('server_version')")).split()[0]
    kind = "embedded" if settings.database_url is None else "external"
    return _ok("database", f"{kind} PostgreSQL {version} answers; {OLDEST_MAJOR} or newer is needed")


async def _migrations(settings: Settings, connection: Connection) -> Finding:
    try:
        missing = await pending(connection)
    except PressworkError as error:
        return _fail("migrations", error.message, "Install the newer version of Presswork here too.")
    if not missing:
        return _ok("migrations", "current")
    found = f"{len(missing)} step(s) pending."
    mend = "Run `presswork migrate`."
    return _fail("migrations", found, mend) if settings.database_url else _warn("migrations", found, mend)


async def _fsync(connection: Connection) -> Finding:
    values = await connection.fetchrow(
        "SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit"
    )
    if values is None or values["fsync"] != "on" or values["commit"] == "off":
        return _fail(
            "durability",
            "The database may lose what it has answered for when the power fails.",
            "Turn on fsync and synchronous_commit in postgresql.conf: a post that is lost is published twice or never.",
        )
    return _ok("durability", "fsync is on, commits wait for the disk")


async def _keys_in_use(settings: Settings, connection: Connection) -> list[Finding]:
    """Compare the keys here with those that the database needs."""
    name = "keys in use"
    try:
        keyring = find_keyring(settings)
    except (PressworkError, OSError):
        return []  # the check of the key itself tells it
    found = await standing(connection, now=SystemClock().now())
    here = () if keyring is None else keyring.fingerprints()
    missing = found.in_use_without(here)
    if found.leads is None and not missing:
        return []
    worst = Verdict.OK
    told = []
    for key, count in missing.items():
        role = found.role_of(key)
        worst = Verdict.FAIL if role is not Role.RETIRED else max(worst, Verdict.WARN, key=list(Verdict).index)
        told.append(f"{key} ({role}) seals {count} value(s)")
    if told:
        mend = "Add it to PRESSWORK_SECRET_KEYS or secret.key here; if it is gone for good, `presswork secrets retire KEY --lost`."
        if worst is Verdict.WARN:
            mend = "Connect the accounts again that are reauth_required, and change the secrets of providers."
        return [Finding(name=name, verdict=worst, message=f"Missing here: {'; '.join(told)}.", mend=mend)]
    if lacking := found.lacking(found.leads or ""):
        names = ", ".join(f"{holder.part} {holder.process}" for holder in lacking)
        return [
            _fail(name, f"{found.leads} seals and signs, and {names} does not have it.", "Give it to them and restart.")
        ]
    if count := found.unfinished():
        mend = "Workers go on with it by themselves; `presswork secrets rotate` does it at once."
        return [_warn(name, f"A rotation is under way: former keys seal {count} value(s).", mend)]
    return [_ok(name, f"{found.leads} seals and signs; all that are needed are here")]


async def _providers(settings: Settings, connection: Connection) -> list[Finding]:
    """Ask each managed provider who it is, signed, as docs/provider-protocol.md has it."""
    now, name = SystemClock().now(), "providers"
    if not await connection.fetchval("SELECT EXISTS (SELECT FROM providers)"):
        return []
    try:
        accesses = await provider_accesses(connection, load_keyring(settings), now=now)
    except PressworkError as error:
        return [_fail(name, error.message, "Use the keys that the providers were added with.")]
    return [await _provider(environment, access, now) for environment, access in accesses]


async def _provider(environment: Environment, access: ProviderAccess, now: datetime) -> Finding:
    name = f"provider {access.name} ({environment})"
    secrets = [access.secret, *([access.former_secret] if access.former_secret else [])]
    answer = await _get(f"{access.base_url}/", signed_headers("presswork-doctor", b"", secrets=secrets, now=now))
    if answer is not None and answer.status_code == httpx2.codes.UNAUTHORIZED:
        return _fail(name, "It does not take our signature.", "Compare the secrets and the clocks of both sides.")
    if answer is None or answer.status_code != httpx2.codes.OK:
        found = "does not answer" if answer is None else f"answers {answer.status_code}"
        return _fail(name, f"{access.base_url} {found}.", "Check the address, and that the provider is up.")
    return _ok(name, f"{access.base_url} answers and takes our signature")


async def _clock(connection: Connection) -> Finding:
    clock = SystemClock()
    before = clock.now()
    theirs = await connection.fetchval("SELECT clock_timestamp()")
    after = clock.now()
    apart = abs(theirs - (before + (after - before) / 2))
    found = f"{apart.total_seconds():.1f} s from the database server's"
    mend = "Let both machines set their clocks by NTP."
    if apart > _CLOCK_FAILS:
        return _fail("clock", f"This machine's clock is {found}.", mend)
    if apart > _CLOCK_WARNS:
        return _warn("clock", f"This machine's clock is {found}.", mend)
    return _ok("clock", found)


def _secret_key(settings: Settings) -> Finding:
    path = settings.data_dir / "secret.key"
    if settings.secret_keys is None and not path.exists():
        return _ok("secret key", "made in the data folder at the first start")
    try:
        load_keyring(settings)
    except (PressworkError, OSError) as error:
        return _fail(
            "secret key", str(error), "Put back the key that this installation had, or every account has to reconnect."
        )
    if settings.secret_keys is not None:
        return _ok("secret key", "from PRESSWORK_SECRET_KEYS")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        return _fail("secret key", f"Others can read {path}.", f"chmod 600 {path}")
    return _ok("secret key", f"{path}, readable by its owner only")


async def _media_store(settings: Settings) -> Finding:
    place = settings.media_store or settings.data_dir / "media"
    if isinstance(place, Path) and _is_missing(place):
        return _ok("media store", f"{place} (made at the first start)")
    key = f"doctor/{secrets.token_hex(8)}"
    probe = secrets.token_bytes(32)
    try:
        store = MediaStore.open(place)
        await store.put_bytes(key, probe, "application/octet-stream")
        back = await store.get_bytes(key)
        await store.delete(key)
    except PressworkError as error:
        return _fail("media store", error.message, "Correct PRESSWORK_MEDIA_STORE, its credentials or its permissions.")
    if back != probe:
        return _fail("media store", f"{place} gives back other bytes than were put in.", "Use another store.")
    return _ok("media store", f"{place} takes and gives back")


def _is_missing(folder: Path) -> bool:
    return not folder.exists()


async def _service(settings: Settings) -> list[Finding]:
    """Look at what listens now, if anything does: readiness and the sandbox."""
    running = find_running(settings.data_dir)
    url = (running.url if running else None) or base_url(settings)
    answer = await _get(f"{url}/readyz")
    if answer is None:
        return [
            _warn("service", f"Nothing answers at {url}.", "Start it with `presswork up`."),
            await _sandbox(settings, url=None),
        ]
    return [*_readiness(url, answer), await _sandbox(settings, url=url)]


def _readiness(url: str, answer: httpx2.Response) -> Iterator[Finding]:
    try:
        checks = {str(check["name"]): check for check in answer.json()["checks"]}
        broken = [f"{name}: {check['message']}" for name, check in checks.items() if not check["ok"]]
    except (ValueError, KeyError, TypeError):
        yield _fail("service", f"Another program answers at {url}.", "Choose another port with --port.")
        return
    if broken:
        yield _fail("service", f"{url} is not ready ({'; '.join(broken)}).", "Mend that, or see the log of `up`.")
    else:
        yield _ok("service", f"{url} is ready; a worker was seen lately")


async def _sandbox(settings: Settings, *, url: str | None) -> Finding:
    if settings.sandbox_url is None and not settings.sandbox:
        return _ok("sandbox", "off; test projects can't publish")
    if settings.sandbox_url is None and url is None:
        return _ok("sandbox", "served by the API under /sandbox")
    place = f"{(settings.sandbox_url or f'{url}/sandbox').rstrip('/')}/"
    answer = await _get(place)
    if answer is None or answer.status_code != httpx2.codes.OK:
        return _fail(
            "sandbox",
            f"No sandbox answers at {place}.",
            "Start it with `presswork sandbox` and name it in PRESSWORK_SANDBOX_URL, or restart the API.",
        )
    return _ok("sandbox", place)


def _credentials(settings: Settings) -> Iterator[Finding]:
    for platform, names in _CREDENTIALS.items():
        missing = [f"PRESSWORK_{name.upper()}" for name in names if not _text(getattr(settings, name))]
        if platform in _OPTIONAL and len(missing) == len(names):
            yield _ok(f"{platform} app", "not set up; only accounts that connect by it need it")
        elif missing:
            yield _warn(
                f"{platform} app",
                f"Live projects need {' and '.join(missing)} to connect by {platform}. Test projects work without.",
                f"Register an app with {platform} and set its id and secret; docs/ tells how.",
            )
        else:
            yield _ok(f"{platform} app", "id and secret are set")


def _texts(settings: Settings) -> Finding:
    names = ("sms_account_sid", "sms_auth_token", "sms_from")
    missing = [f"PRESSWORK_{name.upper()}" for name in names if not _text(getattr(settings, name))]
    if missing:
        return _warn(
            "text messages",
            f"Live drafts by text need {' and '.join(missing)}. Test projects work without.",
            "Open an account with a text message service and set its values; docs/ tells how.",
        )
    return _ok("text messages", f"account, token and sender are set; {settings.sms_api_url} is called")


def _text(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")


async def _public_url(settings: Settings) -> Finding:
    if not settings.public_url:
        return _warn(
            "public url",
            "PRESSWORK_PUBLIC_URL is not set; live projects need it, since platforms fetch media from there.",
            "Set it to the https address under which the internet reaches the API.",
        )
    place = f"{settings.public_url.rstrip('/')}/healthz"
    answer = await _get(place)
    if answer is None or answer.status_code != httpx2.codes.OK:
        found = "does not answer" if answer is None else f"answers {answer.status_code}"
        return _fail(
            "public url", f"{place} {found}.", "Check DNS, the certificate, the proxy, and that the API is up."
        )
    if not settings.public_url.startswith("https://"):
        return _warn("public url", f"{settings.public_url} is not https.", "Platforms return people to https only.")
    return _ok("public url", f"{settings.public_url} answers")


async def _get(url: str, headers: Mapping[str, str] | None = None) -> httpx2.Response | None:
    """Return the answer, or None if there is none."""
    try:
        async with httpx2.AsyncClient(timeout=_ANSWER_WITHIN.total_seconds(), follow_redirects=True) as client:
            return await client.get(url, headers=headers)
    except (httpx2.HTTPError, httpx2.InvalidURL):
        return None
