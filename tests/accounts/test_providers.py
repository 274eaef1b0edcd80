"""Providers: validation of their configuration, and handling of their secrets."""

import base64
from datetime import timedelta
from typing import Final

import pytest
from tests.clocks import MovableClock

from presswork.accounts.providers import (
    OVERLAP,
    ProviderNotFound,
    access_of,
    add_provider,
    list_providers,
    new_secret,
    remove_provider,
    rotate_secret,
)
from presswork.core.enums import Environment
from presswork.core.errors import Conflict, Invalid
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Pool
from presswork.platforms.port import ProviderAccess

KEYRING: Final = Keyring([b"k" * 32])
URL: Final = "https://publish.example.com/presswork"


async def read(pool: Pool, name: str, environment: Environment, clock: MovableClock) -> ProviderAccess | None:
    """Return a provider as the worker reads it."""
    row = await pool.fetchrow(
        "SELECT name AS provider, base_url, sealed_secret, former_secret, former_until FROM providers WHERE name = $1",
        name,
    )
    assert row is not None
    return access_of(name, row, KEYRING, environment=environment, sandbox=None, now=clock.now())


async def test_provider_secret_is_stored_encrypted(pool: Pool, clock: MovableClock) -> None:
    """A generated secret is returned once and stored only encrypted; a trailing slash of the URL is dropped."""
    async with pool.acquire() as connection:
        added = await add_provider(
            connection, KEYRING, name="acme", environment=Environment.LIVE, url=f"{URL}/", secret=None, now=clock.now()
        )
        listed = await list_providers(connection)
    assert 24 <= len(base64.b64decode(added.secret.removeprefix("whsec_"), validate=True)) <= 64
    access = await read(pool, "acme", Environment.LIVE, clock)
    assert access == ProviderAccess(name="acme", base_url=URL, secret=added.secret)
    stored = await pool.fetchval("SELECT row_to_json(v)::text || encode(sealed_secret, 'escape') FROM providers v")
    assert added.secret not in stored
    assert added.secret not in f"{added!r} {access!r} {[dict(row) for row in listed]}"


async def test_names_are_per_environment(pool: Pool, clock: MovableClock) -> None:
    """A name may exist in both environments; a duplicate in one environment is a conflict."""
    async with pool.acquire() as connection:
        for environment in Environment:
            await add_provider(
                connection, KEYRING, name="acme", environment=environment, url=URL, secret=None, now=clock.now()
            )
        with pytest.raises(Conflict, match="rotate-secret"):
            await add_provider(
                connection, KEYRING, name="acme", environment=Environment.LIVE, url=URL, secret=None, now=clock.now()
            )
        assert len(await list_providers(connection)) == 2
        assert len(await list_providers(connection, environment=Environment.TEST)) == 1


@pytest.mark.parametrize("environment", list(Environment))
@pytest.mark.parametrize(
    ("name", "url", "secret", "code"),
    [
        ("sandbox", URL, None, "reserved"),
        ("Acme", URL, None, "bad_name"),
        ("-acme", URL, None, "bad_name"),
        ("", URL, None, "bad_name"),
        ("a" * 64, URL, None, "bad_name"),
        ("acme\n", URL, None, "bad_name"),
        ("acme", "publish.example.com", None, "bad_url"),
        ("acme", "https://", None, "bad_url"),
        ("acme", "https://me@publish.example.com", None, "bad_url"),
        ("acme", f"{URL}?a=b", None, "bad_url"),
        ("acme", f"{URL}#a", None, "bad_url"),
        ("acme", "https://[::1", None, "bad_url"),
        ("acme", "https://publish.example.com:99999", None, "bad_url"),
        ("acme", "https://publish.example.com/a b", None, "bad_url"),
        ("acme", "http://publish.example.com", None, "not_https"),
        ("acme", "ftp://publish.example.com", None, "not_https"),
        ("acme", URL, "secret", "bad_secret"),
        ("acme", URL, "whsec_c2hvcnQ=", "bad_secret"),
        ("acme", URL, "whsec_!", "bad_secret"),
    ],
)
async def test_invalid_providers_are_rejected(
    pool: Pool, clock: MovableClock, environment: Environment, name: str, url: str, secret: str | None, code: str
) -> None:
    """Each error is reported, and nothing is written."""
    async with pool.acquire() as connection:
        with pytest.raises(Invalid) as refused:
            await add_provider(
                connection, KEYRING, name=name, environment=environment, url=url, secret=secret, now=clock.now()
            )
        assert [issue.code for issue in refused.value.issues] == [code]
        assert await list_providers(connection) == []


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
async def test_plain_http_is_for_this_machine_and_test_projects(pool: Pool, clock: MovableClock, host: str) -> None:
    """Plain http is accepted for test projects and loopback hosts, and rejected otherwise."""
    async with pool.acquire() as connection:
        url = f"http://{host}:9100"
        await add_provider(
            connection,
            KEYRING,
            name="near",
            environment=Environment.TEST,
            url=url,
            secret=new_secret(),
            now=clock.now(),
        )
        with pytest.raises(Invalid, match="https"):
            await add_provider(
                connection, KEYRING, name="near", environment=Environment.LIVE, url=url, secret=None, now=clock.now()
            )


