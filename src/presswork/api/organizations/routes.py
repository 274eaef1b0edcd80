"""Routes of organizations, of their limits, and of what they use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from presswork.api.context import Context, Ctx, Now
from presswork.api.http.auth import ConfirmedInstallationAdmin, InstallationAdmin, ProjectsRead, in_environment
from presswork.api.http.body import body_of
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import OrganizationId
from presswork.api.http.openapi import refusals
from presswork.api.http.paging import Page, Paging
from presswork.api.http.responses import respond
from presswork.api.keys.schemas import CreatedApiKey
from presswork.api.organizations.schemas import (
    USAGE_HEAD,
    CreatedOrganization,
    Limits,
    LimitsPatch,
    LimitStanding,
    NewOrganization,
    Organization,
    OrganizationPatch,
    UsageItem,
    UsageReport,
    UsageSince,
    UsageUntil,
    write_usage,
)
from presswork.api.users.one_time_links import build_invited_user, mail_links
from presswork.callers.model import Principal
from presswork.core.enums import Environment
from presswork.core.errors import Code
from presswork.db.pool import Connection
from presswork.orgs import organizations
from presswork.orgs.key_admin import insert_key
from presswork.orgs.key_model import ApiKey, KeyToken
from presswork.orgs.limits import Standing, read_standing
from presswork.orgs.usage import CallCounts, Period, Usage, UsageBy, read_usage
from presswork.people.invite import invite
from presswork.people.model import Role, User

router: Final = APIRouter(tags=["Organizations"])


@dataclass(frozen=True, slots=True)
class _Made:
    organization: organizations.Organization
    admin: tuple[User, str] | None
    key: tuple[ApiKey, KeyToken] | None


@router.post(
    "/v1/organizations",
    response_model=CreatedOrganization,
    status_code=201,
    responses=refusals(Code.CONFLICT, Code.PLAN_LIMIT),
    summary="Create an organization",
)
async def create_organization(
    caller: ConfirmedInstallationAdmin,
    body: Annotated[NewOrganization, body_of(NewOrganization)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Create an organization with its limits, and if the call says so, invite its first administrator and make its first key.

    Link and key are returned only here; a retry with the same Idempotency-Key returns them again for 24 hours, and the
    response is stored encrypted until then. The link is e-mailed as well where a mail server is configured.
    """
    made: list[_Made] = []

    async def create(connection: Connection) -> _Made:
        made[:] = [await _create(connection, body, caller, now)]
        return made[0]

    response = await idempotent.run(
        create, partial(_build_created, context), status=201, is_secret=True, headers={"Cache-Control": "no-store"}
    )
    await mail_links(context, [one.admin for one in made if one.admin is not None], now)
    return response


async def _create(connection: Connection, body: NewOrganization, caller: Principal, now: datetime) -> _Made:
    organization = await organizations.create_organization(
        connection, name=body.name, limits=body.limits.changes(), by=caller, now=now
    )
    admin, key = None, None
    if body.admin is not None:
        admin = await invite(
            connection,
            organization_id=organization.id,
            email=body.admin.email,
            name=body.admin.name or "",
            role=Role.ADMIN,
            project_ids=None,
            by=caller.actor,
            now=now,
        )
    if body.key is not None:
        key = await insert_key(
            connection,
            organization.id,
            body.key.environment,
            name=body.key.name,
            scopes=body.key.scopes,
            tier=body.key.tier,
            return_domains=(),
            operator_id=None,
            by=caller.actor,
            now=now,
        )
    return _Made(organization, admin, key)


def _build_created(context: Context, made: _Made) -> CreatedOrganization:
    return CreatedOrganization(
        organization=Organization.of(made.organization),
        admin=None if made.admin is None else build_invited_user(context, made.admin),
        key=None if made.key is None else CreatedApiKey.of(*made.key),
    )


@router.get("/v1/organizations", response_model=Page[Organization], summary="List organizations")
async def list_organizations(caller: InstallationAdmin, page: Paging, context: Ctx) -> Response:  # noqa: ARG001  it authorizes
    """List the organizations of the installation with their limits, oldest first."""
    found = await organizations.list_organizations(context.pool, after=page.after, limit=page.limit + 1)
    return respond(page.of(Page[Organization], found, Organization.of))


@router.get("/v1/organizations/{organizationId}", response_model=Organization, summary="Retrieve an organization")
async def get_organization(caller: InstallationAdmin, organization_id: OrganizationId, context: Ctx) -> Response:  # noqa: ARG001  it authorizes
    """Return one organization with its limits."""
    return respond(Organization.of(await organizations.find_organization(context.pool, organization_id)))


