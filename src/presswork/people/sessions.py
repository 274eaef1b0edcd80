"""Sessions: start one at a sign-in, find the caller of a request by its token, list and end them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from presswork.audit.model import Action
from presswork.callers.model import Actor, ActorKind, Principal, Tier
from presswork.core.enums import Environment
from presswork.core.ids import SESSION, new_id, public_id
from presswork.db.pool import Connection, Pool
from presswork.db.rows import FIRST, from_row
from presswork.orgs.announced_cache import AnnouncedCache
from presswork.people.model import (
    ROLE_SCOPES,
    SEEN_EVERY,
    SESSION_IDLE,
    SESSION_LIFETIME,
    Role,
    Session,
    SessionNotFound,
    SignInMethod,
    User,
    new_token,
    token_hash,
)
from presswork.people.second_factor_model import CONFIRMED_FOR
from presswork.people.store import FACTORS, SQL, announce, end_sessions, lock_user, record_about

SESSION_TIER: Final = Tier.PARTNER
"""Rate limit of a user: no person reaches it, a program with a stolen cookie does."""
_USER_AGENT_CHARACTERS: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSession:
    """What a request with a session needs: the session, and the user as it is now."""

    session_id: UUID
    last_seen_at: datetime
    expires_at: datetime
    confirmed_at: datetime | None
    user_id: UUID
    user_name: str
    organization_id: UUID
    role: Role
    project_ids: frozenset[UUID] | None
    has_live_endpoints: bool
    has_test_endpoints: bool

    def is_over(self, *, now: datetime) -> bool:
        """Return whether the session has expired, or was not used for too long."""
        return now >= self.expires_at or now - self.last_seen_at >= SESSION_IDLE

    def is_confirmed(self, *, now: datetime) -> bool:
        """Return whether the person has proved within five minutes who it is."""
        return self.confirmed_at is not None and now - self.confirmed_at < CONFIRMED_FOR

    def principal(self, environment: Environment, *, return_domains: tuple[str, ...]) -> Principal:
        """Return the caller in an environment."""
        is_live = environment is Environment.LIVE
        return Principal(
            key_id=None,
            user_id=self.user_id,
            user_name=self.user_name,
            session_id=self.session_id,
            confirmed_at=self.confirmed_at,
            organization_id=self.organization_id,
            environment=environment,
            scopes=frozenset(scope.value for scope in ROLE_SCOPES[self.role]),
            tier=SESSION_TIER,
            return_domains=return_domains,
            operator_id=None,
            has_endpoints=self.has_live_endpoints if is_live else self.has_test_endpoints,
            project_ids=self.project_ids,
        )


class SessionCache(AnnouncedCache[bytes, StoredSession]):
    """Sessions by the hash of their token, with their users."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(self._read_session)
        self._pool = pool

    async def _read_session(self, hashed: bytes) -> StoredSession | None:
        row = await self._pool.fetchrow(SQL["find_session"], hashed)
        return None if row is None else from_row(StoredSession, row)

    def forget_user(self, user_id: UUID) -> None:
        """Drop the sessions of a user, which changed or ended."""
        self.forget_where(lambda session: session.user_id == user_id)

    def forget_organization(self, organization_id: UUID) -> None:
        """Drop the sessions of an organization, any of whose users may have changed."""
        self.forget_where(lambda session: session.organization_id == organization_id)

    async def find_valid(self, token: str, *, now: datetime) -> StoredSession | None:
        """Return the session with this token and record its use, or None."""
        hashed = token_hash(token)
        session = None if hashed is None else await self.find(hashed)
        if hashed is None or session is None or session.is_over(now=now):
            return None
        if abs(now - session.last_seen_at) >= SEEN_EVERY:
            self.replace(hashed, session, replace(session, last_seen_at=now))
            await self._pool.execute(SQL["record_use"], session.session_id, now)
        return session


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """Where a sign-in comes from."""

    address: str | None
    user_agent: str | None
    request_id: str | None
    token: str | None = None  # of the session that the browser already has
    pending_token: str | None = None  # of the sign-in that waits for its second step


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A new session. `token` goes into the cookie and is stored nowhere."""

    user: User
    session: Session
    token: str
    ended_user_id: UUID | None = None  # whose session the browser had before


async def start_session(
    connection: Connection,
    user: User,
    method: SignInMethod,
    browser: Browser,
    *,
    confirmed_at: datetime | None,
    second_factor: str | None = None,
    now: datetime,
) -> SignedIn:
    """Start a session with a new token, in the caller's transaction, and end the one that the browser had.

    `confirmed_at`: when the person proved who it is, as far as that is known; `second_factor`: by what, for the audit log.
    """
    token = new_token()
    row = await connection.fetchrow(
        SQL["insert_session"],
        new_id(),
        user.id,
        token_hash(token),
        method.value,
        browser.address,
        (browser.user_agent or "").replace("\x00", "")[:_USER_AGENT_CHARACTERS] or None,
        now,
        now + SESSION_LIFETIME,
        confirmed_at,
    )
    session = from_row(Session, row or {})
    ended = await end_former(connection, browser)
    by = actor_of(user, request_id=browser.request_id)
    detail = {"method": method.value, "sessionId": public_id(SESSION, session.id)}
    if second_factor is not None:
        detail["secondFactor"] = second_factor
    await record_about(connection, Action.USER_SIGN_IN, user, by=by, now=now, **detail)
    return SignedIn(user=user, session=session, token=token, ended_user_id=ended)


def actor_of(user: User, *, request_id: str | None) -> Actor:
    """Return a user as the actor of an audit entry."""
    return Actor(kind=ActorKind.USER, user_id=user.id, name=user.label, request_id=request_id)


async def end_former(connection: Connection, browser: Browser) -> UUID | None:
    """End the session and the pending sign-in that a browser had; return the user of the session.

    No browser has both: nothing that is done in one can reach the user of the other.
    """
    pending = None if browser.pending_token is None else token_hash(browser.pending_token)
    if pending is not None:
        await connection.execute(FACTORS["drop_pending_of_token"], pending)
    hashed = None if browser.token is None else token_hash(browser.token)
    if hashed is None:
        return None
    row = await connection.fetchrow(SQL["end_session_of_token"], hashed)
    if row is None:
        return None
    await announce(connection, row["user_id"])
    return UUID(str(row["user_id"]))


async def list_sessions(
    pool: Pool, user_id: UUID, *, caller: Principal, after: tuple[datetime, UUID] | None, limit: int, now: datetime
) -> Sequence[Session]:
    """Return the sessions of a user of the caller's organization that have not ended, oldest first."""
    rows = await pool.fetch(
        SQL["list_sessions"], user_id, caller.organization_id, now - SESSION_IDLE, now, *(after or FIRST), limit
    )
    return [from_row(Session, row) for row in rows]


