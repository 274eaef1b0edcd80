"""Routes of projects, and of the question who is calling."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal, Self

from fastapi import APIRouter, Query
from pydantic import AfterValidator, ConfigDict, Field, JsonValue, field_validator
from pydantic.config import JsonDict
from starlette.responses import Response

from presswork.api.auth import AnyKey, ProjectsRead, ProjectsWrite
from presswork.api.body import In, Out, Text, body_of
from presswork.api.context import Ctx, Now
from presswork.api.idempotent import Idempotent
from presswork.api.ids import KeyRef, OperatorRef, OrganizationRef, ProjectId, ProjectRef
from presswork.api.openapi import refusals
from presswork.api.paging import Page, Paging, Position
from presswork.api.responses import respond
from presswork.core.enums import Environment
from presswork.core.errors import Code
from presswork.core.timestamps import Instant
from presswork.orgs import projects
from presswork.orgs.model import Tier
from presswork.orgs.projects import MAX_METADATA_BYTES, ProjectChanges, ProjectStatus, metadata_text

router: Final = APIRouter()

_PROJECT_EXAMPLE: Final[JsonDict] = {
    "id": "prj_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
    "organizationId": "org_0191f3a2-6b0d-7a51-8c1f-2e5b1d0a7f43",
    "environment": "test",
    "name": "Corner Bakery",
    "timezone": "Europe/Lisbon",
    "customerExternalId": "crm-4711",
    "metadata": {"plan": "small"},
    "status": "archived",
    "requiresApproval": False,
    "createdAt": "2026-11-24T18:30:00.000Z",
    "updatedAt": "2026-12-31T23:00:00.000Z",
    "archivedAt": "2026-12-31T23:00:00.000Z",
}


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank; give it at least one visible character")
    return text


def _real_zone(name: str) -> str:
    if not projects.is_timezone(name):
        raise ValueError("must be the name of an IANA time zone, like Europe/Lisbon or America/New_York")
    return name


def _bounded(metadata: dict[str, JsonValue]) -> dict[str, JsonValue]:
    metadata_text(metadata)
    return metadata


Name = Annotated[Text, AfterValidator(_not_blank), Field(min_length=1, max_length=200)]
Zone = Annotated[Text, AfterValidator(_real_zone), Field(max_length=100, examples=["Europe/Lisbon"])]
ExternalId = Annotated[Text, Field(min_length=1, max_length=255)]
Metadata = Annotated[dict[str, JsonValue], AfterValidator(_bounded)]
_METADATA_TEXT = f"Any JSON object of your own, up to {MAX_METADATA_BYTES} bytes as JSON."


class NewProject(In):
    """A project to make, in the environment of the key."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Corner Bakery", "timezone": "Europe/Lisbon", "customerExternalId": "crm-4711"}]
        }
    )

    name: Name = Field(description="What people call it.")
    timezone: Zone = Field(description="Where its customer lives, as an IANA time zone.")
    customer_external_id: ExternalId | None = Field(default=None, description="Your own id of the customer.")
    metadata: Metadata | None = Field(default=None, description=_METADATA_TEXT)


class ProjectPatch(In):
    """What to change. A field that is left out stays; null removes where it is allowed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Corner Bakery & Café"}]})

    name: Name = Field(default_factory=str, description="What people call it.")
    timezone: Zone = Field(default_factory=str, description="Where its customer lives, as an IANA time zone.")
    customer_external_id: ExternalId | None = Field(
        default=None, description="Your own id of the customer; null removes it."
    )
    metadata: Metadata | None = Field(
        default=None, description=f"{_METADATA_TEXT} Replaces the whole; null empties it."
    )
    status: Literal[ProjectStatus.ARCHIVED] = Field(
        default_factory=lambda: ProjectStatus.ARCHIVED,
        description="`archived` archives the project for good and cancels its queued posts.",
    )

    @field_validator("status", mode="before")
    @classmethod
    def _only_archived(cls, value: object) -> object:
        if value != ProjectStatus.ARCHIVED.value:
            raise ValueError("can only be set to 'archived', and for good")
        return ProjectStatus.ARCHIVED

    def changes(self) -> ProjectChanges:
        """Return the changes that the caller named."""
        return ProjectChanges(
            fields=frozenset(self.model_fields_set),
            name=self.name,
            timezone=self.timezone,
            customer_external_id=self.customer_external_id,
            metadata=self.metadata or {},
            is_archiving="status" in self.model_fields_set,
        )


class Project(Out):
    """The content and accounts of one customer, kept together."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PROJECT_EXAMPLE]})

    id: ProjectRef
    organization_id: OrganizationRef
    environment: Environment = Field(description="`test` projects publish to the sandbox, `live` ones for real.")
    name: str
    timezone: str
    customer_external_id: str | None
    metadata: dict[str, JsonValue]
    status: ProjectStatus
    requires_approval: bool = Field(description="Whether new content may have to wait for approval.")
    created_at: Instant
    updated_at: Instant
    archived_at: Instant | None

    @classmethod
    def of(cls, project: projects.Project) -> Self:
        """Shape a project."""
        return cls(
            id=project.id,
            organization_id=project.organization_id,
            environment=project.environment,
            name=project.name,
            timezone=project.timezone,
            customer_external_id=project.customer_external_id,
            metadata=dict(project.metadata),
            status=project.status,
            requires_approval=project.requires_approval,
            created_at=project.created_at,
            updated_at=project.updated_at,
            archived_at=project.archived_at,
        )


