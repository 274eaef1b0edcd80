"""Confirm that the person of a session is still the one at the keyboard, before changes of keys, users and apps."""

from datetime import datetime
from uuid import UUID

from presswork.audit.model import Action
from presswork.callers.model import Principal
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Pool
from presswork.people.change_factors import check_password
from presswork.people.passwords import Passwords
from presswork.people.proofs import check_proof, count_proof
from presswork.people.second_factor_model import (
    CONFIRMED_FOR,
    ChallengePurpose,
    ConfirmationRequired,
    PasskeySite,
    Proof,
    ProofMethod,
)
from presswork.people.second_step import find_factors
from presswork.people.sessions import Browser
from presswork.people.store import FACTORS, announce, lock_user, record_about
from presswork.people.throttle import uncount_attempt


async def require_confirmed(pool: Pool, caller: Principal, *, now: datetime) -> None:
    """Raise ConfirmationRequired for a session whose person has not proved within five minutes who it is. Keys are not asked."""
    if caller.session_id is None or caller.user_id is None:
        return
    if caller.confirmed_at is None or now - caller.confirmed_at >= CONFIRMED_FOR:
        raise ConfirmationRequired(await find_factors(pool, caller.user_id))


async def confirm_session(
    pool: Pool,
    keyring: Keyring,
    passwords: Passwords,
    proof: Proof,
    *,
    caller: Principal,
    user_id: UUID,
    site: PasskeySite | None,
    browser: Browser,
    now: datetime,
) -> datetime:
    """Record that the person of a session has proved who it is, and return until when that counts.

    A person with a second factor proves it by that, others by their password. Raises TooManyAttempts, ConfirmationRequired
    for another kind of proof, and Invalid for a wrong one.
    """
    factors = await find_factors(pool, user_id)
    if proof.password is not None and ProofMethod.PASSWORD not in factors.confirming_methods:
        raise ConfirmationRequired(factors)
    attempt = await count_proof(pool, proof, user_id, browser.address, now=now)
    if proof.password is not None:
        await check_password(pool, passwords, proof.password, user_id)
    async with pool.acquire() as connection, connection.transaction():
        user = await lock_user(connection, user_id)
        method = ProofMethod.PASSWORD
        if proof.password is None:
            purpose = ChallengePurpose.CONFIRM
            method = await check_proof(connection, keyring, proof, user.id, purpose=purpose, site=site, now=now)
        await connection.execute(FACTORS["confirm_session"], caller.session_id, now)
        await announce(connection, user.id)
        await record_about(connection, Action.USER_CONFIRM, user, by=caller.actor, now=now, method=method.value)
    await uncount_attempt(pool, attempt)
    return now + CONFIRMED_FOR
