"""The audit log's route, for keys with org:admin."""

from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import Field
from pydantic.config import JsonDict
from starlette.responses import Response

from presswork.api.context import Ctx
from presswork.api.http.auth import OrgAdmin
from presswork.api.http.body import FromDomain, Out, Text, with_examples
from presswork.api.http.ids import AuditRef, KeyRef, LinkRef, OperatorRef, ScimTokenRef, UserRef
from presswork.api.http.paging import Page, Paging
from presswork.api.http.responses import respond
from presswork.api.http.stored_json import StoredObject
from presswork.audit.model import Action
from presswork.audit.read import EntryFilter, list_entries
from presswork.callers.model import ActorKind
from presswork.core.enums import Environment
from presswork.core.timestamps import Instant

router: Final = APIRouter(tags=["Audit log"])

_EXAMPLE: Final[JsonDict] = {
    "id": "aud_0191f3a2-8a10-7d5e-b0c1-5f6a7b8c9d0e",
    "at": "2026-11-24T18:30:00.000Z",
    "environment": "test",
    "action": "project.update",
    "actor": {
        "kind": "api_key",
        "keyId": "key_0191f3a2-7001-7c3d-a5b0-0d9c8b7a6f51",
        "operatorId": "opr_0191f3a2-6c11-7e02-9a33-4d5e6f708192",
        "userId": None,
        "linkId": None,
        "scimTokenId": None,
        "name": None,
    },
    "objectId": "prj_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
    "requestId": "req_01K9ZQ2V3M8T5R7W1X4Y6Z0ABC",
    "detail": {"name": "Corner Bakery"},
}


class AuditActor(Out):
    """Who performed the action."""

    kind: ActorKind = Field(
        description="`api_key`: a call of this API with a key; `user`: with a session; `review_link`, `connect_link`, "
        "`tiktok_post_link`, `portal_link`: a person at the page of such a link; `scim_token`: an identity provider; `command_line`: the `presswork` command on the server; "
        "`worker`: Presswork itself; `platform`: a platform that passes on what a person asked for there."
    )
    key_id: KeyRef | None = Field(description="The API key, if the actor is one.")
    operator_id: OperatorRef | None = Field(description="The operator that the key belonged to at that time.")
    user_id: UserRef | None = Field(description="The user, if the actor is one.")
    link_id: LinkRef | None = Field(description="The link, if a person at a page without a login is the actor.")
    scim_token_id: ScimTokenRef | None = Field(description="The token of SCIM, if an identity provider is the actor.")
    name: str | None = Field(
        description="The user's name at that time, the name of the SCIM token, the name that the person at a link's page gave, the user name on the "
        "server for the command line, or the platform's login."
    )


class AuditEntry(FromDomain):
    """One recorded action."""

    model_config = with_examples(_EXAMPLE)

    id: AuditRef
    at: Instant
    environment: Environment | None = Field(description="null if the entry belongs to both, as for operators.")
    action: Action
    actor: AuditActor
    object_id: str | None = Field(description="Id of the object of the action.")
    request_id: str | None = Field(description="`X-Request-Id` of the call.")
    detail: StoredObject = Field(description="Further facts. Phone numbers are masked, and secrets are never included.")


@router.get("/v1/audit-log", response_model=Page[AuditEntry], summary="Read the audit log")
async def list_audit_log(
    caller: OrgAdmin,
    page: Paging,
    context: Ctx,
    action: Annotated[Action | None, Query(description="Only entries with this action.")] = None,
    actor: Annotated[ActorKind | None, Query(description="Only entries of this kind of actor.")] = None,
    key_id: Annotated[KeyRef | None, Query(alias="keyId", description="Only entries of this key.")] = None,
    user_id: Annotated[UserRef | None, Query(alias="userId", description="Only entries of this user.")] = None,
    object_id: Annotated[
        Text | None,
        Query(alias="objectId", max_length=200, description="Only entries about this object: its complete id."),
    ] = None,
    since: Annotated[Instant | None, Query(description="Only entries at that time or later.")] = None,
    until: Annotated[Instant | None, Query(description="Only entries at that time or earlier.")] = None,
) -> Response:
    """Return who did what in the key's organization and environment, newest first. Entries are never changed.

    Entries of both environments, such as those of operators, are visible to the keys of each.
    """
    wanted = EntryFilter(
        action=action,
        actor=actor,
        key_id=key_id,
        user_id=user_id,
        object_id=object_id,
        since=since,
        until=until,
    )
    found = await list_entries(context.pool, wanted, visible_to=caller, before=page.after, limit=page.limit)
    return respond(page.of_found(Page[AuditEntry], found, AuditEntry.of))
