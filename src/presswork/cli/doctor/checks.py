"""What can be wrong with a set-up, and how to fix it. Each check looks and changes nothing that lasts."""

import os
import secrets
import shutil
import stat
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import asyncpg
import httpx2
from pydantic import SecretStr

from presswork.accounts.providers import provider_accesses
from presswork.cli.address import base_url
from presswork.cli.database import connected, database
from presswork.cli.doctor.database import check_server, not_reached
from presswork.cli.doctor.finding import Finding, Verdict, fail, ok, warn
from presswork.cli.doctor.settings import effective_values
from presswork.cli.doctor.work import check_work
from presswork.cli.run.cluster_check import find_misfits
from presswork.cli.run.data_dir_lock import find_running
from presswork.core.clock import SystemClock
from presswork.core.enums import Environment
from presswork.core.errors import PressworkError
from presswork.core.library_internals import missing_internals
from presswork.core.settings import Settings
from presswork.crypto.keyring import find_keyring, load_keyring
from presswork.crypto.webhook_signatures import signed_headers
from presswork.db.connect import is_pooled
from presswork.db.embedded import describe
from presswork.db.pool import Connection
from presswork.media.store import MediaStore
from presswork.platforms.port import ProviderAccess
from presswork.secretkeys.model import Role
from presswork.secretkeys.store import standing

_OLDEST_PYTHON: Final = (3, 11)
_LITTLE_SPACE_BYTES: Final = 1024**3
_NO_SPACE_BYTES: Final = 100 * 1024**2
_ANSWER_WITHIN: Final = timedelta(seconds=5)
_CREDENTIALS: Final = {
    "instagram": ("instagram_client_id", "instagram_client_secret"),
    "facebook": ("facebook_client_id", "facebook_client_secret"),
    "tiktok": ("tiktok_client_key", "tiktok_client_secret"),
}
_OPTIONAL: Final = frozenset({"facebook"})
"""Another way to Instagram, which many do without."""


async def examine(settings: Settings) -> list[Finding]:
    """Return every finding, in the order in which they are best mended."""
    return [
        effective_values(settings),
        _python(),
        await _libraries(),
        *_data_folder(settings),
        *await _database(settings),
        _secret_key(settings),
        await _media_store(settings),
        *await _service(settings),
        *_credentials(settings),
        _texts(settings),
        *await _reach(settings),
        await _public_url(settings),
    ]


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info[:2] < _OLDEST_PYTHON:
        return fail("python", f"Python {version} is too old.", "Install Presswork with Python 3.11 or newer.")
    return ok("python", f"Python {version}")


async def _libraries() -> Finding:
    if missing := await missing_internals():
        return fail("libraries", " ".join(missing), "Install Presswork again, with the versions that it asks for.")
    return ok("libraries", "aiohttp and asyncpg have what Presswork needs")


