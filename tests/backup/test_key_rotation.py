"""Backups and key rotation: each backup has the keys that it needs, and the restored installation uses them."""

from datetime import UTC, datetime, timedelta

from pydantic import SecretStr
from tests.backup.backups import Backups

from presswork.accounts.providers import add_provider
from presswork.core.clock import SystemClock
from presswork.core.enums import Environment
from presswork.crypto.keyring import load_keyring
from presswork.db.one_connection import connected
from presswork.platforms.settings import Settings
from presswork.secretkeys.inventory import key_inventory
from presswork.secretkeys.primary import keyring_for
from presswork.secretkeys.rotate import retire, rotate

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def address(settings: Settings) -> str:
    """Return the database URL."""
    assert isinstance(settings.database_url, SecretStr)
    return settings.database_url.get_secret_value()


async def secret_in(settings: Settings) -> str:
    """Decrypt the secret of the only provider with the keys of the settings."""
    async with connected(address(settings)) as connection:
        keyring = await keyring_for(connection, settings, now=NOW)
        return keyring.open(await connection.fetchval("SELECT sealed_secret FROM providers")).decode()


async def test_each_backup_has_the_keys_that_it_needs(
    backups: Backups, from_settings: Settings, to_settings: Settings
) -> None:
    """A backup from before a rotation is restored with the old key alone, although the installation has retired it."""
    async with connected(address(from_settings)) as connection:
        keyring = await keyring_for(connection, from_settings, now=NOW)
        added = await add_provider(
            connection,
            keyring,
            name="acme",
            environment=Environment.TEST,
            url="http://127.0.0.1/",
            secret=None,
            now=NOW,
        )
        old, before = keyring.primary, await backups.take(from_settings, now=NOW)
        done = await rotate(
            connection, from_settings, clock=SystemClock(), patience=timedelta(minutes=1), report=lambda _: None
        )
        between = await backups.take(from_settings, now=NOW)
        await retire(connection, from_settings, old, break_links=True, now=NOW)
    assert list(backups.contents(between).facts.keys) == [done.primary, old]
    assert load_keyring(from_settings).fingerprints() == (done.primary,)
    assert await secret_in(from_settings) == added.secret
    await backups.restore(before, to_settings, now=NOW, ran_until=NOW)
    assert load_keyring(to_settings).fingerprints() == (old,)
    assert await secret_in(to_settings) == added.secret


async def test_a_backup_without_keys_gets_a_new_key(
    backups: Backups, from_settings: Settings, to_settings: Settings
) -> None:
    """With lost keys the restored installation starts, and its new key is the primary."""
    async with connected(address(from_settings)) as connection:
        lost = await keyring_for(connection, from_settings, now=NOW)
    file = await backups.take(from_settings, now=NOW, with_keys=False)
    await backups.restore(file, to_settings, now=NOW, ran_until=NOW, are_keys_lost=True)
    async with connected(address(to_settings)) as connection:
        keyring = await keyring_for(connection, to_settings, now=NOW)
        found = await key_inventory(connection)
    assert found.primary == keyring.primary != lost.primary
