"""Routes of projects, and `whoami`."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal, Self

from fastapi import APIRouter, Query
from pydantic import AfterValidator, Field, JsonValue, field_validator, model_validator
from pydantic.config import JsonDict
from starlette.responses import Response

from presswork.api.context import Ctx, Now
from presswork.api.http.auth import AnyKey, ProjectsRead, ProjectsWrite
from presswork.api.http.body import FromDomain, In, Name, Out, Text, body_of, with_examples
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import KeyRef, OperatorRef, OrganizationRef, ProjectId, ProjectRef, UserRef
from presswork.api.http.openapi import refusals
from presswork.api.http.paging import Page, Paging
from presswork.api.http.responses import respond
from presswork.api.http.stored_json import StoredObject
from presswork.api.projects.schemas import Zone
from presswork.branding.brand_project import MAX_LOGO_BYTES, brand_project
from presswork.callers.model import Tier
from presswork.content.intake import Intake
from presswork.core.enums import Environment
from presswork.core.errors import Code, FieldError, IssueCode
from presswork.core.timestamps import Instant
from presswork.platforms.names import PlatformName
from presswork.platforms.registry import priced_platforms
from presswork.projects import store
from presswork.projects.branding import Branding, brand_color
from presswork.projects.model import (
    MAX_BUDGET_USD,
    MAX_METADATA_BYTES,
    MAX_UTM_DOMAINS,
    MAX_VARIABLE_CHARACTERS,
    MAX_VARIABLES,
    UTM,
    VARIABLE_NAME,
    Budget,
    Profile,
    ProjectChanges,
    ProjectStatus,
    metadata_text,
)
from presswork.snippets.fill import domain_of

router: Final = APIRouter()

_PROJECT_EXAMPLE: Final[JsonDict] = {
    "id": "prj_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
    "organizationId": "org_0191f3a2-6b0d-7a51-8c1f-2e5b1d0a7f43",
    "environment": "test",
    "name": "Corner Bakery",
    "timezone": "Europe/Lisbon",
    "customerExternalId": "crm-4711",
    "metadata": {"plan": "small"},
    "ownerEmail": "marta@corner-bakery.example",
    "primaryLanguage": "pt-PT",
    "appName": "Corner Bakery",
    "appDescription": "Order bread in the evening, collect it at seven.",
    "reviewLinks": False,
    "branding": {"name": None, "logoUrl": "https://corner-bakery.example/logo.png", "color": "#8a3b12"},
    "variables": {"phone": "+351 21 000 0000"},
    "utm": {"domains": ["corner-bakery.example"], "source": "{platform}", "medium": "social", "campaign": None},
    "budgets": {"x": {"monthlyUsd": 20.0}},
    "status": "archived",
    "requiresApproval": False,
    "createdAt": "2026-11-24T18:30:00.000Z",
    "updatedAt": "2026-12-31T23:00:00.000Z",
    "archivedAt": "2026-12-31T23:00:00.000Z",
}


def _require_storable(metadata: dict[str, JsonValue]) -> dict[str, JsonValue]:
    metadata_text(metadata)
    return metadata


ExternalId = Annotated[Text, Field(min_length=1, max_length=255)]
Metadata = Annotated[dict[str, JsonValue], AfterValidator(_require_storable)]
OwnerEmail = Annotated[Text, Field(max_length=320)]
Language = Annotated[Text, Field(max_length=100)]
AppName = Annotated[Text, Field(max_length=200)]
AppDescription = Annotated[Text, Field(max_length=4000)]
LogoUrl = Annotated[Text, Field(min_length=1, max_length=2048)]
Color = Annotated[Text, AfterValidator(brand_color)]
VariableName = Annotated[Text, Field(pattern=rf"^{VARIABLE_NAME}$")]
Variables = Annotated[
    dict[VariableName, Annotated[Text, Field(max_length=MAX_VARIABLE_CHARACTERS)]], Field(max_length=MAX_VARIABLES)
]


def _require_price(name: PlatformName) -> PlatformName:
    if name not in priced_platforms():
        raise FieldError("charges nothing for posts. Omit it.", IssueCode.INVALID_CHOICE)
    return name


PricedPlatform = Annotated[PlatformName, AfterValidator(_require_price)]
_METADATA_TEXT = f"Any JSON object of at most {MAX_METADATA_BYTES} bytes."


class NewProject(In):
    """Parameters of a new project in the environment of the key."""

    model_config = with_examples(
        {"name": "Corner Bakery", "timezone": "Europe/Lisbon", "customerExternalId": "crm-4711"}
    )

    name: Name = Field(description="Name for display.")
    timezone: Zone = Field(default="UTC", description="IANA time zone of the customer.")
    customer_external_id: ExternalId | None = Field(default=None, description="Your id of the customer.")
    metadata: Metadata | None = Field(default=None, description=_METADATA_TEXT)
    owner_email: OwnerEmail | None = Field(
        default=None, description="E-mail address of the customer. Stored, and no mail is sent to it."
    )
    primary_language: Language | None = Field(
        default=None, description="Language of the customer, such as `pt-PT`. Stored, and used for nothing."
    )
    app_name: AppName | None = Field(
        default=None, description="Name of the customer's product. Stored, and used for nothing."
    )
    app_description: AppDescription | None = Field(
        default=None, description="Description of the customer's product. Stored, and used for nothing."
    )

    def profile(self) -> Profile:
        """Return the fields that are only stored."""
        return Profile(
            owner_email=self.owner_email,
            primary_language=self.primary_language,
            app_name=self.app_name,
            app_description=self.app_description,
        )


class NewBranding(In):
    """How the project's pages without a login look. A field that is null or left out is that of the project or Presswork."""

    model_config = with_examples(
        {"name": "Corner Bakery", "logoUrl": "https://corner-bakery.example/logo.png", "color": "#8a3b12"}
    )

    name: Name | None = Field(default=None, description="Name at the top of the pages; null: that of the project.")
    logo_url: LogoUrl | None = Field(
        default=None,
        description=f"JPEG, PNG or WebP of at most {MAX_LOGO_BYTES // 1024} KiB. It is fetched now and served from this server.",
    )
    color: Color | None = Field(
        default=None,
        description="Colour of buttons, as `#rrggbb`. Its contrast to the light page must be at least 3:1; texts on it are "
        "black or white.",
    )

    def wanted(self) -> Branding:
        """Return the branding without its logo."""
        return Branding(name=self.name, color=self.color, logo_url=self.logo_url)


