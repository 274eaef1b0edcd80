"""`presswork operator`: the people of an organization who are reached by phone."""

from typing import Annotated, Final
from uuid import UUID

import typer

from presswork.cli.actor import here
from presswork.cli.address import base_url
from presswork.cli.database import run_on_database
from presswork.cli.options import AsJSON, DataDir, OnlyOrg, Wide
from presswork.cli.output import print_json, print_result, print_table
from presswork.cli.run.data_dir_lock import find_running
from presswork.cli.table import Layout
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
    help="Create and list operators, verify their phones, set the primary one.",
)

_NAME_CHARACTERS: Final = 200
Id = Annotated[str, typer.Argument(metavar="OPERATOR", help="Operator id, opr_….")]


@app.command()
def create(
    org: Annotated[
        str, typer.Option("--org", metavar="NAME", help="Organization of the operator; created if it does not exist.")
    ],
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="Name of the person.")],
    phone: Annotated[
        str | None, typer.Option("--phone", metavar="E164", help="Phone number of the person, such as +351912345678.")
    ] = None,
    verified: Annotated[
        bool, typer.Option("--verified", help="Mark the phone as verified, without sending a code.")
    ] = False,
    primary: Annotated[
        bool,
        typer.Option("--primary", help="Make it the primary operator. An organization's first operator always is."),
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Create an operator, and its organization if it does not exist."""

    async def work(connection: Connection, _: Settings) -> Operator:
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

    operator = run_on_database(work, data_dir=data_dir, as_json=as_json)
    print_result(_as_json(operator), public_id(OPERATOR, operator.id), as_json=as_json)


@app.command("list")
def list_all(
    org: OnlyOrg = None,
    wide: Wide = False,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """List operators, oldest first, with masked phone numbers."""
    rows = run_on_database(
        lambda connection, _: list_all_operators(connection, organization=org), data_dir=data_dir, as_json=as_json
    )
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
        empty="There are no such operators. Create one with `presswork operator create --org NAME --name NAME`.",
        layout=Layout(drop=("primary", "organization", "phone", "verified"), cut=("name", "organization")),
        wide=wide,
    )


@app.command("set-primary")
def set_primary(operator: Id, data_dir: DataDir = None, as_json: AsJSON = False) -> None:
    """Make an operator the primary one of its organization, who receives drafts by text message."""

    async def work(connection: Connection, _: Settings) -> Operator:
        operator_id = _operator_id(operator)
        organization_id = await organization_of(connection, operator_id)
        changes = OperatorChanges(is_primary=True)
        async with connection.transaction():
            return await change_operator(
                connection,
                operator_id,
                changes,
                organization_id=organization_id,
                by=here(),
                now=SystemClock().now(),
            )

    changed = run_on_database(work, data_dir=data_dir, as_json=as_json)
    print_result(_as_json(changed), f"{changed.name} is now the primary operator.", as_json=as_json)


@app.command()
def verify(
    operator: Id,
    env: Annotated[
        Environment,
        typer.Option(
            "--env",
            help="`test` sends through the sandbox and verifies for test projects only; `live` sends a real text message.",
        ),
    ] = Environment.TEST,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Send a code to an operator's phone, for `presswork operator confirm`. At most once a minute."""

    async def work(connection: Connection, settings: Settings) -> tuple[Operator, str]:
        operator_id = _operator_id(operator)
        organization_id = await organization_of(connection, operator_id)
        running = find_running(settings.data_dir)
        url = (running.url if running else None) or base_url(settings)
        keyring = await keyring_for(connection, settings, now=SystemClock().now())
        async with Platforms(settings, base_url=url, keyring=keyring) as platforms:
            sent_to, expires_at = await send_code(
                connection,
                keyring,
                platforms.sms_gateway(env),
                operator_id,
                organization_id=organization_id,
                environment=env,
                by=here(),
                now=SystemClock().now(),
            )
        return sent_to, write_instant(expires_at)

    sent_to, expires_at = run_on_database(work, data_dir=data_dir, as_json=as_json)
    phone = masked(sent_to.phone_in(env) or "")
    document = {"operatorId": public_id(OPERATOR, sent_to.id), "phone": phone, "expiresAt": expires_at}
    print_result(document, f"A code was sent to {phone}. It is valid until {expires_at}.", as_json=as_json)


@app.command()
def confirm(
    operator: Id,
    code: Annotated[str, typer.Argument(metavar="CODE", help="The six digits of the text message.")],
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Verify an operator's phone with the code that was sent to it."""

    async def work(connection: Connection, settings: Settings) -> Operator:
        operator_id, now = _operator_id(operator), SystemClock().now()
        organization_id = await organization_of(connection, operator_id)
        keyring = await keyring_for(connection, settings, now=now)
        proof = await try_code(
            connection, keyring, operator_id, code, organization_id=organization_id, environment=None, now=now
        )
        async with connection.transaction():
            return await confirm_phone(connection, operator_id, proof, by=here(), now=now)

    confirmed = run_on_database(work, data_dir=data_dir, as_json=as_json)
    where = (
        ""
        if confirmed.phone_verified_in is Environment.LIVE
        else " for test projects only; use `verify --env live` for live projects"
    )
    print_result(_as_json(confirmed), f"The phone of {confirmed.name} is verified{where}.", as_json=as_json)


def _check(name: str, phone: str | None, is_verified: bool) -> None:
    """Raise Invalid with all issues, as the API does."""
    issues = []
    if not name.strip() or len(name) > _NAME_CHARACTERS:
        issues.append(Issue("name", f"The name must have 1–{_NAME_CHARACTERS} characters.", "bad_name"))
    if phone is not None and not is_phone(phone):
        issues.append(Issue("phone", "The phone must be in E.164 format, such as +351912345678.", "bad_phone"))
    if phone is None and is_verified:
        issues.append(Issue("verified", "There is no phone to verify. Set one with --phone.", "no_phone"))
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
