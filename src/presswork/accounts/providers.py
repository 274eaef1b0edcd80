"""Managed providers that the operator of this service configured: each has a name, a URL and a shared secret."""

import base64
import ipaddress
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg

from presswork.audit.model import Action
from presswork.audit.record import record
from presswork.callers.model import COMMAND_LINE, Actor
from presswork.core.enums import Environment
from presswork.core.errors import Conflict, Invalid, Issue, NotFound
from presswork.crypto.keyring import Keyring, SealBroken
from presswork.crypto.webhook_signatures import PREFIX, key_of
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.platforms.port import ProviderAccess

SQL: Final = load("presswork.accounts", "provider_queries.sql")

SANDBOX: Final = "sandbox"
"""Provider of every test project; the name is reserved."""
OVERLAP: Final = timedelta(hours=24)
"""How long the former secret stays valid after a rotation, for calls and callbacks."""
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_MAX_URL_CHARACTERS: Final = 2_000


class ProviderNotFound(NotFound):
    """The environment has no provider of this name."""

    def __init__(self, name: str, environment: Environment) -> None:
        super().__init__(
            f"There is no provider {name} for {environment} projects. List all with `presswork provider list`.",
            provider=name,
        )


class ProviderBusy(Conflict):
    """The provider has unfinished posts, and only it can report their outcome."""

    def __init__(self, name: str, posts: int) -> None:
        super().__init__(
            f"{name} has {posts} unfinished post(s), and only it can report their outcome. Wait until they have ended. "
            "With --force it is removed now, and they end as OUTCOME_UNKNOWN unless it is added again in time.",
            provider=name,
            posts=posts,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderWithSecret:
    """A provider with its new secret, which is shown only once."""

    name: str
    environment: Environment
    base_url: str
    secret: str = field(repr=False)


async def add_provider(
    connection: Connection,
    keyring: Keyring,
    *,
    name: str,
    environment: Environment,
    url: str,
    secret: str | None,
    by: Actor = COMMAND_LINE,
    now: datetime,
) -> ProviderWithSecret:
    """Configure a provider; a secret is generated if `secret` is None. Raises Invalid, and Conflict if the name is in use."""
    issues = [issue for issue in (_name_issue(name), _url_issue(url, environment), _secret_issue(secret)) if issue]
    if issues:
        raise Invalid(issues)
    base_url, shared = url.rstrip("/"), secret or new_secret()
    sealed = keyring.seal(shared.encode())
    async with connection.transaction():
        if not await connection.fetchval(SQL["insert_provider"], environment.value, name, base_url, sealed, now):
            raise Conflict(
                f"There is already a provider {name} for {environment} projects. Remove it first, or change its secret "
                "with `presswork provider rotate-secret`.",
                provider=name,
            )
        await record(
            connection, Action.PROVIDER_ADD, name, by=by, environment=environment, now=now, detail={"url": base_url}
        )
    return ProviderWithSecret(name=name, environment=environment, base_url=base_url, secret=shared)


async def list_providers(
    connection: Connection, *, environment: Environment | None = None, limit: int = 1_000
) -> Sequence[asyncpg.Record]:
    """Return providers without their secrets: environment, name, base_url, former_until, created_at, updated_at, layers."""
    return await connection.fetch(SQL["list_providers"], None if environment is None else environment.value, limit)


async def provider_accesses(
    connection: Connection, keyring: Keyring, *, now: datetime, limit: int = 1_000
) -> Sequence[tuple[Environment, ProviderAccess]]:
    """Return URL and secrets of every provider. Raises SealBroken."""
    found = []
    for row in await connection.fetch(SQL["provider_secrets"], limit):
        environment = Environment(row["environment"])
        access = access_of(row["provider"], row, keyring, environment=environment, sandbox=None, now=now)
        if access is not None:
            found.append((environment, access))
    return found


async def remove_provider(
    connection: Connection,
    *,
    name: str,
    environment: Environment,
    is_forced: bool = False,
    by: Actor = COMMAND_LINE,
    now: datetime,
) -> None:
    """Delete a provider. Raises ProviderNotFound, and ProviderBusy if it has unfinished posts, unless forced."""
    async with connection.transaction():
        if not await connection.fetchval(SQL["delete_provider"], environment.value, name):
            raise ProviderNotFound(name, environment)
        posts = await connection.fetchval(SQL["posts_with_provider"], environment.value, name)
        if posts and not is_forced:
            raise ProviderBusy(name, posts)
        detail = {"abandonedPosts": posts}
        await record(connection, Action.PROVIDER_REMOVE, name, by=by, environment=environment, now=now, detail=detail)


async def rotate_secret(
    connection: Connection,
    keyring: Keyring,
    *,
    name: str,
    environment: Environment,
    secret: str | None,
    by: Actor = COMMAND_LINE,
    now: datetime,
) -> ProviderWithSecret:
    """Replace a provider's secret; a secret is generated if `secret` is None. The former secret stays valid for OVERLAP.

    Until then, calls carry a signature with each secret, and callbacks with either signature are accepted. A former
    secret that can't be decrypted, since its key is gone, is dropped. Raises Invalid and ProviderNotFound.
    """
    if (issue := _secret_issue(secret)) is not None:
        raise Invalid([issue])
    shared = secret or new_secret()
    sealed = keyring.seal(shared.encode())
    async with connection.transaction():
        row = await connection.fetchrow(SQL["lock_provider"], environment.value, name)
        if row is None:
            raise ProviderNotFound(name, environment)
        former: bytes | None = row["sealed_secret"]
        until: datetime | None = now + OVERLAP
        try:
            keyring.open(row["sealed_secret"])
        except SealBroken:
            former, until = None, None
        await connection.execute(SQL["change_secret"], environment.value, name, sealed, former, until, now)
        await record(connection, Action.PROVIDER_ROTATE_SECRET, name, by=by, environment=environment, now=now)
    return ProviderWithSecret(name=name, environment=environment, base_url=row["base_url"], secret=shared)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostProvider:
    """The provider that has a managed post. `access` is None if the provider is no longer configured."""

    status: str
    """Status of the post, as in the API."""
    sequence: int | None
    """Sequence number of the provider's latest status report; None if it sent none."""
    access: ProviderAccess | None


async def provider_of_post(
    pool: Pool, keyring: Keyring, post_id: UUID, *, sandbox: ProviderAccess | None, now: datetime
) -> PostProvider | None:
    """Return the provider that has a post, or None if there is no such post, or it was not dispatched. Raises SealBroken."""
    row = await pool.fetchrow(SQL["provider_of_post"], post_id)
    if row is None:
        return None
    environment = Environment(row["environment"])
    access = access_of(row["recorded_provider"], row, keyring, environment=environment, sandbox=sandbox, now=now)
    return PostProvider(status=row["status"], sequence=row["sequence"], access=access)


def new_secret() -> str:
    """Return a new secret: `whsec_` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def access_of(
    name: str | None,
    row: asyncpg.Record,
    keyring: Keyring,
    *,
    environment: Environment,
    sandbox: ProviderAccess | None,
    now: datetime,
) -> ProviderAccess | None:
    """Return URL and secrets of a provider, or None if it is not configured.

    `row` has its columns, null if it is not configured: provider, base_url, sealed_secret, former_secret, former_until.
    Raises SealBroken.
    """
    if row["provider"] is None:
        return sandbox if environment is Environment.TEST and name == SANDBOX else None
    has_former = row["former_until"] is not None and now < row["former_until"]
    return ProviderAccess(
        name=row["provider"],
        base_url=row["base_url"],
        secret=keyring.open(row["sealed_secret"]).decode(),
        former_secret=keyring.open(row["former_secret"]).decode() if has_former else None,
    )


def _name_issue(name: str) -> Issue | None:
    if name == SANDBOX:
        return Issue(
            "name",
            f"{SANDBOX} is reserved for the sandbox's provider, which every test project has. Choose another name.",
            "reserved",
        )
    if not _NAME.fullmatch(name):
        return Issue(
            "name",
            "This is not a valid name. Use up to 63 lower-case letters, digits and hyphens, and no hyphen at the start.",
            "bad_name",
        )
    return None


def _url_issue(url: str, environment: Environment) -> Issue | None:
    try:
        parts = urlsplit(url)
        is_absolute = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return Issue("url", "This is not a URL. Send one like https://publish.example.com/presswork.", "bad_url")
    if not is_absolute or parts.query or parts.fragment or parts.username is not None or not url.isascii():
        sentence = "The URL must be absolute, without user name, query or fragment."
        return Issue("url", sentence, "bad_url")
    if len(url) > _MAX_URL_CHARACTERS or any(character <= " " for character in url):
        return Issue("url", f"The URL may have at most {_MAX_URL_CHARACTERS} characters and no spaces.", "bad_url")
    is_near = environment is Environment.TEST and _is_loopback(parts.hostname or "")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_near):
        sentence = "The URL must use https. Plain http is allowed for test projects and for a provider on this machine."
        return Issue("url", sentence, "not_https")
    return None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _secret_issue(secret: str | None) -> Issue | None:
    if secret is None:
        return None
    try:
        key_of(secret)
    except ValueError as error:
        return Issue(
            "secret", f"This is not a valid secret: {error}. Leave it out to have one generated.", "bad_secret"
        )
    return None