class ProjectBranding(FromDomain):
    """How the project's pages without a login look."""

    name: str | None
    logo_url: str | None = Field(description="URL that the logo was fetched from.")
    color: str | None


def _read_domain(text: str) -> str:
    """Return a domain as links are compared with it. Raises FieldError."""
    found = domain_of(text)
    if found is None:
        raise FieldError("is not a domain. Send one like shop.example.com, without a scheme.", IssueCode.INVALID_FORMAT)
    return found


Domain = Annotated[Text, Field(min_length=1, max_length=253), AfterValidator(_read_domain)]
UTMValue = Annotated[Text, Field(min_length=1, max_length=255)]
_PLACEHOLDER: Final = "`{platform}` in it becomes the name of the platform."


class UTMParameters(In):
    """Parameters that the links of a project get when posts go out."""

    model_config = with_examples(
        {"domains": ["corner-bakery.example"], "source": "{platform}", "medium": "social", "campaign": "spring"}
    )

    domains: list[Domain] = Field(
        min_length=1,
        max_length=MAX_UTM_DOMAINS,
        description="Only links of these domains and their subdomains get them.",
    )
    source: UTMValue | None = Field(default=None, description=f"`utm_source`. {_PLACEHOLDER}")
    medium: UTMValue | None = Field(default=None, description=f"`utm_medium`. {_PLACEHOLDER}")
    campaign: UTMValue | None = Field(default=None, description=f"`utm_campaign`. {_PLACEHOLDER}")

    @model_validator(mode="after")
    def _require_one(self) -> Self:
        if self.source is None and self.medium is None and self.campaign is None:
            raise FieldError("adds nothing. Send source, medium or campaign.", IssueCode.REQUIRED)
        return self

    def wanted(self) -> UTM:
        """Return the domain object."""
        return UTM(
            domains=list(dict.fromkeys(self.domains)),
            source=self.source,
            medium=self.medium,
            campaign=self.campaign,
        )


class BudgetOfPlatform(In):
    """What a project may spend on one platform."""

    model_config = with_examples({"monthlyUsd": 20})

    monthly_usd: float = Field(
        ge=0, le=MAX_BUDGET_USD, description="The most that its posts may cost in a month (UTC), in US dollars."
    )

    def wanted(self) -> Budget:
        """Return the domain object."""
        return Budget.of_usd(self.monthly_usd)


