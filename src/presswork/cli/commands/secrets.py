"""`presswork secrets`: the keys that seal tokens and sign links."""

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
from presswork.secretkeys.model import Standing
from presswork.secretkeys.rotate import give_up_lost, retire, rotate
from presswork.secretkeys.store import standing

app: Final = typer.Typer(add_completion=False, no_args_is_help=True, help="Show, rotate and retire the secret keys.")

KeyId = Annotated[str, typer.Argument(metavar="KEY", help="Id of the key, as `status` shows it.")]


@app.command()
def status(data_dir: DataDir = None, as_json: AsJSON = False) -> None:
    """Show the keys by their ids, what each still seals, and which running process lacks one."""
    with plain_refusals(as_json=as_json):
        settings = read_settings(data_dir=data_dir)
        set_up_admin(settings)
        keyring = find_keyring(settings)
        here = () if keyring is None else keyring.fingerprints()
        found = with_database(settings, _standing)
    if as_json:
        print_json(_as_json(found, here))
        return
    print_table(
        ("key", "role", "here", "seals", "led until", "lacking in"),
        [
            [
                key,
                found.role_of(key).value,
                key in here,
                found.sealed_with(key),
                _led_until(found, key),
                [holder.process for holder in found.lacking(key)] if key == found.leads else None,
            ]
            for key in _ids(found, here)
        ],
        empty="There is no secret key yet; one is made at the first start.",
    )
    if unlabelled := found.sealed_with(None):
        console().print(f"{unlabelled} value(s) are from before values named their keys; a worker seals them anew.")


async def _standing(connection: Connection) -> Standing:
    return await standing(connection, now=SystemClock().now())


@app.command("rotate")
def rotate_key(
    wait: Annotated[
        float, typer.Option("--wait", metavar="SECONDS", min=0, help="How long to wait for processes, and for the end.")
    ] = 120.0,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Have a fresh key seal and sign, and seal anew what former ones have sealed, while everything runs.

    The key is made in the key file, or is the first of PRESSWORK_SECRET_KEYS. Broken off, it is run again and goes on.
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
                told=lambda sentence: None if as_json else console().print(sentence, markup=False),
            ),
        )
    if as_json:
        document = {"leads": done.leads, "resumed": done.resumed, "resealed": done.changed}
        print_json({**document, "remaining": done.remaining, "broken": done.broken})
    else:
        out = console()
        out.print(
            f"{done.changed} value(s) were sealed anew; the former keys seal {done.remaining} more.", markup=False
        )
        if done.remaining:
            out.print("Workers go on with it. `presswork secrets status` tells how far they are.", markup=False)
        if done.broken:
            out.print(f"{done.broken} value(s) can't be opened with any key here; `presswork doctor` tells more.")
        out.print("Keep the former keys until `presswork secrets retire KEY` lets them go.", markup=False)


@app.command("retire")
def retire_key(
    key: KeyId,
    break_links: Annotated[
        bool, typer.Option("--break-links", help="Even while links work that it has signed; they end with it.")
    ] = False,
    lost: Annotated[
        bool, typer.Option("--lost", help="It is gone for good: accounts that need it have to be connected again.")
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Give up a key that nothing needs any more; refused while something is sealed with it."""
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
            f"{lost_accounts} account(s) have to be connected again. Change the secrets of providers, if there are any."
        )
        console().print(sentence, markup=False)
    elif settings.secret_keys is not None:
        console().print("Take it out of PRESSWORK_SECRET_KEYS on every machine; the next restart does without it.")


def _ids(found: Standing, here: tuple[str, ...]) -> list[str]:
    known = [term.key_id for term in found.terms]
    added = [key for key in here if key not in known]
    unknown = [key for key in found.counts if key is not None and key not in known and key not in here]
    return [*added, *known, *unknown]


def _led_until(found: Standing, key: str) -> str | None:
    ended = next((term.led_until for term in found.terms if term.key_id == key), None)
    return None if ended is None else write_instant(ended)


def _as_json(found: Standing, here: tuple[str, ...]) -> dict[str, object]:
    return {
        "leads": found.leads,
        "keys": [
            {
                "id": key,
                "role": found.role_of(key).value,
                "isHere": key in here,
                "ledUntil": _led_until(found, key),
                "seals": found.sealed_with(key),
                "sealsWhere": dict(found.counts.get(key, {})),
                "lackingIn": [holder.process for holder in found.lacking(key)],
            }
            for key in _ids(found, here)
        ],
        "unlabelled": found.sealed_with(None),
        "unfinished": found.unfinished(),
        "processes": [
            {"process": holder.process, "part": holder.part, "keys": list(holder.key_ids), "leads": holder.leads}
            for holder in found.holders
        ],
    }
