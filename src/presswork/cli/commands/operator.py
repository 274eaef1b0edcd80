"""`presswork operator`: the people of an organization who are reached by phone."""

from typing import Final
from uuid import UUID

from presswork.cli.administration import Admin, check_name, on_database
from presswork.cli.command import Commands, Output, sentences, table_of_rows
from presswork.cli.options import OnlyOrg, argument, option
from presswork.cli.run.data_dir_lock import find_running
from presswork.cli.sockets import base_url
from presswork.core.enums import Environment
from presswork.core.errors import Invalid, Issue
from presswork.core.ids import OPERATOR, ORGANIZATION, parse_id, public_id
from presswork.core.phone_numbers import is_phone, masked
from presswork.core.timestamps import write_instant
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

commands: Final = Commands(on_database, "Create and list operators, verify their phones, set the primary one.")

_OPERATOR: Final = argument("OPERATOR", "Operator id, opr_….", ...)


@commands.command()
async def create(
    admin: Admin,
    org: str = option("--org NAME", "Organization of the operator; created if it does not exist.", ...),
    name: str = option("--name TEXT", "Name of the person.", ...),
    phone: str | None = option("--phone E164", "Phone number of the person, such as +351912345678."),
    verified: bool = option("--verified", "Mark the phone as verified, without sending a code.", False),
    primary: bool = option(
        "--primary", "Make it the primary operator. An organization's first operator always is.", False
    ),
) -> Output:
    """Create an operator, and its organization if it does not exist."""
    _require_valid(name, phone, is_verified=verified)
    async with admin.connection.transaction():
        operator = await create_operator(
            admin.connection,
            await ensure_organization(admin.connection, org, now=admin.now, by=admin.by),
            name=name,
            phone=phone,
            is_primary=primary,
            verified_in=Environment.LIVE if verified else None,
            by=admin.by,
            now=admin.now,
        )
    return sentences(_describe_operator(operator), public_id(OPERATOR, operator.id))


@commands.listing("list")
async def list_all(admin: Admin, org: OnlyOrg = None) -> Output:
    """List operators, oldest first, with masked phone numbers."""
    operators = await list_all_operators(admin.connection, organization=org)
    return table_of_rows(
        ("operator", "name", "organization", "phone", "verified", "primary"),
        [
            [
                public_id(OPERATOR, operator.id),
                operator.name,
                name,
                None if operator.phone is None else masked(operator.phone),
                operator.phone_verified_in or "no",
                operator.is_primary,
            ]
            for name, operator in operators
        ],
        document={"items": [{**_describe_operator(operator), "organization": name} for name, operator in operators]},
        empty="There are no such operators. Create one with `presswork operator create --org NAME --name NAME`.",
        drop=("primary", "organization", "phone", "verified"),
        cut=("name", "organization"),
    )


@commands.command("set-primary")
async def set_primary(admin: Admin, operator: str = _OPERATOR) -> Output:
    """Make an operator the primary one of its organization, who receives drafts by text message."""
    operator_id, organization_id = await _find_operator(admin, operator)
    changes = OperatorChanges(is_primary=True)
    async with admin.connection.transaction():
        changed = await change_operator(
            admin.connection, operator_id, changes, organization_id=organization_id, by=admin.by, now=admin.now
        )
    return sentences(_describe_operator(changed), f"{changed.name} is now the primary operator.")


@commands.command()
async def verify(
    admin: Admin,
    operator: str = _OPERATOR,
    env: Environment = option(
        "--env",
        "`test` sends through the sandbox and verifies for test projects only; `live` sends a real text message.",
        Environment.TEST,
    ),
) -> Output:
    """Send a code to an operator's phone, for `presswork operator confirm`. At most once a minute."""
    operator_id, organization_id = await _find_operator(admin, operator)
    running = find_running(admin.settings.data_dir)
    url = (running.url if running else None) or base_url(admin.settings)
    keyring = await keyring_for(admin.connection, admin.settings, now=admin.now)
    async with Platforms(admin.settings, base_url=url, keyring=keyring) as platforms:
        sent_to, expires_at = await send_code(
            admin.connection,
            keyring,
            platforms.sms_gateway(env),
            operator_id,
            organization_id=organization_id,
            environment=env,
            by=admin.by,
            now=admin.now,
        )
    phone, until = masked(sent_to.phone_in(env) or ""), write_instant(expires_at)
    document = {"operatorId": public_id(OPERATOR, sent_to.id), "phone": phone, "expiresAt": until}
    return sentences(document, f"A code was sent to {phone}. It is valid until {until}.")


@commands.command()
async def confirm(
    admin: Admin, operator: str = _OPERATOR, code: str = argument("CODE", "The six digits of the text message.", ...)
) -> Output:
    """Verify an operator's phone with the code that was sent to it."""
    operator_id, organization_id = await _find_operator(admin, operator)
    keyring = await keyring_for(admin.connection, admin.settings, now=admin.now)
    proof = await try_code(
        admin.connection, keyring, operator_id, code, organization_id=organization_id, environment=None, now=admin.now
    )
    async with admin.connection.transaction():
        confirmed = await confirm_phone(admin.connection, operator_id, proof, by=admin.by, now=admin.now)
    is_live = confirmed.phone_verified_in is Environment.LIVE
    where = "" if is_live else " for test projects only; use `verify --env live` for live projects"
    return sentences(_describe_operator(confirmed), f"The phone of {confirmed.name} is verified{where}.")


async def _find_operator(admin: Admin, text: str) -> tuple[UUID, UUID]:
    """Return the ids of an operator and its organization. Raises OperatorNotFound."""
    try:
        operator_id = parse_id(OPERATOR, text, is_bare_allowed=True)
    except ValueError as error:
        raise OperatorNotFound from error
    return operator_id, await organization_of(admin.connection, operator_id)


def _require_valid(name: str, phone: str | None, *, is_verified: bool) -> None:
    """Raise Invalid with all issues, as the API does."""
    issues = check_name(name)
    if phone is not None and not is_phone(phone):
        issues.append(Issue("phone", "The phone must be in E.164 format, such as +351912345678.", "bad_phone"))
    if phone is None and is_verified:
        issues.append(Issue("verified", "There is no phone to verify. Set one with --phone.", "no_phone"))
    if issues:
        raise Invalid(issues)


def _describe_operator(operator: Operator) -> dict[str, object]:
    return {
        "operatorId": public_id(OPERATOR, operator.id),
        "organizationId": public_id(ORGANIZATION, operator.organization_id),
        "name": operator.name,
        "phone": None if operator.phone is None else masked(operator.phone),
        "phoneVerifiedAt": operator.phone_verified_at,
        "phoneVerifiedIn": operator.phone_verified_in,
        "isPrimary": operator.is_primary,
        "createdAt": operator.created_at,
    }