class ProjectBudget(FromDomain):
    """What a project may spend on one platform."""

    monthly_usd: float = Field(description="The most that its posts may cost in a month (UTC), in US dollars.")


class ProjectUTM(FromDomain):
    """Parameters that the links of a project get when posts go out."""

    domains: list[str]
    source: str | None
    medium: str | None
    campaign: str | None


class ProjectPatch(In):
    """Changes to a project. A field that is left out is not changed; null removes a value."""

    model_config = with_examples({"name": "Corner Bakery & Café"})

    name: Name = Field(default_factory=str, description="Name for display.")
    timezone: Zone = Field(default_factory=str, description="IANA time zone of the customer.")
    customer_external_id: ExternalId | None = Field(
        default=None, description="Your id of the customer; null removes it."
    )
    metadata: Metadata | None = Field(
        default=None, description=f"{_METADATA_TEXT} Replaces the whole object; null clears it."
    )
    owner_email: OwnerEmail | None = Field(default=None, description="E-mail address of the customer; null removes it.")
    primary_language: Language | None = Field(default=None, description="Language of the customer; null removes it.")
    app_name: AppName | None = Field(default=None, description="Name of the customer's product; null removes it.")
    app_description: AppDescription | None = Field(
        default=None, description="Description of the customer's product; null removes it."
    )
    branding: NewBranding | None = Field(
        default=None, description="Replaces the whole branding of the pages without a login; null removes it."
    )
    variables: Variables | None = Field(
        default=None,
        description="The values of `{{name}}` in the texts of posts; replaces all of them. From then on, a name without a value is an "
        "error. null: braces have no meaning.",
    )
    utm: UTMParameters | None = Field(
        default=None, description="Replaces the parameters that links get; null removes them."
    )
    budgets: dict[PricedPlatform, BudgetOfPlatform] | None = Field(
        default=None,
        description="Budgets by platform, for those that charge for posts (X); replaces all of them. A call whose posts may cost more "
        'than is left is refused (`reason: "budget"`). null: any amount.',
    )
    review_links: bool = Field(
        default_factory=bool,
        strict=True,
        description="Whether the messages `content.pending` of webhooks carry `reviewUrl`, the URL of a new review link. "
        "Setting it requires `content:approve` as well: the links act for the key or the user that set it.",
    )
    status: Literal[ProjectStatus.ARCHIVED] = Field(
        default_factory=lambda: ProjectStatus.ARCHIVED,
        description="`archived` archives the project, which is final, and cancels its queued posts.",
    )

    @field_validator("status", mode="before")
    @classmethod
    def _require_archived(cls, value: object) -> object:
        if value != ProjectStatus.ARCHIVED.value:
            raise FieldError(
                "can only be set to `archived`, which is final. Send that, or omit it.", IssueCode.INVALID_CHOICE
            )
        return ProjectStatus.ARCHIVED

    def changes(self) -> ProjectChanges:
        """Return the fields that were sent; null as metadata clears them."""
        changes: ProjectChanges = self.sent()
        if "metadata" in changes:
            changes["metadata"] = metadata_text(self.metadata or {})
        if self.branding is not None:
            changes["branding"] = self.branding.wanted()
        if self.utm is not None:
            changes["utm"] = self.utm.wanted()
        if self.budgets is not None:
            changes["budgets"] = {name.value: budget.wanted() for name, budget in self.budgets.items()}
        return changes


class Project(FromDomain):
    """Groups the content and accounts of one customer."""

    model_config = with_examples(_PROJECT_EXAMPLE)

    id: ProjectRef
    organization_id: OrganizationRef
    environment: Environment = Field(
        description="`test` projects publish to the sandbox, `live` projects to the platforms."
    )
    name: str
    timezone: str
    customer_external_id: str | None
    metadata: StoredObject
    owner_email: str | None
    primary_language: str | None
    app_name: str | None
    app_description: str | None
    review_links: bool = Field(description="Whether the messages `content.pending` of webhooks carry `reviewUrl`.")
    branding: ProjectBranding | None = Field(description="How the project's pages without a login look.")
    variables: dict[str, str] | None = Field(
        description="The values of `{{name}}` in the texts of posts; null: braces have no meaning."
    )
    utm: ProjectUTM | None = Field(description="Parameters that links get when posts go out.")
    budgets: dict[str, ProjectBudget] | None = Field(
        description="The most that posts may cost, by platform; null: any amount."
    )
    status: ProjectStatus
    requires_approval: bool = Field(description="Whether new content may require approval.")
    created_at: Instant
    updated_at: Instant
    archived_at: Instant | None


