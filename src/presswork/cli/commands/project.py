"""`presswork project`: create, list and archive projects of any organization."""

import json
from collections.abc import Sequence
from typing import Annotated, Final
from uuid import UUID

import asyncpg
import typer

from presswork.callers.model import ALL_BUT_ADMIN, Principal, Tier
from presswork.cli.actor import login_name
from presswork.cli.database import run_on_database
from presswork.cli.options import AsJSON, DataDir, OnlyEnv, OnlyOrg, Wide
from presswork.cli.output import print_items, print_result
from presswork.cli.table import Layout
from presswork.core.clock import SystemClock
from presswork.core.enums import Environment
from presswork.core.errors import Invalid, Issue, NotFound
from presswork.core.ids import ORGANIZATION, PROJECT, parse_id, public_id
from presswork.core.settings import Settings
from presswork.core.timestamps import write_instant
from presswork.db.pool import Connection
from presswork.db.queries import load
from presswork.lifecycle.change_project import change_project
from presswork.projects.model import Project, ProjectChanges, ProjectNotFound, ProjectStatus, ReviewPolicy, is_timezone
from presswork.projects.store import create_project

app: Final = typer.Typer(add_completion=False, no_args_is_help=True, help="Create, list and archive projects.")

_SQL: Final = load("presswork.cli")
_NAME_CHARACTERS: Final = 200
_NO_KEY: Final = UUID(int=0)
"""The key id of a caller at the command line, who has no key."""

Env = Annotated[Environment, typer.Option("--env", help="`test` uses the sandbox, `live` the real platforms.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the project.")],
    org: Annotated[str, typer.Option("--org", metavar="NAME", help="Organization of the project; it must exist.")],
    env: Env = Environment.TEST,
    timezone: Annotated[
        str, typer.Option("--timezone", metavar="ZONE", help="IANA time zone, such as Europe/Lisbon.")
    ] = "UTC",
    customer_external_id: Annotated[
        str | None, typer.Option("--customer-external-id", metavar="ID", help="Your id of the customer.")
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Create a project. Keys of its organization and environment have access to it."""

    async def work(connection: Connection, _: Settings) -> Project:
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

    project = run_on_database(work, data_dir=data_dir, as_json=as_json)
    print_result(_as_json(project), public_id(PROJECT, project.id), as_json=as_json)


@app.command("list")
def list_all(
    org: OnlyOrg = None,
    env: OnlyEnv = None,
    wide: Wide = False,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """List projects, oldest first."""

    async def work(connection: Connection, _: Settings) -> Sequence[asyncpg.Record]:
        return await connection.fetch(_SQL["list_projects"], org, None if env is None else env.value)

    rows = run_on_database(work, data_dir=data_dir, as_json=as_json)
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
    print_items(
        ("project", "name", "organization", "environment", "time zone", "status", "approval", "created"),
        items,
        empty="There are no such projects. Create one with `presswork project create NAME --org NAME`.",
        as_json=as_json,
        layout=Layout(
            drop=("created", "time zone", "approval", "organization", "environment", "status"),
            cut=("name", "organization"),
        ),
        wide=wide,
    )


@app.command()
def archive(
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="Project id, prj_….")],
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Archive a project permanently and cancel its queued posts."""

    async def work(connection: Connection, _: Settings) -> Project:
        project_id, owner = await project_and_owner(connection, project)
        changes = ProjectChanges(status=ProjectStatus.ARCHIVED)
        async with connection.transaction():
            return await change_project(connection, project_id, changes, visible_to=owner, now=SystemClock().now())

    archived = run_on_database(work, data_dir=data_dir, as_json=as_json)
    print_result(_as_json(archived), f"{archived.name} is archived.", as_json=as_json)


async def project_and_owner(connection: Connection, text: str) -> tuple[UUID, Principal]:
    """Return the project of an id, and the caller at the command line as a principal of its organization and environment.

    Raises ProjectNotFound.
    """
    try:
        project_id = parse_id(PROJECT, text, is_bare_allowed=True)
    except ValueError:
        raise ProjectNotFound from None
    row = await connection.fetchrow(_SQL["owner_of_project"], project_id)
    if row is None:
        raise ProjectNotFound
    return project_id, administrator(row["organization_id"], Environment(row["environment"]))


async def _owner(connection: Connection, organization: str, environment: Environment) -> Principal:
    organization_id = await connection.fetchval(_SQL["find_organization"], organization)
    if organization_id is None:
        raise NotFound(f"There is no organization {organization}. List them with `presswork org list`.")
    return administrator(organization_id, environment)


def administrator(organization_id: UUID, environment: Environment) -> Principal:
    """Return the caller at the command line as a principal of the organization and environment."""
    return Principal(
        key_id=_NO_KEY,
        organization_id=organization_id,
        environment=environment,
        scopes=frozenset({ALL_BUT_ADMIN}),
        tier=Tier.UNLIMITED,
        return_domains=(),
        operator_id=None,
        login_name=login_name(),
    )


def _check(name: str, timezone: str) -> None:
    """Raise Invalid with all issues, as the API does."""
    issues = []
    if not name.strip() or len(name) > _NAME_CHARACTERS:
        issues.append(Issue("name", f"The name must have 1–{_NAME_CHARACTERS} characters.", "bad_name"))
    if not is_timezone(timezone):
        issues.append(Issue("timezone", "The time zone must be an IANA name, such as Europe/Lisbon.", "bad_timezone"))
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
        "metadata": json.loads(project.metadata),
        "ownerEmail": project.owner_email,
        "primaryLanguage": project.primary_language,
        "appName": project.app_name,
        "appDescription": project.app_description,
        "status": project.status.value,
        "requiresApproval": project.requires_approval,
        "createdAt": write_instant(project.created_at),
        "updatedAt": write_instant(project.updated_at),
        "archivedAt": None if project.archived_at is None else write_instant(project.archived_at),
    }