class Caller(Out):
    """Who is calling, and what the key may do."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "organizationId": "org_0191f3a2-6b0d-7a51-8c1f-2e5b1d0a7f43",
                    "organizationName": "Acme",
                    "environment": "test",
                    "keyId": "key_0191f3a2-7001-7c3d-a5b0-0d9c8b7a6f51",
                    "scopes": ["*"],
                    "tier": "unlimited",
                    "returnDomains": ["localhost"],
                    "operatorId": "opr_0191f3a2-6c11-7e02-9a33-4d5e6f708192",
                }
            ]
        }
    )

    organization_id: OrganizationRef
    organization_name: str | None
    environment: Environment
    key_id: KeyRef
    scopes: Sequence[str]
    tier: Tier
    return_domains: Sequence[str] = Field(description="Hosts that people may be sent back to after connecting.")
    operator_id: OperatorRef | None


@router.get("/v1/whoami", response_model=Caller, tags=["Service"], summary="Show who is calling")
async def whoami(key: AnyKey, context: Ctx) -> Response:
    """Tell which organization and environment the key belongs to, and what it may do. Any key will do."""
    return respond(
        Caller(
            organization_id=key.organization_id,
            organization_name=await projects.organization_name(context.pool, key.organization_id),
            environment=key.environment,
            key_id=key.key_id,
            scopes=sorted(key.scopes),
            tier=key.tier,
            return_domains=key.return_domains,
            operator_id=key.operator_id,
        )
    )


@router.post("/v1/projects", response_model=Project, status_code=201, tags=["Projects"], summary="Make a project")
async def create_project(
    key: ProjectsWrite,
    body: Annotated[NewProject, body_of(NewProject)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Make a project. It belongs to the key's environment: keys of the other one never see it."""
    return await idempotent.run(
        lambda db: projects.create_project(
            db,
            owner=key,
            name=body.name,
            timezone=body.timezone,
            customer_external_id=body.customer_external_id,
            metadata=body.metadata or {},
            now=now,
        ),
        Project.of,
        status=201,
    )


@router.get("/v1/projects", response_model=Page[Project], tags=["Projects"], summary="List projects")
async def list_projects(
    key: ProjectsRead,
    page: Paging,
    context: Ctx,
    status: Annotated[ProjectStatus | None, Query(description="Only projects in this status.")] = None,
    customer_external_id: Annotated[
        Text | None, Query(alias="customerExternalId", max_length=255, description="Only projects of this customer.")
    ] = None,
    order: Annotated[Literal["desc", "asc"], Query(description="By age: newest or oldest first.")] = "desc",
) -> Response:
    """List the projects of the key's organization and environment, newest first."""
    found = await projects.list_projects(
        context.pool,
        visible_to=key,
        status=status,
        customer_external_id=customer_external_id,
        order=order,
        after=None if page.after is None else (page.after.at, page.after.id),
        limit=page.limit + 1,
    )
    kept, cursor = page.page_of(found, lambda project: Position(project.created_at, project.id))
    return respond(Page[Project](items=[Project.of(project) for project in kept], next_cursor=cursor))


@router.get("/v1/projects/{projectId}", response_model=Project, tags=["Projects"], summary="Read a project")
async def get_project(key: ProjectsRead, project_id: ProjectId, context: Ctx) -> Response:
    """Read one project."""
    return respond(Project.of(await projects.find_project(context.pool, project_id, visible_to=key)))


@router.patch(
    "/v1/projects/{projectId}",
    response_model=Project,
    responses=refusals(Code.CONFLICT),
    tags=["Projects"],
    summary="Change or archive a project",
)
async def update_project(
    key: ProjectsWrite,
    project_id: ProjectId,
    body: Annotated[ProjectPatch, body_of(ProjectPatch)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Change what is named, leave the rest. Archiving is final and cancels the project's queued posts."""
    return await idempotent.run(
        lambda db: projects.change_project(db, project_id, body.changes(), visible_to=key, now=now), Project.of
    )
