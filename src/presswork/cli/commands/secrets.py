"""`presswork secrets`: the keys that encrypt tokens and sign links."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import typer

from presswork.cli.administration import Admin, on_database
from presswork.cli.command import Commands, Output, sentences, table_of_rows
from presswork.cli.options import AsJSON, argument, option
from presswork.cli.output import console
from presswork.core.clock import SystemClock
from presswork.core.timestamps import write_instant
from presswork.crypto.keyring import find_keyring
from presswork.secretkeys.inventory import key_inventory
from presswork.secretkeys.model import KeyInventory
from presswork.secretkeys.rotate import Rotated, give_up_lost, re_encrypt_all, retire, rotate

commands: Final = Commands(on_database, "Show, rotate and retire the secret keys.")

_MAX_WAIT: Final = timedelta(days=1)


def _require_bounded(seconds: float) -> float:
    """Return a wait. Raises BadParameter for more than a day, and for `nan`, which the bounds of an option accept."""
    if not 0 <= seconds <= _MAX_WAIT.total_seconds():
        raise typer.BadParameter(f"Pass 0 to {_MAX_WAIT.total_seconds():.0f} seconds.")
    return seconds


_WAIT: Final = option(
    "--wait SECONDS", "How long to retry values that other transactions hold.", 120.0, callback=_require_bounded
)


@commands.listing("status")
async def status(admin: Admin) -> Output:
    """Show the keys by their IDs, whether each is configured here, and how many values it still encrypts."""
    keyring = find_keyring(admin.settings)
    here = () if keyring is None else keyring.fingerprints()
    found = await key_inventory(admin.connection)
    key_ids = _list_key_ids(found, here)
    ends = {period.key_id: period.primary_until for period in found.periods}
    unlabelled = found.sealed_with(None)
    return table_of_rows(
        ("key", "role", "here", "values", "primary until"),
        [[key, found.role_of(key), key in here, found.sealed_with(key), _format_end(ends.get(key))] for key in key_ids],
        document={
            "primary": found.primary,
            "keys": [
                {
                    "id": key,
                    "role": found.role_of(key),
                    "isHere": key in here,
                    "primaryUntil": ends.get(key),
                    "values": found.sealed_with(key),
                    "valuesWhere": dict(found.counts.get(key, {})),
                }
                for key in key_ids
            ],
            "unlabelled": unlabelled,
            "toReEncrypt": found.to_re_encrypt(),
        },
        empty="There is no secret key yet; one is generated at the first start.",
        drop=("primary until",),
        notes=[
            f"{unlabelled} value(s) are from before values named their key; a worker re-encrypts them within a minute."
        ]
        if unlabelled
        else [],
    )


def _list_key_ids(found: KeyInventory, here: Sequence[str]) -> list[str]:
    known = [period.key_id for period in found.periods]
    added = [key for key in here if key not in known]
    unknown = [key for key in found.counts if key is not None and key not in known and key not in here]
    return [*known, *added, *unknown]


def _format_end(at: datetime | None) -> str | None:
    return None if at is None else write_instant(at)


@commands.command("rotate")
async def rotate_key(admin: Admin, wait: float = _WAIT, as_json: AsJSON = False) -> Output:
    """Make a new key the primary and re-encrypt what former keys encrypt, while everything runs.

    The key is generated in the key file, or is the first of PRESSWORK_SECRET_KEYS. If interrupted, run it again: it continues.
    """
    done = await rotate(
        admin.connection,
        admin.settings,
        clock=SystemClock(),
        patience=timedelta(seconds=wait),
        report=lambda sentence: None if as_json else console().print(sentence, markup=False),
    )
    return _describe_rotation(done)


@commands.command("re-encrypt")
async def re_encrypt_values(admin: Admin, wait: float = _WAIT) -> Output:
    """Re-encrypt what former keys encrypt with the primary. Workers do the same once a minute."""
    patience = timedelta(seconds=wait)
    return _describe_rotation(
        await re_encrypt_all(admin.connection, admin.settings, clock=SystemClock(), patience=patience)
    )


def _describe_rotation(done: Rotated) -> Output:
    lines = [f"{done.changed} value(s) re-encrypted; former keys encrypt {done.remaining} more."]
    if done.remaining:
        lines.append("Workers continue. `presswork secrets status` shows the progress.")
    if done.broken:
        lines.append(f"{done.broken} value(s) can't be decrypted with any key here; run `presswork doctor`.")
    document = {
        "primary": done.primary,
        "resumed": done.resumed,
        "reEncrypted": done.changed,
        "remaining": done.remaining,
        "broken": done.broken,
    }
    return sentences(document, *lines, "Keep the former keys until `presswork secrets retire KEY` accepts them.")


@commands.command("retire")
async def retire_key(
    admin: Admin,
    key: str = argument("KEY", "ID of the key, as `status` shows it.", ...),
    break_links: bool = option(
        "--break-links", "Retire it even if links that it signed are still valid; they end.", False
    ),
    lost: bool = option("--lost", "It is permanently lost: accounts that need it must be connected again.", False),
) -> Output:
    """Retire a key that is no longer needed; refused while values are encrypted with it."""
    lines, lost_accounts = [f"{key} is retired."], 0
    if lost:
        lost_accounts = await give_up_lost(admin.connection, admin.settings, key, now=admin.now)
        lines.append(
            f"{lost_accounts} account(s) must be connected again. Replace the secrets of providers, if there are any."
        )
    else:
        await retire(admin.connection, admin.settings, key, break_links=break_links, now=admin.now)
        if admin.settings.secret_keys is not None:
            lines.append("Remove it from PRESSWORK_SECRET_KEYS on every machine and restart the processes.")
    return sentences({"key": key, "outcome": "retired", "lostAccounts": lost_accounts}, *lines)
