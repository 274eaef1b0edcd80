"""How the commands run that administer an installation: with its settings, and most of them on its database."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from presswork.callers.model import Actor
from presswork.cli.actor import here
from presswork.cli.command import Finish, Output
from presswork.cli.database import database, require_schema
from presswork.cli.options import AsJSON, DataDir
from presswork.cli.output import plain_refusals
from presswork.cli.run.setup import read_settings, set_up_admin
from presswork.core.clock import SystemClock
from presswork.core.errors import Invalid, Issue
from presswork.core.ids import parse_id
from presswork.db.one_connection import connected
from presswork.db.pool import Connection
from presswork.platforms.settings import Settings

MAX_NAME_CHARACTERS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Admin:
    """What a command on the database works with."""

    connection: Connection
    settings: Settings
    by: Actor = field(default_factory=here)  # for the audit log
    now: datetime = field(default_factory=lambda: SystemClock().now())


def on_settings(
    work: Callable[[Settings], Output | None], finish: Finish, *, data_dir: DataDir = None, as_json: AsJSON = False
) -> None:
    """Call a function with the settings, as a kind of `Commands`."""
    with plain_refusals(as_json=as_json):
        settings = read_settings(data_dir=data_dir)
        set_up_admin(settings)
        finish(work(settings))


def on_database(
    work: Callable[[Admin], Awaitable[Output]], finish: Finish, *, data_dir: DataDir = None, as_json: AsJSON = False
) -> None:
    """Call a function with a connection to the database, whose schema is current, as a kind of `Commands`."""

    async def run(settings: Settings, dsn: str) -> Output:
        async with connected(dsn) as connection:
            await require_schema(settings, connection)
            return await work(Admin(connection=connection, settings=settings))

    def run_with(settings: Settings) -> Output:
        with database(settings) as dsn:
            return asyncio.run(run(settings, dsn))

    on_settings(run_with, finish, data_dir=data_dir, as_json=as_json)


def read_id(prefix: str, text: str, place: str, *, is_bare_allowed: bool = True) -> UUID:
    """Return the id that an option has. Raises Invalid with the name of the option."""
    try:
        return parse_id(prefix, text, is_bare_allowed=is_bare_allowed)
    except ValueError as error:
        raise Invalid([Issue.at(place, str(error), "bad_id")]) from error


def check_name(name: str) -> list[Issue]:
    """Return the issues of a name."""
    if name.strip() and len(name) <= MAX_NAME_CHARACTERS:
        return []
    return [Issue("name", f"The name must have 1–{MAX_NAME_CHARACTERS} characters.", "bad_name")]
