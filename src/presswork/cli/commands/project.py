"""`presswork project`: projects, of every organization."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import asyncpg
import typer

from presswork.cli.actor import login_name
from presswork.cli.database import with_database
from presswork.cli.options import AsJSON, DataDir
from presswork.cli.output import console, plain_refusals, print_json, print_table
from presswork.cli.run.setup import read_settings, set_up_admin
from presswork.content.model import ReviewPolicy
from presswork.core.clock import SystemClock
from presswork.core.enums import Environment
from presswork.core.errors import Invalid, Issue, NotFound
from presswork.core.ids import ORGANIZATION, PROJECT, parse_id, public_id
from presswork.core.timestamps import write_instant
from presswork.db.pool import Connection
from presswork.db.queries import load
from presswork.orgs.model import ALL_BUT_ADMIN, Principal, Tier
from presswork.orgs.projects import (
    Project,
    ProjectChanges,
    ProjectNotFound,
    change_project,
    create_project,
    is_timezone,
)

app: Final = typer.Typer(add_completion=False, no_args_is_help=True, help="Make, list and archive projects.")

_SQL: Final = load("presswork.cli")
_LIMIT: Final = 1000
_NAME_CHARACTERS: Final = 200
_NOBODY: Final = UUID(int=0)
"""In place of a key: the caller sits at the command line."""

Env = Annotated[Environment, typer.Option("--env", help="`test` publishes to the sandbox, `live` for real.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people call it.")],
    org: Annotated[str, typer.Option("--org", metavar="NAME", help="Whose it is; the organization must exist.")],
    env: Env = Environment.TEST,
    timezone: Annotated[str, typer.Option("--timezone", metavar="ZONE", help="As in the IANA list.")] = "UTC",
    customer_external_id: Annotated[
        str | None, typer.Option("--customer-external-id", metavar="ID", help="Your own id of the customer.")
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Make a project. Keys of its organization and environment see it."""

    async def work(connection: Connection) -> Project:
        _check(name, timezone)
        async with connection.transaction():
            return await create_project(
                connection,
                owner=await _owner(connection, org, env),
                name=name,
                timezone=timezone,
                customer_external_id=customer_external_id,
                metadata={},
                now=SystemClock().now(),
            )

    with plain_refusals(as_json=as_json):
        settings = read_settings(data_dir=data_dir)
        set_up_admin(settings)
        project = with_database(settings, work)
    if as_json:
        print_json(_as_json(project))
    else:
        console().print(public_id(PROJECT, project.id), markup=False)


@app.command("list")
def list_all(
    org: Annotated[str | None, typer.Option("--org", metavar="NAME", help="Only this organization's.")] = None,
    env: Annotated[Environment | None, typer.Option("--env", help="Only of this environment.")] = None,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """List projects, oldest first."""

    async def work(connection: Connection) -> Sequence[asyncpg.Record]:
        return await connection.fetch(_SQL["list_projects"], org, None if env is None else env.value, _LIMIT)

    with plain_refusals(as_json=as_json):
        settings = read_settings(data_dir=data_dir)
        set_up_admin(settings)
        rows = with_database(settings, work)
    items = [
        {
            "id": public_id(PROJECT, row["id"]),
            "name": row["name"],
            "organization": row["organization"],
            "environment": row["environment"],
            "timezone": row["timezone"],
            "status": row["status"],
            "requiresApproval": row["review_policy"] != ReviewPolicy.AUTO_APPROVE,
            "createdAt": write_instant(row["created_at"]),
        }
        for row in rows
    ]
    if as_json:
        print_json({"items": items})
    else:
        print_table(
            ("project", "name", "organization", "environment", "time zone", "status", "approval", "created"),
            [list(item.values()) for item in items],
            empty="There are no such projects; `presswork project create NAME --org NAME` makes one.",
        )


@app.command()
def archive(
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="Its id, prj_….")],
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Archive a project for good; its queued posts are canceled."""

    async def work(connection: Connection) -> Project:
        return await _archive(connection, project, now=SystemClock().now())

    with plain_refusals(as_json=as_json):
        settings = read_settings(data_dir=data_dir)
        set_up_admin(settings)
        archived = with_database(settings, work)
    if as_json:
        print_json(_as_json(archived))
    else:
        console().print(f"{archived.name} is archived.", markup=False)


async def _archive(connection: Connection, project: str, *, now: datetime) -> Project:
    try:
        project_id = parse_id(PROJECT, project, is_bare_allowed=True)
    except ValueError:
        raise ProjectNotFound from None
    row = await connection.fetchrow(_SQL["owner_of_project"], project_id)
    if row is None:
        raise ProjectNotFound
    changes = ProjectChanges(fields=frozenset({"status"}), is_archiving=True)
    owner = administrator(row["organization_id"], Environment(row["environment"]))
    async with connection.transaction():
        return await change_project(connection, project_id, changes, visible_to=owner, now=now)


async def _owner(connection: Connection, organization: str, environment: Environment) -> Principal:
    organization_id = await connection.fetchval(_SQL["find_organization"], organization)
    if organization_id is None:
        raise NotFound(f"There is no organization {organization}. `presswork org list` shows them all.")
    return administrator(organization_id, environment)


def administrator(organization_id: UUID, environment: Environment) -> Principal:
    """Return who sits at the command line, in place of a key of that organization and environment."""
    return Principal(
        key_id=_NOBODY,
        organization_id=organization_id,
        environment=environment,
        scopes=frozenset({ALL_BUT_ADMIN}),
        tier=Tier.UNLIMITED,
        return_domains=(),
        operator_id=None,
        login_name=login_name(),
    )


def _check(name: str, timezone: str) -> None:
    """Raise Invalid, with all that is wrong, as the API does."""
    issues = []
    if not name.strip() or len(name) > _NAME_CHARACTERS:
        issues.append(Issue("name", f"A project's name has 1–{_NAME_CHARACTERS} characters.", "bad_name"))
    if not is_timezone(timezone):
        issues.append(Issue("timezone", "It must be an IANA time zone, like Europe/Lisbon.", "bad_timezone"))
    if issues:
        raise Invalid(issues)


def _as_json(project: Project) -> dict[str, object]:
    return {
        "id": public_id(PROJECT, project.id),
        "organizationId": public_id(ORGANIZATION, project.organization_id),
        "environment": project.environment.value,
        "name": project.name,
        "timezone": project.timezone,
        "customerExternalId": project.customer_external_id,
        "metadata": dict(project.metadata),
        "status": project.status.value,
        "requiresApproval": project.requires_approval,
        "createdAt": write_instant(project.created_at),
        "updatedAt": write_instant(project.updated_at),
        "archivedAt": None if project.archived_at is None else write_instant(project.archived_at),
    }
