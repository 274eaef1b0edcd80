"""Checks of the secret keys against the values that are encrypted in the database."""

from typing import Final

from presswork.accounts.vault import open_tokens
from presswork.core.errors import PressworkError
from presswork.crypto.keyring import Keyring, SealBroken, find_keyring
from presswork.db.pool import Connection
from presswork.db.queries import load
from presswork.doctor.model import CheckStatus, Finding, fail, ok, warn
from presswork.platforms.settings import Settings
from presswork.secretkeys.inventory import key_inventory
from presswork.secretkeys.model import Role

_SQL: Final = load("presswork.doctor.checks", "checks.sql")
_NAME: Final = "keys in use"


async def keys_in_use(settings: Settings, connection: Connection) -> list[Finding]:
    """Compare the keys that are configured here with those that the database needs."""
    try:
        keyring = find_keyring(settings)
    except (PressworkError, OSError):
        return []  # the check of the key file reports it
    found = await key_inventory(connection)
    missing = found.needed_beyond(() if keyring is None else keyring.fingerprints())
    if found.primary is None and not missing:
        return []
    if missing:
        listed = "; ".join(f"{key} ({found.role_of(key)}) encrypts {count} value(s)" for key, count in missing.items())
        message = f"Missing here: {listed}."
        if all(found.role_of(key) is Role.RETIRED for key in missing):
            fix = "Connect the accounts that are reauth_required again, and replace the secrets of providers."
            return [Finding(name=_NAME, status=CheckStatus.WARN, message=message, fix=fix)]
        fix = (
            "Add it to PRESSWORK_SECRET_KEYS or secret.key here. If it is lost: `presswork secrets retire KEY --lost`."
        )
        return [fail(_NAME, message, fix)]
    if count := found.to_re_encrypt():
        fix = "Workers continue it once a minute; `presswork secrets re-encrypt` does it now."
        return [warn(_NAME, f"A rotation is in progress: former keys encrypt {count} value(s).", fix)]
    return [ok(_NAME, f"{found.primary} is the primary; every key that is needed is configured here")]


async def encrypted_values(settings: Settings, connection: Connection) -> list[Finding]:
    """Check that the secret keys of this machine decrypt the newest tokens."""
    name, sealed = "encrypted values", [row["sealed_tokens"] for row in await connection.fetch(_SQL["some_tokens"])]
    if not sealed:
        return []
    fix = (
        "Restore the keys of this installation (PRESSWORK_SECRET_KEYS, or secret.key in the data folder; backups contain it), "
        "the same on every machine. Without them, every account must be connected again."
    )
    try:
        keyring = find_keyring(settings)
    except (PressworkError, OSError):
        return []  # the check of the key file reports it
    if keyring is None:
        return [fail(name, "Accounts are connected, but there is no secret key here to decrypt their tokens.", fix)]
    unopened = sum(not _can_open(keyring, one) for one in sealed)
    if unopened:
        return [fail(name, f"{unopened} of {len(sealed)} tokens can't be decrypted with the keys here.", fix)]
    return [ok(name, "the secret keys here decrypt the tokens in the database")]


def _can_open(keyring: Keyring, sealed: bytes) -> bool:
    try:
        open_tokens(keyring, sealed)
    except SealBroken:
        return False
    return True
