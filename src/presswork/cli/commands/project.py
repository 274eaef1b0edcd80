"""`presswork project`: create, list and archive projects of any organization."""

import json
from typing import Final
from uuid import UUID

from presswork.callers.model import ALL_BUT_ADMIN, Principal, Tier
from presswork.cli.actor import login_name
from presswork.cli.administration import Admin, check_name, on_database
from presswork.cli.command import Commands, Output, sentences, table_of_objects
from presswork.cli.options import OnlyEnv, OnlyOrg, argument, option
from presswork.core.enums import Environment
from presswork.core.errors import Invalid, Issue, NotFound
from presswork.core.ids import ORGANIZATION, PROJECT, parse_id, public_id
from presswork.db.queries import load
from presswork.lifecycle.change_project import change_project
from presswork.projects.model import Project, ProjectChanges, ProjectNotFound, ProjectStatus, ReviewPolicy, is_timezone
from presswork.projects.store import create_project

commands: Final = Commands(on_database, "Create, list and archive projects.")

_SQL: Final = load("presswork.cli")
_NO_KEY: Final = UUID(int=0)
"""The key id of a caller at the command line, who has no key."""


@commands.command()
async def create(
    admin: Admin,
    name: str = argument("NAME", "Name of the project.", ...),
    org: str = option("--org NAME", "Organization of the project; it must exist.", ...),
    env: Environment = option("--env", "`test` uses the sandbox, `live` the real platforms.", Environment.TEST),
    timezone: str = option("--timezone ZONE", "IANA time zone, such as Europe/Lisbon.", "UTC"),
    customer_external_id: str | None = option("--customer-external-id ID", "Your id of the customer."),
) -> Output:
    """Create a project. Keys of its organization and environment have access to it."""
    _require_valid(name, timezone)
    async with admin.connection.transaction():
        project = await create_project(
            admin.connection,
            owner=await _find_owner(admin, org, env),
            name=name,
            timezone=timezone,
            customer_external_id=customer_external_id,
            metadata={},
            now=admin.now,
        )
    return sentences(_describe_project(project), public_id(PROJECT, project.id))


@commands.listing("list")
async def list_all(admin: Admin, org: OnlyOrg = None, env: OnlyEnv = None) -> Output:
    """List projects, oldest first."""
    return table_of_objects(
        ("project", "name", "organization", "environment", "time zone", "status", "approval", "created"),
        [
            {
                "id": public_id(PROJECT, row["id"]),
                "name": row["name"],
                "organization": row["organization"],
                "environment": row["environment"],
                "timezone": row["timezone"],
                "status": row["status"],
                "requiresApproval": row["review_policy"] != ReviewPolicy.AUTO_APPROVE,
                "createdAt": row["created_at"],
            }
            for row in await admin.connection.fetch(_SQL["list_projects"], org, env)
        ],
        empty="There are no such projects. Create one with `presswork project create NAME --org NAME`.",
        drop=("created", "time zone", "approval", "organization", "environment", "status"),
        cut=("name", "organization"),
    )


@commands.command()
async def archive(admin: Admin, project: str = argument("PROJECT", "Project id, prj_….", ...)) -> Output:
    """Archive a project permanently and cancel its queued posts."""
    project_id, owner = await project_and_owner(admin, project)
    changes = ProjectChanges(status=ProjectStatus.ARCHIVED)
    async with admin.connection.transaction():
        archived = await change_project(admin.connection, project_id, changes, visible_to=owner, now=admin.now)
    return sentences(_describe_project(archived), f"{archived.name} is archived.")


async def project_and_owner(admin: Admin, text: str) -> tuple[UUID, Principal]:
    """Return the project of an id, and the caller at the command line as a principal of its organization and environment.

    Raises ProjectNotFound.
    """
    try:
        project_id = parse_id(PROJECT, text, is_bare_allowed=True)
    except ValueError:
        raise ProjectNotFound from None
    row = await admin.connection.fetchrow(_SQL["owner_of_project"], project_id)
    if row is None:
        raise ProjectNotFound
    return project_id, _build_caller(row["organization_id"], Environment(row["environment"]))


async def _find_owner(admin: Admin, organization: str, environment: Environment) -> Principal:
    organization_id = await admin.connection.fetchval(_SQL["find_organization"], organization)
    if organization_id is None:
        raise NotFound(f"There is no organization {organization}. List them with `presswork org list`.")
    return _build_caller(organization_id, environment)


def _build_caller(organization_id: UUID, environment: Environment) -> Principal:
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


def _require_valid(name: str, timezone: str) -> None:
    """Raise Invalid with all issues, as the API does."""
    issues = check_name(name)
    if not is_timezone(timezone):
        issues.append(Issue("timezone", "The time zone must be an IANA name, such as Europe/Lisbon.", "bad_timezone"))
    if issues:
        raise Invalid(issues)


def _describe_project(project: Project) -> dict[str, object]:
    return {
        "id": public_id(PROJECT, project.id),
        "organizationId": public_id(ORGANIZATION, project.organization_id),
        "environment": project.environment,
        "name": project.name,
        "timezone": project.timezone,
        "customerExternalId": project.customer_external_id,
        "metadata": json.loads(project.metadata),
        "ownerEmail": project.owner_email,
        "primaryLanguage": project.primary_language,
        "appName": project.app_name,
        "appDescription": project.app_description,
        "status": project.status,
        "requiresApproval": project.requires_approval,
        "createdAt": project.created_at,
        "updatedAt": project.updated_at,
        "archivedAt": project.archived_at,
    }
