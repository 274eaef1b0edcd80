"""Routes of connected agents: a user's own, and for administrators those of any user of the organization."""

from typing import Final, Self

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from presswork.agents import model
from presswork.agents.grants import disconnect_agent
from presswork.agents.grants import list_grants as grants_of
from presswork.api.context import Ctx, Now
from presswork.api.http.auth import AnyKey
from presswork.api.http.body import Out, with_examples
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import AgentId, AgentRef, UserRef
from presswork.api.http.openapi import refusals
from presswork.api.http.paging import Page, Paging
from presswork.api.http.responses import respond
from presswork.api.users.schemas import OfUser, user_meant
from presswork.callers.model import Scope
from presswork.core.enums import Environment
from presswork.core.errors import Code
from presswork.core.timestamps import Instant

router: Final = APIRouter(tags=["Users"])
_EXAMPLE_ID: Final = "0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"


class ConnectedAgent(Out):
    """A program that acts for a user, and what the user allowed it."""

    model_config = with_examples(
        {
            "id": f"agt_{_EXAMPLE_ID}",
            "userId": f"usr_{_EXAMPLE_ID}",
            "name": "Claude",
            "environment": "test",
            "scopes": ["projects:read", "publish:write"],
            "createdAt": "2026-11-26T09:00:00.000Z",
            "lastUsedAt": None,
            "expiresAt": "2027-02-24T09:00:00.000Z",
        }
    )

    id: AgentRef
    user_id: UserRef
    name: str = Field(description="What the program calls itself; nothing proves it.")
    environment: Environment
    scopes: list[str] = Field(description="What the user allowed; the user's role can reduce it.")
    created_at: Instant = Field(description="When the user allowed it.")
    last_used_at: Instant | None = Field(description="When it last called, with a resolution of one minute.")
    expires_at: Instant = Field(description="When the user has to be asked again.")

    @classmethod
    def of(cls, grant: model.Grant) -> Self:
        """Convert a grant of the domain."""
        return cls(
            id=grant.id,
            user_id=grant.user_id,
            name=grant.client_name,
            environment=grant.environment,
            scopes=list(grant.scopes),
            created_at=grant.created_at,
            last_used_at=grant.last_used_at,
            expires_at=grant.expires_at,
        )


class DisconnectedAgent(Out):
    """An agent that has no access any more."""

    model_config = with_examples({"id": f"agt_{_EXAMPLE_ID}", "disconnectedAt": "2026-11-26T09:00:00.000Z"})

    id: AgentRef
    disconnected_at: Instant


@router.get(
    "/v1/agents",
    response_model=Page[ConnectedAgent],
    responses=refusals(Code.FORBIDDEN_SCOPE),
    summary="List connected agents",
)
async def list_agents(caller: AnyKey, page: Paging, context: Ctx, now: Now, user_id: OfUser = None) -> Response:
    """List the programs that act for the user through `/mcp`, oldest first. With an API key, `userId` is required.

    A user of another organization has none.
    """
    of_user = user_meant(caller, user_id)
    found = await grants_of(context.pool, of_user, caller=caller, after=page.after, limit=page.limit + 1, now=now)
    return respond(page.of(Page[ConnectedAgent], found, ConnectedAgent.of))


@router.delete("/v1/agents/{agentId}", response_model=DisconnectedAgent, summary="Disconnect an agent")
async def delete_agent(caller: AnyKey, agent_id: AgentId, idempotent: Idempotent, now: Now) -> Response:
    """End what the user allowed an agent, with all of its tokens, at once; with org:admin, for any user of the organization."""
    return await idempotent.run(
        lambda db: disconnect_agent(db, agent_id, caller=caller, may_end_others=caller.may(Scope.ORG_ADMIN), now=now),
        lambda _: DisconnectedAgent(id=agent_id, disconnected_at=now),
    )
