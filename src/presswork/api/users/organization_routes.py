"""Routes of the caller's own organization."""

from typing import Annotated, Final, Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from presswork.api.context import Ctx, Now
from presswork.api.http.auth import ConfirmedAdmin, OrgAdmin
from presswork.api.http.body import In, Out, body_of, with_examples
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import OrganizationRef
from presswork.api.http.responses import respond
from presswork.db.pool import Connection, Pool
from presswork.people.change_policy import change_policy, find_policy
from presswork.people.model import Organization
from presswork.people.second_factor_model import SecondFactorPolicy
from presswork.people.store import find_organization

router: Final = APIRouter(tags=["Users"])
_POLICY: Final = (
    "Who must have a second factor: no one (`off`), `admins`, or `everyone`. A user who must and has none sets one up at the "
    "next sign-in."
)


class OwnOrganization(Out):
    """The caller's organization."""

    model_config = with_examples(
        {"id": "org_0191f3a2-6b0d-7a51-8c1f-2e5b1d0a7f43", "name": "Acme", "secondFactor": "admins"}
    )

    id: OrganizationRef
    name: str
    second_factor: SecondFactorPolicy = Field(description=_POLICY)

    @classmethod
    def of(cls, organization: Organization, policy: SecondFactorPolicy) -> Self:
        """Convert an organization and its policy."""
        return cls(id=organization.id, name=organization.name, second_factor=policy)


class OwnOrganizationPatch(In):
    """Changes to the organization. A field that is left out is not changed."""

    model_config = with_examples({"secondFactor": "admins"})

    second_factor: SecondFactorPolicy = Field(default_factory=lambda: SecondFactorPolicy.OFF, description=_POLICY)


@router.get("/v1/organization", response_model=OwnOrganization, summary="Retrieve the organization")
async def get_own_organization(caller: OrgAdmin, context: Ctx) -> Response:
    """Return the organization of the caller, and who must have a second factor in it."""
    return respond(OwnOrganization.of(*await _read(context.pool, caller.organization_id)))


@router.patch("/v1/organization", response_model=OwnOrganization, summary="Update the organization")
async def update_own_organization(
    caller: ConfirmedAdmin,
    body: Annotated[OwnOrganizationPatch, body_of(OwnOrganizationPatch)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Update the fields that are sent. A new policy counts from the next sign-in of each user on."""

    async def update(connection: Connection) -> tuple[Organization, SecondFactorPolicy]:
        if body.sent():
            await change_policy(connection, caller.organization_id, body.second_factor, by=caller.actor, now=now)
        return await _read(connection, caller.organization_id)

    return await idempotent.run(update, lambda found: OwnOrganization.of(*found))


async def _read(connection: "Connection | Pool", organization_id: UUID) -> tuple[Organization, SecondFactorPolicy]:
    organization = await find_organization(connection, organization_id)
    return organization, await find_policy(connection, organization_id)
