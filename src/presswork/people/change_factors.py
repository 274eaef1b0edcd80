"""Change a person's second factors: add and remove an authenticator app and passkeys, and renew recovery codes.

Each change ends the other sessions of the person: they began without it, or with what is gone.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from presswork.audit.model import Action
from presswork.callers.model import Actor, Principal
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Connection, Pool
from presswork.people.model import User, normal_password
from presswork.people.passkeys import Credential, add_passkey, drop_passkey
from presswork.people.passwords import Passwords
from presswork.people.proofs import check_proof, count_proof
from presswork.people.second_factor_model import (
    ChallengePurpose,
    NoFactor,
    Passkey,
    PasskeySite,
    Proof,
    ProofMethod,
    ResetsOwnFactors,
    new_recovery_codes,
    recovery_code_hash,
    refuse_proof,
)
from presswork.people.second_step import StoredPending, find_factors, use_pending
from presswork.people.sessions import Browser, SignedIn, actor_of
from presswork.people.store import FACTORS, SQL, end_sessions, find_user, lock_user, record_about
from presswork.people.throttle import uncount_attempt
from presswork.people.totp import use_new_secret


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorOwner:
    """The person whose factors a request changes: that of a session, or of a sign-in that waits for a factor to be set up."""

    user_id: UUID
    organization_id: UUID
    session_id: UUID | None
    pending: StoredPending | None
    browser: Browser


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedFactor:
    """A factor that was added. `recovery_codes` are shown once, with the first factor."""

    user: User
    passkey: Passkey | None = None
    recovery_codes: tuple[str, ...] | None = None
    signed_in: SignedIn | None = None  # of a sign-in that waited for it


async def confirm_totp(pool: Pool, keyring: Keyring, owner: FactorOwner, code: str, *, now: datetime) -> AddedFactor:
    """Make the new authenticator app of a person count. Raises NoNewSecret, NoPendingSignIn, and Invalid for a wrong code."""
    async with pool.acquire() as connection, connection.transaction():
        user = await lock_user(connection, owner.user_id)
        has_other = (await find_factors(connection, user.id)).has_second_factor
        await use_new_secret(connection, keyring, user.id, code, now=now)
        return await _finish_adding(connection, owner, user, ProofMethod.TOTP, is_first=not has_other, now=now)


async def register_passkey(
    pool: Pool, owner: FactorOwner, credential: Credential, *, name: str, site: PasskeySite, now: datetime
) -> AddedFactor:
    """Add a passkey to a person. Raises TooManyPasskeys, PasskeyTaken, NoPendingSignIn, and Invalid for a wrong answer."""
    async with pool.acquire() as connection, connection.transaction():
        user = await lock_user(connection, owner.user_id)
        has_other = (await find_factors(connection, user.id)).has_second_factor
        made = await add_passkey(connection, user.id, credential, name=name, site=site, now=now)
        return await _finish_adding(
            connection, owner, user, ProofMethod.PASSKEY, is_first=not has_other, passkey=made, now=now
        )


async def _finish_adding(
    connection: Connection,
    owner: FactorOwner,
    user: User,
    method: ProofMethod,
    *,
    is_first: bool,
    passkey: Passkey | None = None,
    now: datetime,
) -> AddedFactor:
    by = actor_of(user, request_id=owner.browser.request_id)
    name = {} if passkey is None else {"name": passkey.name}
    await record_about(connection, Action.USER_ADD_SECOND_FACTOR, user, by=by, now=now, method=method.value, **name)
    codes = await _replace_recovery_codes(connection, user.id) if is_first else None
    signed_in = None
    if owner.pending is not None:
        signed_in = await use_pending(connection, owner.pending, owner.browser, second_factor=method, now=now)
    but = owner.session_id if signed_in is None else signed_in.session.id
    await end_sessions(connection, user.id, but=but)
    return AddedFactor(user=user, passkey=passkey, recovery_codes=codes, signed_in=signed_in)


async def remove_totp(
    pool: Pool,
    keyring: Keyring,
    passwords: Passwords,
    proof: Proof,
    *,
    caller: Principal,
    user_id: UUID,
    browser: Browser,
    now: datetime,
) -> User:
    """Remove the authenticator app of a person, who proves it by a code of the app or the password.

    Raises TooManyAttempts, NoFactor, LastFactor, and Invalid for a wrong proof.
    """
    attempt = await count_proof(pool, proof, user_id, browser.address, now=now)
    if proof.password is not None:
        await check_password(pool, passwords, proof.password, user_id)
    async with pool.acquire() as connection, connection.transaction():
        user = await lock_user(connection, user_id)
        if proof.password is None:
            purpose = ChallengePurpose.CONFIRM
            await check_proof(connection, keyring, proof, user.id, purpose=purpose, site=None, now=now)
        (await find_factors(connection, user.id)).require_removable(totp=True)
        if not await connection.fetchval(FACTORS["drop_totp"], user.id):
            raise NoFactor("You have no authenticator app that could be removed.")
        await _finish_removing(connection, user, caller, method=ProofMethod.TOTP, now=now)
    await uncount_attempt(pool, attempt)
    return user


async def remove_passkey(pool: Pool, passkey_id: UUID, *, caller: Principal, user_id: UUID, now: datetime) -> User:
    """Remove a passkey of a person. Raises PasskeyNotFound, and LastFactor."""
    async with pool.acquire() as connection, connection.transaction():
        user = await lock_user(connection, user_id)
        factors = await find_factors(connection, user.id)
        name = await drop_passkey(connection, passkey_id, user_id=user.id)
        factors.require_removable(passkeys=1)
        await _finish_removing(connection, user, caller, method=ProofMethod.PASSKEY, name=name, now=now)
        return user


async def _finish_removing(
    connection: Connection, user: User, caller: Principal, *, method: ProofMethod, now: datetime, **detail: str
) -> None:
    if not (await find_factors(connection, user.id)).has_second_factor:
        await connection.execute(FACTORS["drop_recovery_codes"], user.id)
    await end_sessions(connection, user.id, but=caller.session_id)
    action = Action.USER_REMOVE_SECOND_FACTOR
    await record_about(connection, action, user, by=caller.actor, now=now, method=method.value, **detail)


async def renew_recovery_codes(
    pool: Pool, *, caller: Principal, user_id: UUID, now: datetime
) -> tuple[User, tuple[str, ...]]:
    """Replace the recovery codes of a person by ten new ones, and return these, which are stored as hashes. Raises NoFactor."""
    async with pool.acquire() as connection, connection.transaction():
        user = await lock_user(connection, user_id)
        if not (await find_factors(connection, user.id)).has_second_factor:
            raise NoFactor
        codes = await _replace_recovery_codes(connection, user.id)
        await record_about(connection, Action.USER_RENEW_RECOVERY_CODES, user, by=caller.actor, now=now)
        return user, codes


async def _replace_recovery_codes(connection: Connection, user_id: UUID) -> tuple[str, ...]:
    codes = new_recovery_codes()
    hashes = [recovery_code_hash(code, user_id=user_id) for code in codes]
    await connection.execute(FACTORS["drop_recovery_codes"], user_id)
    await connection.execute(FACTORS["insert_recovery_codes"], user_id, hashes)
    return codes


async def check_password(pool: Pool, passwords: Passwords, password: str, user_id: UUID) -> None:
    """Raise Invalid unless a password is that of a person; one who has none takes the same work."""
    known = await pool.fetchval(SQL["find_password"], user_id)
    if not await passwords.matching(normal_password(password), [] if known is None else [known]):
        raise refuse_proof("password")


async def reset_factors_of(connection: Connection, user_id: UUID, *, caller: Principal, now: datetime) -> User:
    """Remove the second factors of another user of the caller's organization, in the caller's transaction.

    Raises UserNotFound, and ResetsOwnFactors.
    """
    user = await find_user(connection, user_id, organization_id=caller.organization_id, now=now)
    if caller.user_id == user.id:
        raise ResetsOwnFactors
    await reset_factors(connection, user.id, by=caller.actor, now=now)
    return await find_user(connection, user_id, organization_id=caller.organization_id, now=now)


async def reset_factors(connection: Connection, user_id: UUID, *, by: Actor, now: datetime) -> int:
    """Remove all second factors of a user, whose sessions end, in the caller's transaction; return how many there were."""
    user = await lock_user(connection, user_id)
    had_totp = await connection.fetchval(FACTORS["drop_totp"], user.id)
    passkeys = await connection.fetch(FACTORS["drop_passkeys"], user.id)
    await connection.execute(FACTORS["drop_recovery_codes"], user.id)
    await end_sessions(connection, user.id)
    count = len(passkeys) + bool(had_totp)
    await record_about(connection, Action.USER_RESET_SECOND_FACTOR, user, by=by, now=now, removed=count)
    return count
