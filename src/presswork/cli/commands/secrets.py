"""`presswork secrets`: the keys that encrypt tokens and sign links."""

from datetime import timedelta
from typing import Annotated, Final

import typer

from presswork.cli.database import run_on_database
from presswork.cli.options import AsJSON, DataDir, Wide
from presswork.cli.output import console, print_json, print_result, print_table, say
from presswork.cli.table import Layout
from presswork.core.clock import SystemClock
from presswork.core.settings import Settings
from presswork.core.timestamps import write_instant
from presswork.crypto.keyring import find_keyring
from presswork.db.pool import Connection
from presswork.secretkeys.inventory import key_inventory
from presswork.secretkeys.model import KeyInventory
from presswork.secretkeys.rotate import Rotated, give_up_lost, re_encrypt_all, retire, rotate

app: Final = typer.Typer(add_completion=False, no_args_is_help=True, help="Show, rotate and retire the secret keys.")

KeyId = Annotated[str, typer.Argument(metavar="KEY", help="ID of the key, as `status` shows it.")]
_LONGEST_WAIT: Final = timedelta(days=1)


def _bounded(seconds: float) -> float:
    """Return a wait. Raises BadParameter for more than a day, and for `nan`, which the bounds of an option accept."""
    if not 0 <= seconds <= _LONGEST_WAIT.total_seconds():
        raise typer.BadParameter(f"Pass 0 to {_LONGEST_WAIT.total_seconds():.0f} seconds.")
    return seconds


Wait = Annotated[
    float,
    typer.Option(
        "--wait", metavar="SECONDS", callback=_bounded, help="How long to retry values that other transactions hold."
    ),
]


@app.command()
def status(wide: Wide = False, data_dir: DataDir = None, as_json: AsJSON = False) -> None:
    """Show the keys by their IDs, whether each is configured here, and how many values it still encrypts."""

    async def work(connection: Connection, settings: Settings) -> tuple[tuple[str, ...], KeyInventory]:
        keyring = find_keyring(settings)
        return () if keyring is None else keyring.fingerprints(), await key_inventory(connection)

    here, found = run_on_database(work, data_dir=data_dir, as_json=as_json)
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
        layout=Layout(drop=("primary until",)),
        wide=wide,
    )
    if unlabelled := found.sealed_with(None):
        say(f"{unlabelled} value(s) are from before values named their key; a worker re-encrypts them within a minute.")


@app.command("rotate")
def rotate_key(wait: Wait = 120.0, data_dir: DataDir = None, as_json: AsJSON = False) -> None:
    """Make a new key the primary and re-encrypt what former keys encrypt, while everything runs.

    The key is generated in the key file, or is the first of PRESSWORK_SECRET_KEYS. If interrupted, run it again: it continues.
    """
    done = run_on_database(
        lambda connection, settings: rotate(
            connection,
            settings,
            clock=SystemClock(),
            patience=timedelta(seconds=wait),
            report=lambda sentence: None if as_json else console().print(sentence, markup=False),
        ),
        data_dir=data_dir,
        as_json=as_json,
    )
    _print_result(done, as_json=as_json)


@app.command("re-encrypt")
def re_encrypt_values(wait: Wait = 120.0, data_dir: DataDir = None, as_json: AsJSON = False) -> None:
    """Re-encrypt what former keys encrypt with the primary. Workers do the same once a minute."""
    done = run_on_database(
        lambda connection, settings: re_encrypt_all(
            connection, settings, clock=SystemClock(), patience=timedelta(seconds=wait)
        ),
        data_dir=data_dir,
        as_json=as_json,
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

    async def work(connection: Connection, settings: Settings) -> tuple[int, bool]:
        now = SystemClock().now()
        if lost:
            return await give_up_lost(connection, settings, key, now=now), False
        await retire(connection, settings, key, break_links=break_links, now=now)
        return 0, settings.secret_keys is not None

    lost_accounts, is_in_environment = run_on_database(work, data_dir=data_dir, as_json=as_json)
    sentences = [f"{key} is retired."]
    if lost:
        sentences.append(
            f"{lost_accounts} account(s) must be connected again. Replace the secrets of providers, if there are any."
        )
    if is_in_environment:
        sentences.append("Remove it from PRESSWORK_SECRET_KEYS on every machine and restart the processes.")
    document = {"key": key, "outcome": "retired", "lostAccounts": lost_accounts}
    print_result(document, *sentences, as_json=as_json)


def _print_result(done: Rotated, *, as_json: bool) -> None:
    document = {"primary": done.primary, "resumed": done.resumed, "reEncrypted": done.changed}
    sentences = [f"{done.changed} value(s) re-encrypted; former keys encrypt {done.remaining} more."]
    if done.remaining:
        sentences.append("Workers continue. `presswork secrets status` shows the progress.")
    if done.broken:
        sentences.append(f"{done.broken} value(s) can't be decrypted with any key here; run `presswork doctor`.")
    sentences.append("Keep the former keys until `presswork secrets retire KEY` accepts them.")
    print_result({**document, "remaining": done.remaining, "broken": done.broken}, *sentences, as_json=as_json)


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
