"""Routes of users. They require org:admin and are limited to the caller's organization."""

from typing import Annotated, Final

from fastapi import APIRouter
from starlette.responses import Response

from presswork.api.context import Context, Ctx, Now
from presswork.api.http.auth import OrgAdmin
from presswork.api.http.body import body_of
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import UserId
from presswork.api.http.openapi import refusals
from presswork.api.http.paging import Page, Paging
from presswork.api.http.responses import respond
from presswork.api.users.mail_links import mail_links
from presswork.api.users.schemas import InvitedUser, NewUser, User, UserLinkRequest, UserPatch
from presswork.core.errors import Code, FieldError, Invalid, Issue
from presswork.db.pool import Connection
from presswork.people import model, store
from presswork.people.change_user import change_user
from presswork.people.invite import invite, link_of, new_link
from presswork.people.model import require_projects
from presswork.people.sessions import SessionCache
from presswork.people.store import list_users as users_of

router: Final = APIRouter(tags=["Users"])
_NO_STORE: Final = {"Cache-Control": "no-store"}

_Linked = tuple[model.User, str]


@router.post(
    "/v1/users",
    response_model=InvitedUser,
    status_code=201,
    responses=refusals(Code.CONFLICT),
    summary="Invite a user",
)
async def invite_user(
    caller: OrgAdmin, body: Annotated[NewUser, body_of(NewUser)], idempotent: Idempotent, context: Ctx, now: Now
) -> Response:
    """Add a person to the organization, and return a one-time link that is also e-mailed where a mail server is configured.

    Users belong to the organization, not to an environment. A retry with the same Idempotency-Key returns the link again
    for 24 hours; the response is stored encrypted until then.
    """
    try:
        require_projects(body.role, body.project_ids)
    except FieldError as error:
        raise Invalid([Issue.at("projectIds", str(error), error.code)]) from error
    made: list[_Linked] = []

    async def invited(connection: Connection) -> _Linked:
        made[:] = [
            await invite(
                connection,
                organization_id=caller.organization_id,
                email=body.email,
                name=body.name or "",
                role=body.role,
                project_ids=body.project_ids,
                by=caller.actor,
                now=now,
            )
        ]
        return made[0]

    response = await idempotent.run(
        invited, lambda linked: _build_invited_user(context, linked), status=201, is_secret=True, headers=_NO_STORE
    )
    await mail_links(context, made, now)
    return response


@router.post(
    "/v1/users/{userId}/link",
    response_model=InvitedUser,
    responses=refusals(Code.CONFLICT),
    summary="Make a new link for a user",
)
async def create_user_link(
    caller: OrgAdmin,
    user_id: UserId,
    _body: Annotated[UserLinkRequest, body_of(UserLinkRequest, is_optional=True)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Make a one-time link for an invitation that expired, or for a person who forgot the password.

    It replaces the user's former link. When it is used, all sessions of the user end.
    """
    made: list[_Linked] = []

    async def linked(connection: Connection) -> _Linked:
        found = await new_link(connection, user_id, organization_id=caller.organization_id, by=caller.actor, now=now)
        made[:] = [found]
        return found

    response = await idempotent.run(
        linked, lambda found: _build_invited_user(context, found), is_secret=True, headers=_NO_STORE
    )
    await mail_links(context, made, now)
    return response


@router.get("/v1/users", response_model=Page[User], summary="List users")
async def list_users(caller: OrgAdmin, page: Paging, context: Ctx, now: Now) -> Response:
    """List the users of the organization, with invited and disabled ones, oldest first."""
    found = await users_of(
        context.pool, organization_id=caller.organization_id, after=page.after, limit=page.limit + 1, now=now
    )
    return respond(page.of(Page[User], found, User.of))


@router.get("/v1/users/{userId}", response_model=User, summary="Retrieve a user")
async def get_user(caller: OrgAdmin, user_id: UserId, context: Ctx, now: Now) -> Response:
    """Return one user."""
    return respond(
        User.of(await store.find_user(context.pool, user_id, organization_id=caller.organization_id, now=now))
    )


@router.patch("/v1/users/{userId}", response_model=User, responses=refusals(Code.CONFLICT), summary="Update a user")
async def update_user(
    caller: OrgAdmin,
    user_id: UserId,
    body: Annotated[UserPatch, body_of(UserPatch)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Update the fields that are sent. A change applies on all nodes from the next request.

    The last active administrator of an organization can't be disabled or get another role.
    """
    response = await idempotent.run(
        lambda db: change_user(
            db, user_id, body.changes(), organization_id=caller.organization_id, by=caller.actor, now=now
        ),
        User.of,
    )
    context.part(SessionCache).forget_user(user_id)
    return response


def _build_invited_user(context: Context, linked: _Linked) -> InvitedUser:
    user, token = linked
    return InvitedUser(user=User.of(user), link=link_of(context.base_url, token))
