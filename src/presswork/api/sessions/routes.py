"""Routes of sessions: a user's own, and for administrators those of any user of the organization."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from presswork.api.context import Ctx, Now
from presswork.api.http.auth import AnyKey
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import SessionId
from presswork.api.http.openapi import refusals
from presswork.api.http.paging import Page, Paging
from presswork.api.http.responses import respond
from presswork.api.users.schemas import EndedSession, EndedSessions, OfUser, UserSession, user_meant
from presswork.callers.model import Scope
from presswork.core.errors import Code
from presswork.people.model import Session
from presswork.people.sessions import SessionCache, end_session, end_sessions_of
from presswork.people.sessions import list_sessions as sessions_of
from presswork.people.store import find_user

router: Final = APIRouter(tags=["Users"])


@router.get(
    "/v1/sessions",
    response_model=Page[UserSession],
    responses=refusals(Code.FORBIDDEN_SCOPE),
    summary="List sessions",
)
async def list_sessions(caller: AnyKey, page: Paging, context: Ctx, now: Now, user_id: OfUser = None) -> Response:
    """List the sessions of the user that have not ended, oldest first. With an API key, `userId` is required.

    A user of another organization has none.
    """
    of_user = user_meant(caller, user_id)
    found = await sessions_of(context.pool, of_user, caller=caller, after=page.after, limit=page.limit + 1, now=now)
    return respond(
        page.of(Page[UserSession], found, lambda session: UserSession.of(session, current=caller.session_id))
    )


@router.delete("/v1/sessions/{sessionId}", response_model=EndedSession, summary="End a session")
async def delete_session(
    caller: AnyKey, session_id: SessionId, idempotent: Idempotent, context: Ctx, now: Now
) -> Response:
    """End a session of the user on all nodes at once; with org:admin, of any user of the organization."""
    ended: list[Session] = []

    def shape(session: Session) -> EndedSession:
        ended.append(session)
        return EndedSession(id=session.id, user_id=session.user_id, ended_at=now)

    may_end_others = caller.may(Scope.ORG_ADMIN)
    response = await idempotent.run(
        lambda db: end_session(db, session_id, caller=caller, may_end_others=may_end_others, now=now), shape
    )
    for session in ended:
        context.part(SessionCache).forget_user(session.user_id)
    return response


@router.delete(
    "/v1/sessions",
    response_model=EndedSessions,
    responses=refusals(Code.FORBIDDEN_SCOPE, Code.NOT_FOUND),
    summary="End all other sessions",
)
async def delete_sessions(
    caller: AnyKey, idempotent: Idempotent, context: Ctx, now: Now, user_id: OfUser = None
) -> Response:
    """End all sessions of the user except the one of this request. With an API key, `userId` is required."""
    of_user = user_meant(caller, user_id)
    await find_user(context.pool, of_user, organization_id=caller.organization_id, now=now)
    response = await idempotent.run(
        lambda db: end_sessions_of(db, of_user, but=caller.session_id, caller=caller, now=now),
        lambda ended: EndedSessions(ended_sessions=len(ended)),
    )
    context.part(SessionCache).forget_user(of_user)
    return response