async def test_former_secret_is_valid_for_one_day(pool: Pool, clock: MovableClock) -> None:
    """Both secrets are used for one day, then only the new one; a second rotation drops the first secret."""
    async with pool.acquire() as connection:
        first = await add_provider(
            connection, KEYRING, name="acme", environment=Environment.LIVE, url=URL, secret=None, now=clock.now()
        )
        chosen = new_secret()
        second = await rotate_secret(
            connection, KEYRING, name="acme", environment=Environment.LIVE, secret=chosen, now=clock.now()
        )
        assert second.secret == chosen
        access = await read(pool, "acme", Environment.LIVE, clock)
        assert access is not None
        assert (access.secret, access.former_secret) == (chosen, first.secret)
        third = await rotate_secret(
            connection, KEYRING, name="acme", environment=Environment.LIVE, secret=None, now=clock.now()
        )
        access = await read(pool, "acme", Environment.LIVE, clock)
        assert access is not None
        assert (access.secret, access.former_secret) == (third.secret, chosen)
        clock.advance(OVERLAP - timedelta(seconds=1))
        assert (await read(pool, "acme", Environment.LIVE, clock) or access).former_secret == chosen
        clock.advance(timedelta(seconds=1))
        after = await read(pool, "acme", Environment.LIVE, clock)
        assert after == ProviderAccess(name="acme", base_url=URL, secret=third.secret)
        with pytest.raises(ProviderNotFound):
            await rotate_secret(
                connection, KEYRING, name="acme", environment=Environment.TEST, secret=None, now=clock.now()
            )


async def test_a_secret_whose_key_is_lost_can_be_rotated(pool: Pool, clock: MovableClock) -> None:
    """The former secret can't be decrypted: it is dropped, and the provider works with the new one at once."""
    async with pool.acquire() as connection:
        await add_provider(
            connection,
            Keyring([b"l" * 32]),
            name="acme",
            environment=Environment.LIVE,
            url=URL,
            secret=None,
            now=clock.now(),
        )
        changed = await rotate_secret(
            connection, KEYRING, name="acme", environment=Environment.LIVE, secret=None, now=clock.now()
        )
        (listed,) = await list_providers(connection)
    access = await read(pool, "acme", Environment.LIVE, clock)
    assert access == ProviderAccess(name="acme", base_url=URL, secret=changed.secret)
    assert listed["former_until"] is None


async def test_provider_is_removed(pool: Pool, clock: MovableClock) -> None:
    """A provider is removed from its environment only, and only once."""
    async with pool.acquire() as connection:
        await add_provider(
            connection, KEYRING, name="acme", environment=Environment.TEST, url=URL, secret=None, now=clock.now()
        )
        with pytest.raises(ProviderNotFound):
            await remove_provider(connection, name="acme", environment=Environment.LIVE, now=clock.now())
        await remove_provider(connection, name="acme", environment=Environment.TEST, now=clock.now())
        with pytest.raises(ProviderNotFound):
            await remove_provider(connection, name="acme", environment=Environment.TEST, now=clock.now())
        assert await list_providers(connection) == []
