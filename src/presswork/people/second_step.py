"""The second step of a sign-in: hold one whose first step succeeded, and finish it with a proof."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from presswork.core.ids import new_id
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Connection, Pool
from presswork.db.rows import from_row
from presswork.people.model import SignInMethod, User, UserStatus, new_token, token_hash
from presswork.people.passkeys import find_owner, load_ceremonies
from presswork.people.proofs import check_proof, count_proof
from presswork.people.second_factor_model import (
    PENDING_LIFETIME,
    ChallengePurpose,
    Factors,
    NextStep,
    NoPendingSignIn,
    PasskeySite,
    PendingSignIn,
    Proof,
    ProofMethod,
    refuse_proof,
)
from presswork.people.sessions import Browser, SignedIn, end_former, start_session
from presswork.people.store import FACTORS, SQL, lock_user
from presswork.people.throttle import uncount_attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPending:
    """A stored sign-in whose first step succeeded."""

    id: UUID
    user_id: UUID
    organization_id: UUID
    method: SignInMethod
    next_step: NextStep
    return_path: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstStep:
    """What the first step of a sign-in led to: a session, or a sign-in that waits for the second step."""

    user: User
    result: SignedIn | PendingSignIn
    ended_user_id: UUID | None  # whose session the browser had before


async def find_factors(connection: Connection | Pool, user_id: UUID) -> Factors:
    """Return what a user can prove, and what the organization demands."""
    return from_row(Factors, await connection.fetchrow(FACTORS["find_factors"], user_id) or {})


async def start_or_hold(
    connection: Connection,
    user: User,
    method: SignInMethod,
    browser: Browser,
    *,
    confirmed_at: datetime | None,
    is_multi_factor: bool = False,
    return_path: str | None = None,
    now: datetime,
) -> FirstStep:
    """Start a session after the first step of a sign-in, or hold the sign-in until the second step, in the caller's transaction.

    `is_multi_factor`: the first step was one with two factors already.
    """
    factors = await find_factors(connection, user.id)
    if is_multi_factor or not (factors.has_second_factor or factors.is_demanded):
        signed_in = await start_session(connection, user, method, browser, confirmed_at=confirmed_at, now=now)
        return FirstStep(user=user, result=signed_in, ended_user_id=signed_in.ended_user_id)
    ended = await end_former(connection, browser)
    step = NextStep.SECOND_FACTOR if factors.has_second_factor else NextStep.SET_UP
    token = new_token()
    await connection.execute(
        FACTORS["insert_pending"],
        new_id(),
        user.id,
        token_hash(token),
        method.value,
        step.value,
        return_path,
        now + PENDING_LIFETIME,
    )
    pending = PendingSignIn(user_id=user.id, factors=factors, next_step=step, token=token)
    return FirstStep(user=user, result=pending, ended_user_id=ended)


async def find_pending(pool: Pool, token: str | None, *, now: datetime) -> StoredPending | None:
    """Return the sign-in that waits with this token, or None."""
    hashed = None if token is None else token_hash(token)
    row = None if hashed is None else await pool.fetchrow(FACTORS["find_pending"], hashed, now)
    return None if row is None else from_row(StoredPending, row)


async def drop_pending(pool: Pool, token: str | None) -> None:
    """End the sign-in that waits with this token, if there is one."""
    hashed = None if token is None else token_hash(token)
    if hashed is not None:
        await pool.execute(FACTORS["drop_pending_of_token"], hashed)


async def use_pending(
    connection: Connection,
    pending: StoredPending,
    browser: Browser,
    *,
    second_factor: ProofMethod,
    now: datetime,
) -> SignedIn:
    """Start the session of a sign-in, once, in the caller's transaction. Raises NoPendingSignIn."""
    user = await lock_user(connection, pending.user_id)
    is_first = await connection.fetchval(FACTORS["use_pending"], pending.id)
    if user.status is not UserStatus.ACTIVE or is_first is None:
        raise NoPendingSignIn
    await connection.execute(SQL["accept"], user.id, user.name, now)
    return await start_session(
        connection, user, pending.method, browser, confirmed_at=now, second_factor=second_factor.value, now=now
    )


async def finish_sign_in(
    pool: Pool,
    keyring: Keyring,
    pending: StoredPending | None,
    proof: Proof,
    *,
    site: PasskeySite | None,
    browser: Browser,
    now: datetime,
) -> SignedIn:
    """Start the session of a sign-in whose person proves its second factor. The proof serves once, and so does the sign-in.

    Raises NoPendingSignIn, TooManyAttempts, and Invalid for a wrong proof.
    """
    if pending is None or pending.next_step is not NextStep.SECOND_FACTOR:
        raise NoPendingSignIn
    attempt = await count_proof(pool, proof, pending.user_id, browser.address, now=now)
    async with pool.acquire() as connection, connection.transaction():
        await lock_user(connection, pending.user_id)
        method = await check_proof(
            connection, keyring, proof, pending.user_id, purpose=ChallengePurpose.SIGN_IN, site=site, now=now
        )
        signed_in = await use_pending(connection, pending, browser, second_factor=method, now=now)
    await uncount_attempt(pool, attempt)
    return signed_in


async def sign_in_with_passkey(
    pool: Pool, keyring: Keyring, proof: Proof, *, site: PasskeySite | None, browser: Browser, now: datetime
) -> SignedIn:
    """Start a session with a passkey alone, which has verified its person: by a fingerprint, a face or a PIN.

    Raises TooManyAttempts, and Invalid for a passkey that is unknown, or did not verify the person.
    """
    if proof.passkey is None:
        raise NoPendingSignIn
    await load_ceremonies()
    async with pool.acquire() as connection, connection.transaction():
        user_id = await find_owner(connection, proof.passkey)
        if user_id is None:
            raise refuse_proof("passkey")
        user = await lock_user(connection, user_id)
        method = await check_proof(connection, keyring, proof, user_id, purpose=None, site=site, now=now)
        if user.status is not UserStatus.ACTIVE:
            raise refuse_proof("passkey")
        await connection.execute(SQL["accept"], user.id, user.name, now)
        return await start_session(
            connection,
            user,
            SignInMethod.PASSKEY,
            browser,
            confirmed_at=now,
            second_factor=method.value,
            now=now,
        )
