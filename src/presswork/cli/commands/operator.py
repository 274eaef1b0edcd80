"""`presswork operator`: the people of an organization who are reached by phone."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final, TypeVar
from uuid import UUID

import typer

from presswork.cli.actor import here
from presswork.cli.address import base_url
from presswork.cli.database import with_database
from presswork.cli.options import AsJSON, DataDir
from presswork.cli.output import console, plain_refusals, print_json, print_table
from presswork.cli.run.data_dir_lock import find_running
from presswork.cli.run.setup import read_settings, set_up_admin
from presswork.core.clock import SystemClock
from presswork.core.enums import Environment
from presswork.core.errors import Invalid, Issue
from presswork.core.ids import OPERATOR, ORGANIZATION, parse_id, public_id
from presswork.core.phone_numbers import is_phone, masked
from presswork.core.settings import Settings
from presswork.core.timestamps import write_instant
from presswork.db.pool import Connection
from presswork.orgs.keys import ensure_organization
from presswork.orgs.operator_model import Operator, OperatorChanges, OperatorNotFound
from presswork.orgs.operators import (
    change_operator,
    confirm_phone,
    create_operator,
    list_all_operators,
    organization_of,
    send_code,
    try_code,
)
from presswork.platforms.registry import Platforms
from presswork.secretkeys.primary import keyring_for

app: Final = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Make and list operators, verify their phones, choose the primary one.",
)

Outcome = TypeVar("Outcome")
_NAME_CHARACTERS: Final = 200
Id = Annotated[str, typer.Argument(metavar="OPERATOR", help="Its id, opr_….")]


@app.command()
def create(
    org: Annotated[str, typer.Option("--org", metavar="NAME", help="Whose it is; made if it is new.")],
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="What people call this person.")],
    phone: Annotated[
        str | None, typer.Option("--phone", metavar="E164", help="The person's phone, like +351912345678.")
    ] = None,
    verified: Annotated[
        bool, typer.Option("--verified", help="Take the phone as verified, without a code: you know whose it is.")
    ] = False,
    primary: Annotated[
        bool, typer.Option("--primary", help="Make it the primary one. An organization's first one is it anyway.")
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Make an operator, and its organization if that is new."""

    async def work(connection: Connection) -> Operator:
        _check(name, phone, verified)
        now = SystemClock().now()
        async with connection.transaction():
            organization_id = await ensure_organization(connection, org, now=now, by=here())
            return await create_operator(
                connection,
                organization_id,
                name=name,
                phone=phone,
                is_primary=primary,
                verified_in=Environment.LIVE if verified else None,
                by=here(),
                now=now,
            )

    operator = _run(lambda _settings: work, data_dir=data_dir, as_json=as_json)
    if as_json:
        print_json(_as_json(operator))
    else:
        console().print(public_id(OPERATOR, operator.id), markup=False)


