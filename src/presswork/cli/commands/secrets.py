"""`presswork secrets`: the keys that encrypt tokens and sign links."""

from datetime import timedelta
from typing import Annotated, Final

import typer

from presswork.cli.database import with_database
from presswork.cli.options import AsJSON, DataDir
from presswork.cli.output import console, plain_refusals, print_json, print_table
from presswork.cli.run.setup import read_settings, set_up_admin
from presswork.core.clock import SystemClock
from presswork.core.timestamps import write_instant
from presswork.crypto.keyring import find_keyring
from presswork.db.pool import Connection
from presswork.secretkeys.inventory import key_inventory
from presswork.secretkeys.model import KeyInventory
from presswork.secretkeys.rotate import Rotated, give_up_lost, re_encrypt_all, retire, rotate

app: Final = typer.Typer(add_completion=False, no_args_is_help=True, help="Show, rotate and retire the secret keys.")

KeyId = Annotated[str, typer.Argument(metavar="KEY", help="ID of the key, as `status` shows it.")]
Wait = Annotated[
    float,
    typer.Option("--wait", metavar="SECONDS", min=0, help="How long to retry values that other transactions hold."),
]


@app.command()
def status(data_dir: DataDir = None, as_json: AsJSON = False) -> None:
    """Show the keys by their IDs, whether each is configured here, and how many values it still encrypts."""
    with plain_refusals(as_json=as_json):
        settings = read_settings(data_dir=data_dir)
        set_up_admin(settings)
        keyring = find_keyring(settings)
        here = () if keyring is None else keyring.fingerprints()
        found = with_database(settings, key_inventory)
    if as_json:
        print_json(_as_json(found, here))
        return
    print_table(
        ("key", "role", "here", "values", "primary until"),
        [
            [key, found.role_of(key).value, key in here, found.sealed_with(key), _primary_until(found, key)]
            for key in _ids(found, here)
        ],
        empty="There is no secret key yet; one is generated at the first start.",
    )
    if unlabelled := found.sealed_with(None):
        console().print(
            f"{unlabelled} value(s) are from before values named their key; a worker re-encrypts them within a minute."
        )


@app.command("rotate")
def rotate_key(wait: Wait = 120.0, data_dir: DataDir = None, as_json: AsJSON = False) -> None:
    """Make a new key the primary and re-encrypt what former keys encrypt, while everything runs.

    The key is generated in the key file, or is the first of PRESSWORK_SECRET_KEYS. If interrupted, run it again: it continues.
    """
    with plain_refusals(as_json=as_json):
        settings = read_settings(data_dir=data_dir)
        set_up_admin(settings)
        done = with_database(
            settings,
            lambda connection: rotate(
                connection,
                settings,
                clock=SystemClock(),
                patience=timedelta(seconds=wait),
                report=lambda sentence: None if as_json else console().print(sentence, markup=False),
            ),
        )
    _print_result(done, as_json=as_json)


@app.command("re-encrypt")
def re_encrypt_values(wait: Wait = 120.0, data_dir: DataDir = None, as_json: AsJSON = False) -> None:
    """Re-encrypt what former keys encrypt with the primary. Workers do the same once a minute."""
    with plain_refusals(as_json=as_json):
        settings = read_settings(data_dir=data_dir)
        set_up_admin(settings)
        done = with_database(
            settings,
            lambda connection: re_encrypt_all(
                connection, settings, clock=SystemClock(), patience=timedelta(seconds=wait)
            ),
        )
    _print_result(done, as_json=as_json)


@app.command("retire")
def retire_key(
    key: KeyId,
    break_links: Annotated[
        bool, typer.Option("--break-links", help="Retire it even if links that it signed are still valid; they end.")
    ] = False,
    lost: Annotated[
        bool, typer.Option("--lost", help="It is permanently lost: accounts that need it must be connected again.")
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Retire a key that is no longer needed; refused while values are encrypted with it."""
    with plain_refusals(as_json=as_json):
        settings = read_settings(data_dir=data_dir)
        set_up_admin(settings)

        async def work(connection: Connection) -> int:
            now = SystemClock().now()
            if lost:
                return await give_up_lost(connection, settings, key, now=now)
            await retire(connection, settings, key, break_links=break_links, now=now)
            return 0

        lost_accounts = with_database(settings, work)
    if as_json:
        print_json({"key": key, "outcome": "retired", "lostAccounts": lost_accounts})
        return
    console().print(f"{key} is retired.", markup=False)
    if lost:
        sentence = (
            f"{lost_accounts} account(s) must be connected again. Replace the secrets of providers, if there are any."
        )
        console().print(sentence, markup=False)
    elif settings.secret_keys is not None:
        console().print("Remove it from PRESSWORK_SECRET_KEYS on every machine and restart the processes.")


def _print_result(done: Rotated, *, as_json: bool) -> None:
    if as_json:
        document = {"primary": done.primary, "resumed": done.resumed, "reEncrypted": done.changed}
        print_json({**document, "remaining": done.remaining, "broken": done.broken})
        return
    out = console()
    out.print(f"{done.changed} value(s) re-encrypted; former keys encrypt {done.remaining} more.", markup=False)
    if done.remaining:
        out.print("Workers continue. `presswork secrets status` shows the progress.", markup=False)
    if done.broken:
        out.print(f"{done.broken} value(s) can't be decrypted with any key here; run `presswork doctor`.", markup=False)
    out.print("Keep the former keys until `presswork secrets retire KEY` accepts them.", markup=False)


def _ids(found: KeyInventory, here: tuple[str, ...]) -> list[str]:
    known = [period.key_id for period in found.periods]
    added = [key for key in here if key not in known]
    unknown = [key for key in found.counts if key is not None and key not in known and key not in here]
    return [*known, *added, *unknown]


def _primary_until(found: KeyInventory, key: str) -> str | None:
    ended = next((period.primary_until for period in found.periods if period.key_id == key), None)
    return None if ended is None else write_instant(ended)


def _as_json(found: KeyInventory, here: tuple[str, ...]) -> dict[str, object]:
    return {
        "primary": found.primary,
        "keys": [
            {
                "id": key,
                "role": found.role_of(key).value,
                "isHere": key in here,
                "primaryUntil": _primary_until(found, key),
                "values": found.sealed_with(key),
                "valuesWhere": dict(found.counts.get(key, {})),
            }
            for key in _ids(found, here)
        ],
        "unlabelled": found.sealed_with(None),
        "toReEncrypt": found.to_re_encrypt(),
    }