class Caller(Out):
    """The organization, environment and permissions of the key."""

    model_config = with_examples(
        {
            "organizationId": "org_0191f3a2-6b0d-7a51-8c1f-2e5b1d0a7f43",
            "organizationName": "Acme",
            "environment": "test",
            "keyId": "key_0191f3a2-7001-7c3d-a5b0-0d9c8b7a6f51",
            "userId": None,
            "scopes": ["*"],
            "tier": "unlimited",
            "returnDomains": ["localhost"],
            "operatorId": "opr_0191f3a2-6c11-7e02-9a33-4d5e6f708192",
        }
    )

    organization_id: OrganizationRef
    organization_name: str | None
    environment: Environment
    key_id: KeyRef | None = Field(description="The API key; null for a session.")
    user_id: UserRef | None = Field(description="The user of the session; null for an API key.")
    scopes: Sequence[str]
    tier: Tier
    return_domains: Sequence[str] = Field(description="Hosts to which a login may redirect people.")
    operator_id: OperatorRef | None


@router.get("/v1/whoami", response_model=Caller, tags=["Service"], summary="Identify the caller")
async def whoami(caller: AnyKey, context: Ctx) -> Response:
    """Return the organization, environment and permissions of the key. Requires no scope."""
    return respond(
        Caller(
            organization_id=caller.organization_id,
            organization_name=await store.organization_name(context.pool, caller.organization_id),
            environment=caller.environment,
            key_id=caller.key_id,
            user_id=caller.user_id,
            scopes=sorted(caller.scopes),
            tier=caller.tier,
            return_domains=caller.return_domains,
            operator_id=caller.operator_id,
        )
    )


@router.post(
    "/v1/projects",
    response_model=Project,
    status_code=201,
    responses=refusals(Code.PLAN_LIMIT),
    tags=["Projects"],
    summary="Create a project",
)
async def create_project(
    caller: ProjectsWrite,
    body: Annotated[NewProject, body_of(NewProject)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Create a project in the environment of the key. Keys of the other environment can't see it."""
    return await idempotent.run(
        lambda db: store.create_project(
            db,
            owner=caller,
            name=body.name,
            timezone=body.timezone,
            customer_external_id=body.customer_external_id,
            metadata=body.metadata or {},
            profile=body.profile(),
            now=now,
        ),
        Project.of,
        status=201,
    )


@router.get("/v1/projects", response_model=Page[Project], tags=["Projects"], summary="List projects")
async def list_projects(
    caller: ProjectsRead,
    page: Paging,
    context: Ctx,
    status: Annotated[ProjectStatus | None, Query(description="Return only projects with this status.")] = None,
    customer_external_id: Annotated[
        Text | None,
        Query(alias="customerExternalId", max_length=255, description="Return only projects of this customer."),
    ] = None,
    order: Annotated[
        Literal["desc", "asc"], Query(description="Sort order by creation: `desc` is newest first, `asc` oldest first.")
    ] = "desc",
) -> Response:
    """List the projects of the key's organization and environment, newest first."""
    found = await store.list_projects(
        context.pool,
        visible_to=caller,
        status=status,
        customer_external_id=customer_external_id,
        order=order,
        after=page.after,
        limit=page.limit + 1,
    )
    return respond(page.of(Page[Project], found, Project.of))


@router.get("/v1/projects/{projectId}", response_model=Project, tags=["Projects"], summary="Retrieve a project")
async def get_project(caller: ProjectsRead, project_id: ProjectId, context: Ctx) -> Response:
    """Return one project."""
    return respond(Project.of(await store.find_project(context.pool, project_id, visible_to=caller)))


@router.patch(
    "/v1/projects/{projectId}",
    response_model=Project,
    responses=refusals(Code.CONFLICT, Code.PLAN_LIMIT, Code.MEDIA_UNREACHABLE, Code.MEDIA_UNSUPPORTED),
    tags=["Projects"],
    summary="Update or archive a project",
)
async def update_project(
    caller: ProjectsWrite,
    project_id: ProjectId,
    body: Annotated[ProjectPatch, body_of(ProjectPatch)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Update the fields that are sent. Archiving is final and cancels the project's queued posts.

    The logo of a branding is fetched and checked before anything is changed.
    """
    return await idempotent.call(
        lambda call: brand_project(call, context.part(Intake), project_id, body.changes(), visible_to=caller, now=now),
        Project.of,
    )