@app.command("list")
def list_all(
    org: Annotated[str | None, typer.Option("--org", metavar="NAME", help="Only this organization's.")] = None,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """List operators, oldest first; phones are shown masked."""
    with plain_refusals(as_json=as_json):
        settings = read_settings(data_dir=data_dir)
        set_up_admin(settings)
        rows = with_database(settings, lambda connection: list_all_operators(connection, organization=org))
    if as_json:
        print_json({"items": [{**_as_json(operator), "organization": name} for name, operator in rows]})
        return
    print_table(
        ("operator", "name", "organization", "phone", "verified", "primary"),
        [
            [
                public_id(OPERATOR, operator.id),
                operator.name,
                name,
                None if operator.phone is None else masked(operator.phone),
                "no" if operator.phone_verified_in is None else operator.phone_verified_in.value,
                operator.is_primary,
            ]
            for name, operator in rows
        ],
        empty="There are no such operators; `presswork operator create --org NAME --name NAME` makes one.",
    )


@app.command("set-primary")
def set_primary(operator: Id, data_dir: DataDir = None, as_json: AsJSON = False) -> None:
    """Make an operator its organization's primary one, whom drafts are texted to, in place of the one so far."""

    async def work(connection: Connection) -> Operator:
        operator_id = _operator_id(operator)
        organization_id = await organization_of(connection, operator_id)
        changes = OperatorChanges(fields=frozenset({"is_primary"}))
        async with connection.transaction():
            return await change_operator(
                connection,
                operator_id,
                changes,
                organization_id=organization_id,
                by=here(),
                now=SystemClock().now(),
            )

    changed = _run(lambda _settings: work, data_dir=data_dir, as_json=as_json)
    if as_json:
        print_json(_as_json(changed))
    else:
        console().print(f"{changed.name} is the primary operator.", markup=False)


@app.command()
def verify(
    operator: Id,
    env: Annotated[
        Environment,
        typer.Option(
            "--env", help="`test` texts by the sandbox, and counts in test projects only; `live` texts for real."
        ),
    ] = Environment.TEST,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Text a code to an operator's phone; `presswork operator confirm` takes it. Once a minute at most."""

    def bound(settings: Settings) -> Callable[[Connection], Awaitable[tuple[Operator, str]]]:
        async def work(connection: Connection) -> tuple[Operator, str]:
            operator_id = _operator_id(operator)
            organization_id = await organization_of(connection, operator_id)
            running = find_running(settings.data_dir)
            url = (running.url if running else None) or base_url(settings)
            async with Platforms(settings, base_url=url) as platforms:
                sent_to, expires_at = await send_code(
                    connection,
                    await keyring_for(connection, settings, now=SystemClock().now()),
                    platforms.texts(env),
                    operator_id,
                    organization_id=organization_id,
                    environment=env,
                    by=here(),
                    now=SystemClock().now(),
                )
            return sent_to, write_instant(expires_at)

        return work

    sent_to, expires_at = _run(bound, data_dir=data_dir, as_json=as_json)
    phone = masked(sent_to.phone or "")
    if as_json:
        print_json({"operatorId": public_id(OPERATOR, sent_to.id), "phone": phone, "expiresAt": expires_at})
    else:
        console().print(f"A code is on its way to {phone}. It is good until {expires_at}.", markup=False)


@app.command()
def confirm(
    operator: Id,
    code: Annotated[str, typer.Argument(metavar="CODE", help="The six digits that came by text.")],
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Verify an operator's phone by the code that came to it."""

    def bound(settings: Settings) -> Callable[[Connection], Awaitable[Operator]]:
        async def work(connection: Connection) -> Operator:
            operator_id, now = _operator_id(operator), SystemClock().now()
            organization_id = await organization_of(connection, operator_id)
            keyring = await keyring_for(connection, settings, now=now)
            proof = await try_code(
                connection, keyring, operator_id, code, organization_id=organization_id, environment=None, now=now
            )
            async with connection.transaction():
                return await confirm_phone(connection, operator_id, proof, by=here(), now=now)

        return work

    confirmed = _run(bound, data_dir=data_dir, as_json=as_json)
    if as_json:
        print_json(_as_json(confirmed))
    else:
        where = (
            ""
            if confirmed.phone_verified_in is Environment.LIVE
            else " for test projects; `verify --env live` is for all"
        )
        console().print(f"The phone of {confirmed.name} is verified{where}.", markup=False)


def _run(
    bound: Callable[[Settings], Callable[[Connection], Awaitable[Outcome]]], *, data_dir: DataDir, as_json: bool
) -> Outcome:
    """Run a use case that may need the settings, on the database that they name."""
    with plain_refusals(as_json=as_json):
        settings = read_settings(data_dir=data_dir)
        set_up_admin(settings)
        return with_database(settings, bound(settings))


def _check(name: str, phone: str | None, is_verified: bool) -> None:
    """Raise Invalid, with all that is wrong, as the API does."""
    issues = []
    if not name.strip() or len(name) > _NAME_CHARACTERS:
        issues.append(Issue("name", f"An operator's name has 1–{_NAME_CHARACTERS} characters.", "bad_name"))
    if phone is not None and not is_phone(phone):
        issues.append(Issue("phone", "It must be in E.164, like +351912345678.", "bad_phone"))
    if phone is None and is_verified:
        issues.append(Issue("verified", "There is no phone to be verified. Give one with --phone.", "no_phone"))
    if issues:
        raise Invalid(issues)


def _operator_id(text: str) -> UUID:
    try:
        return parse_id(OPERATOR, text, is_bare_allowed=True)
    except ValueError as error:
        raise OperatorNotFound from error


def _as_json(operator: Operator) -> dict[str, object]:
    verified_at = operator.phone_verified_at
    return {
        "operatorId": public_id(OPERATOR, operator.id),
        "organizationId": public_id(ORGANIZATION, operator.organization_id),
        "name": operator.name,
        "phone": None if operator.phone is None else masked(operator.phone),
        "phoneVerifiedAt": None if verified_at is None else write_instant(verified_at),
        "phoneVerifiedIn": None if operator.phone_verified_in is None else operator.phone_verified_in.value,
        "isPrimary": operator.is_primary,
        "createdAt": write_instant(operator.created_at),
    }
