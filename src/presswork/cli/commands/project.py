"""`presswork project`: create, list and archive projects of any organization, export their data and erase them."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import monotonic
from typing import Final, TypeVar
from uuid import UUID

import typer

from presswork.callers.model import ALL_BUT_ADMIN, Principal, Tier
from presswork.cli.actor import login_name
from presswork.cli.administration import Admin, check_name, on_database
from presswork.cli.command import Commands, Output, sentences, table_of_objects
from presswork.cli.options import OnlyEnv, OnlyOrg, argument, option
from presswork.cli.output import say
from presswork.cli.progress import counted
from presswork.core.enums import Environment
from presswork.core.errors import Conflict, Invalid, Issue, NotFound, Unavailable
from presswork.core.ids import ERASURE, EXPORT, ORGANIZATION, PROJECT, parse_id, public_id
from presswork.core.visible import visible_line
from presswork.db.queries import load
from presswork.exports.model import Export, ExportStatus, object_key
from presswork.exports.store import create_export, read_export
from presswork.lifecycle.change_project import change_project
from presswork.lifecycle.erasure_model import Erasure, ErasureStatus
from presswork.lifecycle.erasures import read_erasure, request_erasure
from presswork.media.store import MediaStore
from presswork.projects.model import Project, ProjectChanges, ProjectNotFound, ProjectStatus, ReviewPolicy, is_timezone
from presswork.projects.store import create_project, find_project

commands: Final = Commands(on_database, "Create, list and archive projects, export their data and erase them.")

_SQL: Final = load("presswork.cli")
_POLL_SECONDS: Final = 0.5
_WORKER_WITHIN: Final = 15
"""Seconds after which a job that no worker has begun is remarked upon: a worker polls every five."""
Job = TypeVar("Job", Export, Erasure)
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


@commands.command()
async def export(
    admin: Admin,
    project: str = argument("PROJECT", "Project id, prj_….", ...),
    media: bool = option("--media", "Export the original media files as well.", False),
    output: Path | None = option("--output FILE", "Write the archive here. By default PROJECT-ID.zip, here."),
) -> Output:
    """Export all data of a project as one ZIP archive of JSON lines. A worker makes it."""
    project_id, owner = await project_and_owner(admin, project)
    file = output or Path(f"{public_id(PROJECT, project_id)}.zip")
    if file.exists():
        raise Conflict(f"{file} exists already. Choose another file with --output.")
    async with admin.connection.transaction():
        started = await create_export(admin.connection, project_id, has_media=media, visible_to=owner, now=admin.now)

    async def read() -> Export:
        return await read_export(admin.connection, started.id, visible_to=owner)

    made = await _wait_for("Exporting", read, lambda one: one.status is not ExportStatus.RUNNING)
    if made.status is ExportStatus.FAILED:
        raise Unavailable(f"The export failed: {made.error}")
    store = MediaStore.open(admin.settings.media_store or admin.settings.data_dir / "media")
    stored = await store.get_to_file(object_key(made.id), file)
    document = {"id": public_id(EXPORT, made.id), "file": str(file), "sizeBytes": stored.size_bytes}
    return sentences(document, f"{file} has the data of the project, {stored.size_bytes:,} bytes.")


@commands.command()
async def erase(
    admin: Admin,
    project: str = argument("PROJECT", "Project id, prj_….", ...),
    confirm: str | None = option(
        "--confirm NAME", "The project's name, which is asked for without this option: nothing can be undone."
    ),
) -> Output:
    """Erase an archived project with all that belongs to it, and show the receipt. A worker does it.

    Posts that are live on their platforms stay there.
    """
    project_id, owner = await project_and_owner(admin, project)
    found = await find_project(admin.connection, project_id, visible_to=owner)
    if confirm is None:
        if not sys.stdin.isatty():
            raise Conflict("Pass --confirm with the name of the project: nothing can be undone.")
        question = f"Everything of {found.name} will be erased, which can't be undone. Type its name"
        confirm = str(typer.prompt(visible_line(question), err=True))
    if confirm != found.name:
        raise Conflict("That is not the name of the project. Nothing was erased.")
    async with admin.connection.transaction():
        started = await request_erasure(
            admin.connection, project_id, is_confirmed=True, visible_to=owner, now=admin.now
        )

    async def read() -> Erasure:
        return await read_erasure(admin.connection, started.id, visible_to=owner)

    done = await _wait_for("Erasing", read, lambda one: one.status is ErasureStatus.DONE)
    document = {
        "id": public_id(ERASURE, done.id),
        "projectId": public_id(PROJECT, done.project_id),
        "status": done.status,
        "requestedAt": done.created_at,
        "completedAt": done.ended_at,
        "counts": dict(done.counts),
    }
    counts = [f"  {kind}: {count:,}" for kind, count in sorted(done.counts.items())]
    return sentences(document, f"The project is erased. The receipt is {document['id']}:", *counts)


async def _wait_for(label: str, read: Callable[[], Awaitable[Job]], is_over: Callable[[Job], bool]) -> Job:
    """Return a job when it is over, and show its progress."""
    with counted(label) as show:
        started, has_warned = monotonic(), False
        while not is_over(job := await read()):
            show(job.done, job.total)
            if job.total is None and not has_warned and monotonic() - started > _WORKER_WITHIN:
                say("No worker has begun it yet. Is `presswork up` or `presswork worker` running?")
                has_warned = True
            await asyncio.sleep(_POLL_SECONDS)
    return job


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