def _data_folder(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        what = "is not a folder" if not existing.is_dir() else "can't be written by this user"
        yield fail("data folder", f"{existing} {what}.", "Choose another with --data-dir or PRESSWORK_DATA_DIR.")
        return
    yield ok("data folder", f"{folder}" if existing == folder else f"{folder} (made at the first start)")
    free = shutil.disk_usage(existing).free
    shown = f"{free / 1024**3:.1f} GiB free"
    if free < _NO_SPACE_BYTES:
        yield fail("disk space", f"Only {shown}.", "Free some space: the database stops when the disk is full.")
    elif free < _LITTLE_SPACE_BYTES:
        yield warn("disk space", f"Only {shown}.", "Free some space, or keep media elsewhere: PRESSWORK_MEDIA_STORE.")
    else:
        yield ok("disk space", shown)


async def _database(settings: Settings) -> list[Finding]:
    try:
        if settings.database_url is None and not describe(settings.data_dir).is_initialised:
            return [ok("database", "embedded, made at the first start")]
        with database(settings) as dsn:
            async with connected(dsn) as connection:
                findings = [*await check_server(settings, connection), *await _hints(settings, connection)]
                if all(one.verdict is Verdict.OK for one in findings if one.name == "migrations"):
                    findings += await _misfits(settings, connection)
                    findings += await _keys_in_use(settings, connection)
                    findings += await check_work(settings, connection)
                    findings += await _providers(settings, connection)
                return findings
    except PressworkError as error:
        return [not_reached(error)]


async def _misfits(settings: Settings, connection: Connection) -> list[Finding]:
    """Hold this machine's keys and media store against those of the others."""
    try:
        misfits = await find_misfits(settings, connection)
    except PressworkError:
        return []  # keys or store can't be used at all, which has a finding of its own
    return [fail(one.name, one.message, one.fix) for one in misfits]


async def _hints(settings: Settings, connection: "asyncpg.Connection[asyncpg.Record]") -> list[Finding]:
    if not await is_pooled(connection):
        return []
    if settings.database_listen_url is None:
        return [
            warn(
                "hints",
                "A pooler is in between. Unless it pools sessions, hints get lost in it: posts start up to a second later.",
                "Set PRESSWORK_DATABASE_LISTEN_URL to the server's own address.",
            )
        ]
    async with connected(settings.database_listen_url.get_secret_value()) as direct:
        if await is_pooled(direct):
            return [warn("hints", "PRESSWORK_DATABASE_LISTEN_URL leads to a pooler, too.", "Name the server itself.")]
    return [ok("hints", "heard past the pooler")]


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
        fix = "Add it to PRESSWORK_SECRET_KEYS or secret.key here; if it is gone for good, `presswork secrets retire KEY --lost`."
        if worst is Verdict.WARN:
            fix = "Connect the accounts again that are reauth_required, and change the secrets of providers."
        return [Finding(name=name, verdict=worst, message=f"Missing here: {'; '.join(told)}.", fix=fix)]
    if lacking := found.lacking(found.leads or ""):
        names = ", ".join(f"{holder.part} {holder.process}" for holder in lacking)
        return [
            fail(name, f"{found.leads} seals and signs, and {names} does not have it.", "Give it to them and restart.")
        ]
    if count := found.unfinished():
        fix = "Workers go on with it by themselves; `presswork secrets rotate` does it at once."
        return [warn(name, f"A rotation is under way: former keys seal {count} value(s).", fix)]
    return [ok(name, f"{found.leads} seals and signs; all that are needed are here")]


async def _providers(settings: Settings, connection: Connection) -> list[Finding]:
    """Ask each managed provider who it is, signed, as docs/provider-protocol.md has it."""
    now, name = SystemClock().now(), "providers"
    if not await connection.fetchval("SELECT EXISTS (SELECT FROM providers)"):
        return []
    try:
        accesses = await provider_accesses(connection, load_keyring(settings), now=now)
    except PressworkError as error:
        return [fail(name, error.message, "Use the keys that the providers were added with.")]
    return [await _provider(environment, access, now) for environment, access in accesses]


async def _provider(environment: Environment, access: ProviderAccess, now: datetime) -> Finding:
    name = f"provider {access.name} ({environment})"
    secrets = [access.secret, *([access.former_secret] if access.former_secret else [])]
    answer = await _get(f"{access.base_url}/", signed_headers("presswork-doctor", b"", secrets=secrets, now=now))
    if answer is not None and answer.status_code == httpx2.codes.UNAUTHORIZED:
        return fail(name, "It does not take our signature.", "Compare the secrets and the clocks of both sides.")
    if answer is None or answer.status_code != httpx2.codes.OK:
        found = "does not answer" if answer is None else f"answers {answer.status_code}"
        return fail(name, f"{access.base_url} {found}.", "Check the address, and that the provider is up.")
    return ok(name, f"{access.base_url} answers and takes our signature")


def _secret_key(settings: Settings) -> Finding:
    path = settings.data_dir / "secret.key"
    if settings.secret_keys is None and not path.exists():
        return ok("secret key", "made in the data folder at the first start")
    try:
        load_keyring(settings)
    except (PressworkError, OSError) as error:
        return fail(
            "secret key", str(error), "Put back the key that this installation had, or every account has to reconnect."
        )
    if settings.secret_keys is not None:
        return ok("secret key", "from PRESSWORK_SECRET_KEYS")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        return fail("secret key", f"Others can read {path}.", f"chmod 600 {path}")
    return ok("secret key", f"{path}, readable by its owner only")


async def _media_store(settings: Settings) -> Finding:
    place = settings.media_store or settings.data_dir / "media"
    if isinstance(place, Path) and _is_missing(place):
        return ok("media store", f"{place} (made at the first start)")
    key = f"doctor/{secrets.token_hex(8)}"
    probe = secrets.token_bytes(32)
    try:
        store = MediaStore.open(place)
        await store.put_bytes(key, probe, "application/octet-stream")
        back = await store.get_bytes(key)
        await store.delete(key)
    except PressworkError as error:
        return fail("media store", error.message, "Correct PRESSWORK_MEDIA_STORE, its credentials or its permissions.")
    if back != probe:
        return fail("media store", f"{place} gives back other bytes than were put in.", "Use another store.")
    return ok("media store", f"{place} takes and gives back")


def _is_missing(folder: Path) -> bool:
    return not folder.exists()


async def _service(settings: Settings) -> list[Finding]:
    """Look at what listens now, if anything does: readiness and the sandbox."""
    running = find_running(settings.data_dir)
    url = (running.url if running else None) or base_url(settings)
    answer = await _get(f"{url}/readyz")
    if answer is None:
        return [
            warn("service", f"Nothing answers at {url}.", "Start it with `presswork up`."),
            await _sandbox(settings, url=None),
        ]
    return [*_readiness(url, answer), await _sandbox(settings, url=url)]


def _readiness(url: str, answer: httpx2.Response) -> Iterator[Finding]:
    try:
        checks = {str(check["name"]): check for check in answer.json()["checks"]}
        broken = [f"{name}: {check['message']}" for name, check in checks.items() if not check["ok"]]
    except (ValueError, KeyError, TypeError):
        yield fail("service", f"Another program answers at {url}.", "Choose another port with --port.")
        return
    if broken:
        yield fail("service", f"{url} is not ready ({'; '.join(broken)}).", "Mend that, or see the log of `up`.")
    else:
        yield ok("service", f"{url} is ready; a worker was seen lately")


async def _sandbox(settings: Settings, *, url: str | None) -> Finding:
    if settings.sandbox_url is None and not settings.sandbox:
        return ok("sandbox", "off; test projects can't publish")
    if settings.sandbox_url is None and url is None:
        return ok("sandbox", "served by the API under /sandbox")
    if settings.public_url is not None and settings.sandbox:
        return warn(
            "sandbox",
            "It is served under the public address: whoever finds it reads its posts and texts, and moves its clock.",
            "Turn it off (PRESSWORK_SANDBOX=false) where live projects are, or keep /sandbox from the internet in the proxy.",
        )
    place = f"{(settings.sandbox_url or f'{url}/sandbox').rstrip('/')}/"
    answer = await _get(place)
    if answer is None or answer.status_code != httpx2.codes.OK:
        return fail(
            "sandbox",
            f"No sandbox answers at {place}.",
            "Start it with `presswork sandbox` and name it in PRESSWORK_SANDBOX_URL, or restart the API.",
        )
    return ok("sandbox", place)


def _credentials(settings: Settings) -> Iterator[Finding]:
    for platform, names in _CREDENTIALS.items():
        missing = [f"PRESSWORK_{name.upper()}" for name in names if not _text(getattr(settings, name))]
        if platform in _OPTIONAL and len(missing) == len(names):
            yield ok(f"{platform} app", "not set up; only accounts that connect by it need it")
        elif missing:
            yield warn(
                f"{platform} app",
                f"Live projects need {' and '.join(missing)} to connect by {platform}. Test projects work without.",
                f"Register an app with {platform} and set its id and secret; docs/ tells how.",
            )
        else:
            yield ok(f"{platform} app", "id and secret are set")


async def _reach(settings: Settings) -> list[Finding]:
    """See whether the platforms that are set up can be reached from here; whatever they answer will do."""
    places = {
        "instagram": (settings.instagram_client_id, settings.instagram_graph_url),
        "facebook": (settings.facebook_client_id, settings.facebook_graph_url),
        "tiktok": (settings.tiktok_client_key, settings.tiktok_api_url),
        "text messages": (settings.sms_account_sid, settings.sms_api_url),
    }
    return [
        warn(
            f"way to {name}",
            f"{url} does not answer.",
            "Check this machine's network, DNS, proxy and clock; platforms that are down come back by themselves.",
        )
        if await _get(url) is None
        else ok(f"way to {name}", f"{url} answers")
        for name, (app, url) in places.items()
        if app
    ]


def _texts(settings: Settings) -> Finding:
    names = ("sms_account_sid", "sms_auth_token", "sms_from")
    missing = [f"PRESSWORK_{name.upper()}" for name in names if not _text(getattr(settings, name))]
    if missing:
        return warn(
            "text messages",
            f"Live drafts by text need {' and '.join(missing)}. Test projects work without.",
            "Open an account with a text message service and set its values; docs/ tells how.",
        )
    return ok("text messages", f"account, token and sender are set; {settings.sms_api_url} is called")


def _text(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")


async def _public_url(settings: Settings) -> Finding:
    if not settings.public_url:
        return warn(
            "public url",
            "PRESSWORK_PUBLIC_URL is not set; live projects need it, since platforms fetch media from there.",
            "Set it to the https address under which the internet reaches the API.",
        )
    place = f"{settings.public_url.rstrip('/')}/healthz"
    answer = await _get(place)
    if answer is None or answer.status_code != httpx2.codes.OK:
        found = "does not answer" if answer is None else f"answers {answer.status_code}"
        return fail("public url", f"{place} {found}.", "Check DNS, the certificate, the proxy, and that the API is up.")
    if not settings.public_url.startswith("https://"):
        return warn("public url", f"{settings.public_url} is not https.", "Platforms return people to https only.")
    return ok("public url", f"{settings.public_url} answers")


async def _get(url: str, headers: Mapping[str, str] | None = None) -> httpx2.Response | None:
    """Return the answer, or None if there is none."""
    try:
        async with httpx2.AsyncClient(timeout=_ANSWER_WITHIN.total_seconds(), follow_redirects=True) as client:
            return await client.get(url, headers=headers)
    except (httpx2.HTTPError, httpx2.InvalidURL):
        return None