@router.patch(
    "/v1/organizations/{organizationId}",
    response_model=Organization,
    responses=refusals(Code.CONFLICT),
    summary="Rename an organization",
)
async def update_organization(
    caller: ConfirmedInstallationAdmin,
    organization_id: OrganizationId,
    body: Annotated[OrganizationPatch, body_of(OrganizationPatch)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Update the fields that are sent."""
    return await idempotent.run(
        lambda db: organizations.rename_organization(db, organization_id, body.name or None, by=caller, now=now),
        Organization.of,
    )


@router.patch(
    "/v1/organizations/{organizationId}/limits", response_model=Limits, summary="Set the limits of an organization"
)
async def set_organization_limits(
    caller: ConfirmedInstallationAdmin,
    organization_id: OrganizationId,
    body: Annotated[LimitsPatch, body_of(LimitsPatch)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Update the limits that are sent, and return all of them. A limit applies to the next call.

    What the organization has beyond a new limit stays. A call that would exceed one returns 403 `PLAN_LIMIT`.
    """
    return await idempotent.run(
        lambda db: organizations.limit_organization(db, organization_id, body.changes(), by=caller, now=now),
        lambda found: Limits.of(found.limits),
    )


@dataclass(frozen=True, slots=True)
class UsageQuery:
    """Which usage is read."""

    period: Period
    group_by: UsageBy | None


async def _read_query(
    now: Now,
    since: Annotated[
        UsageSince | None,
        Query(
            description="First day in UTC, or an instant on it. Default: the first day of the month of the last one."
        ),
    ] = None,
    until: Annotated[
        UsageUntil | None,
        Query(
            description="The day after the last one, or an instant on the last one. Default: tomorrow. At most 366 days "
            "after `since`."
        ),
    ] = None,
    group_by: Annotated[
        UsageBy | None, Query(alias="groupBy", description="One item each. Default: one item, the total.")
    ] = None,
) -> UsageQuery:
    return UsageQuery(Period.of(since, until, now=now), group_by)


_Query = Annotated[UsageQuery, Depends(_read_query)]


@router.get("/v1/usage", response_model=UsageReport, summary="Read usage")
async def get_usage(caller: ProjectsRead, query: _Query, context: Ctx, now: Now) -> Response:
    """Return what the organization used in this environment, and its limits.

    Posts count for the day (UTC) on which they ended, and stay counted when they are taken down or erased. A day of the
    calendar is complete a few seconds after its end: calls of the API are stored every ten seconds.
    """
    return await _report(context, caller.organization_id, caller, query, now)


@router.get(
    "/v1/organizations/{organizationId}/usage", response_model=UsageReport, summary="Read usage of an organization"
)
async def get_organization_usage(
    caller: InstallationAdmin, organization_id: OrganizationId, query: _Query, context: Ctx, now: Now
) -> Response:
    """Return what an organization used in the environment of the caller, and its limits."""
    await organizations.find_organization(context.pool, organization_id)
    return await _report(context, organization_id, caller, query, now)


@router.get(
    "/v1/usage/export",
    response_class=Response,
    response_model=None,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}, "example": USAGE_HEAD}}}},
    response_description="A line of names, then a line for each item, in UTF-8 (RFC 4180).",
    summary="Export usage",
)
async def export_usage(
    caller: ProjectsRead,
    query: _Query,
    context: Ctx,
    form: Annotated[Literal["csv"], Query(alias="format", description="`csv`, for spreadsheets.")] = "csv",
    environment: Annotated[
        Environment | None,
        Query(description="The environment of a session. That of a key is known, and must be the same if it is sent."),
    ] = None,
) -> Response:
    """Return the items of `GET /v1/usage` as a file."""
    items = await _read_items(context, caller.organization_id, in_environment(caller, environment), query)
    period = query.period
    name = f"usage-{period.since}-{period.until}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(write_usage(items), headers=headers, media_type="text/csv")


async def _report(
    context: Context, organization_id: UUID, caller: Principal, query: UsageQuery, now: datetime
) -> Response:
    items = await _read_items(context, organization_id, caller, query)
    limits: Sequence[Standing] = ()
    if caller.project_ids is None:
        limits = await read_standing(context.pool, organization_id, caller.environment, now=now)
    return respond(
        UsageReport(
            since=query.period.since,
            until=query.period.until,
            items=[UsageItem.of(item) for item in items],
            limits=LimitStanding.of_all(limits),
        )
    )


async def _read_items(context: Context, organization_id: UUID, caller: Principal, query: UsageQuery) -> Sequence[Usage]:
    await context.part(CallCounts).flush()
    return await read_usage(
        context.pool,
        organization_id,
        caller.environment,
        query.period,
        query.group_by,
        project_ids=caller.project_ids,
    )
