"""Routes with which an administrator lets an identity provider write people, and sees what it wrote."""

from collections.abc import Mapping
from typing import Annotated, Final, Self

from fastapi import APIRouter
from pydantic import Field
from pydantic.config import JsonDict
from starlette.responses import Response

from presswork.api.context import Context, Ctx, Now
from presswork.api.http.auth import OrgAdmin
from presswork.api.http.body import In, Name, Out, body_of, with_examples
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import ScimGroupRef, ScimTokenId, ScimTokenRef
from presswork.api.http.openapi import refusals
from presswork.api.http.paging import Page, Paging
from presswork.api.http.responses import respond
from presswork.api.http.scim_errors import SCIM_PATH
from presswork.core.errors import Code
from presswork.core.timestamps import Instant
from presswork.people.model import Role
from presswork.people.oidc_model import read_role_map
from presswork.provisioning import model
from presswork.provisioning.model import role_of_group
from presswork.provisioning.store import summarize_groups
from presswork.provisioning.tokens import create_token, list_tokens, revoke_token

router: Final = APIRouter(tags=["Users"])

_EXAMPLE: Final[JsonDict] = {
    "id": "sct_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
    "name": "Okta",
    "baseUrl": "https://presswork.example.com/scim/v2",
    "sendsInvitations": False,
    "createdAt": "2026-11-24T18:30:00.000Z",
    "expiresAt": None,
    "lastUsedAt": "2026-11-24T18:42:00.000Z",
}


class NewScimToken(In):
    """A token for one identity provider."""

    model_config = with_examples({"name": "Okta"})

    name: Name = Field(description="Name for display.")
    expires_at: Instant | None = Field(default=None, description="When it ends; null: it stands until it is revoked.")
    sends_invitations: bool = Field(
        default=False,
        description="Whether people whom the provider creates get an invitation by e-mail, where a mail server is configured. "
        "Those who sign in with OpenID Connect need none.",
    )


class ScimToken(Out):
    """A token with which an identity provider writes people and groups, without its secret."""

    model_config = with_examples(_EXAMPLE)

    id: ScimTokenRef
    name: str
    base_url: str = Field(description="What to enter at the identity provider, with the token.")
    sends_invitations: bool
    created_at: Instant
    expires_at: Instant | None
    last_used_at: Instant | None = Field(
        description="When the provider last called, with a resolution of one minute; null: never."
    )

    @classmethod
    def of(cls, token: model.ScimToken, *, context: Context) -> Self:
        """Convert a token of the domain."""
        return cls(
            id=token.id,
            name=token.name,
            base_url=scim_url(context),
            sends_invitations=token.sends_invitations,
            created_at=token.created_at,
            expires_at=token.expires_at,
            last_used_at=token.last_used_at,
        )


class CreatedScimToken(Out):
    """A new token. `token` is returned only once."""

    model_config = with_examples(
        {"scimToken": {**_EXAMPLE, "lastUsedAt": None}, "token": "lps_EXAMPLE-EXAMPLE-EXAMPLE-EXAMPLE-EXAMPLE-EXA"}
    )

    scim_token: ScimToken
    token: str = Field(description="The token. Store it now: Presswork keeps only a hash of it.")


class ScimGroup(Out):
    """A group that an identity provider wrote."""

    model_config = with_examples(
        {
            "id": "scg_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e56",
            "displayName": "publisher",
            "role": "publisher",
            "members": 12,
            "createdAt": "2026-11-24T18:30:00.000Z",
        }
    )

    id: ScimGroupRef
    display_name: str
    role: Role | None = Field(description="The role that it gives; null: none.")
    members: int = Field(description="How many people are in it.")
    created_at: Instant

    @classmethod
    def of(cls, group: model.GroupSummary, *, role_map: Mapping[str, Role]) -> Self:
        """Convert a group of the domain."""
        return cls(
            id=group.id,
            display_name=group.name,
            role=role_of_group(group.name, role_map),
            members=group.member_count,
            created_at=group.created_at,
        )


def scim_url(context: Context) -> str:
    """Return the URL that an identity provider calls."""
    return f"{context.base_url}{SCIM_PATH}"


@router.post(
    "/v1/scim-tokens",
    response_model=CreatedScimToken,
    status_code=201,
    responses=refusals(Code.CONFLICT),
    summary="Create a SCIM token",
)
async def create_scim_token(
    caller: OrgAdmin,
    body: Annotated[NewScimToken, body_of(NewScimToken)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Let an identity provider write the people of the organization. The token is returned only once.

    A retry with the same Idempotency-Key returns it again for 24 hours; the response is stored encrypted until then.
    """
    return await idempotent.run(
        lambda db: create_token(
            db,
            name=body.name,
            sends_invitations=body.sends_invitations,
            expires_at=body.expires_at,
            caller=caller,
            now=now,
        ),
        lambda made: CreatedScimToken(scim_token=ScimToken.of(made[0], context=context), token=made[1]),
        status=201,
        is_secret=True,
        headers={"Cache-Control": "no-store"},
    )


@router.get("/v1/scim-tokens", response_model=Page[ScimToken], summary="List SCIM tokens")
async def list_scim_tokens(caller: OrgAdmin, page: Paging, context: Ctx) -> Response:
    """Return the tokens of the organization, oldest first. Revoked ones are not listed."""
    found = await list_tokens(context.pool, caller=caller, after=page.after, limit=page.limit + 1)
    return respond(page.of(Page[ScimToken], found, lambda token: ScimToken.of(token, context=context)))


@router.delete("/v1/scim-tokens/{scimTokenId}", response_model=ScimToken, summary="Revoke a SCIM token")
async def revoke_scim_token(
    caller: OrgAdmin, scim_token_id: ScimTokenId, idempotent: Idempotent, context: Ctx, now: Now
) -> Response:
    """End a token at once, and return it. People and groups stay as they are."""
    return await idempotent.run(
        lambda db: revoke_token(db, scim_token_id, caller=caller, now=now),
        lambda token: ScimToken.of(token, context=context),
    )


@router.get("/v1/scim-groups", response_model=Page[ScimGroup], summary="List groups of identity providers")
async def list_scim_groups(caller: OrgAdmin, page: Paging, context: Ctx) -> Response:
    """Return the groups that identity providers wrote, and the role that each gives, oldest first."""
    role_map = read_role_map(context.settings.oidc_role_map)
    found = await summarize_groups(context.pool, caller.organization_id, after=page.after, limit=page.limit + 1)
    return respond(page.of(Page[ScimGroup], found, lambda group: ScimGroup.of(group, role_map=role_map)))