async def find_session(pool: Pool, session: StoredSession, *, now: datetime) -> Session | None:
    """Return the whole session of a browser, or None if it has ended meanwhile."""
    row = await pool.fetchrow(
        SQL["find_own_session"], session.session_id, session.organization_id, now - SESSION_IDLE, now
    )
    return None if row is None else from_row(Session, row)


async def end_session(
    connection: Connection, session_id: UUID, *, caller: Principal, may_end_others: bool, now: datetime
) -> Session:
    """End a session of the caller, or of another user of the organization, in the caller's transaction.

    Raises SessionNotFound.
    """
    row = await connection.fetchrow(
        SQL["find_own_session"], session_id, caller.organization_id, now - SESSION_IDLE, now
    )
    if row is None or (row["user_id"] != caller.user_id and not may_end_others):
        raise SessionNotFound
    session = from_row(Session, row)
    if await connection.fetchval(SQL["end_session"], session.id) is None:
        raise SessionNotFound
    await announce(connection, session.user_id)
    await _record_end(connection, session.user_id, [session.id], caller=caller, now=now)
    return session


async def end_sessions_of(
    connection: Connection, user_id: UUID, *, but: UUID | None, caller: Principal, now: datetime
) -> Sequence[UUID]:
    """End the sessions of a user except one, in the caller's transaction; return which ended.

    It waits for the proof of a second step that is being checked, and so finds the session which that makes.
    """
    await lock_user(connection, user_id)
    ended = await end_sessions(connection, user_id, but=but)
    await _record_end(connection, user_id, ended, caller=caller, now=now)
    return ended


async def sign_out(connection: Connection, session: StoredSession, *, request_id: str | None, now: datetime) -> None:
    """End the session that a browser has, in the caller's transaction."""
    if await connection.fetchval(SQL["end_session"], session.session_id) is None:
        return
    await announce(connection, session.user_id)
    user = from_row(User, await connection.fetchrow(SQL["lock_user"], session.user_id) or {})
    by = actor_of(user, request_id=request_id)
    detail = {"sessionId": public_id(SESSION, session.session_id)}
    await record_about(connection, Action.USER_SIGN_OUT, user, by=by, now=now, **detail)


async def _record_end(
    connection: Connection, user_id: UUID, ended: Sequence[UUID], *, caller: Principal, now: datetime
) -> None:
    user = from_row(User, await connection.fetchrow(SQL["lock_user"], user_id) or {})
    names = [public_id(SESSION, session_id) for session_id in ended]
    await record_about(connection, Action.USER_END_SESSIONS, user, by=caller.actor, now=now, sessionIds=names)


async def sweep_people(pool: Pool, *, now: datetime, limit: int) -> int:
    """Delete what has expired: sessions, links, sign-ins that were not finished, challenges, and counts of attempts; return the most rows of one kind."""
    day = timedelta(days=1)
    done = [
        await pool.execute(SQL["sweep_sessions"], now - SESSION_IDLE, now, limit),
        await pool.execute(SQL["sweep_links"], now - day, limit),
        await pool.execute(SQL["sweep_attempts"], now - day, limit),
        await pool.execute(FACTORS["sweep_pending"], now, limit),
        await pool.execute(FACTORS["sweep_challenges"], now, limit),
    ]
    return max(int(tag.rpartition(" ")[2]) for tag in done)
