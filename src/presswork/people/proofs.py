"""Check what a person sends to prove who it is: a code of the app, a recovery code, or a passkey. Each serves once."""

from datetime import datetime
from uuid import UUID

from presswork.crypto.keyring import Keyring
from presswork.db.pool import Connection, Pool
from presswork.people.passkeys import load_ceremonies, use_passkey
from presswork.people.second_factor_model import (
    ChallengePurpose,
    PasskeySite,
    Proof,
    ProofMethod,
    recovery_code_hash,
    refuse_proof,
)
from presswork.people.store import FACTORS
from presswork.people.throttle import ProofAttempt, count_attempt
from presswork.people.totp import use_code


async def count_proof(pool: Pool, proof: Proof, user_id: UUID, address: str | None, *, now: datetime) -> ProofAttempt:
    """Count an attempt before it is checked, and load what checks it. Raises TooManyAttempts.

    A passkey can't be guessed, but what checks its signature costs work.
    """
    attempt = ProofAttempt(user_id=user_id, address=address)
    await count_attempt(pool, attempt, now=now)
    if proof.passkey is not None:
        await load_ceremonies()
    return attempt


async def check_proof(
    connection: Connection,
    keyring: Keyring,
    proof: Proof,
    user_id: UUID,
    *,
    purpose: ChallengePurpose | None,
    site: PasskeySite | None,
    now: datetime,
) -> ProofMethod:
    """Use up a proof of a user's second factor, in the caller's transaction, and return what it was.

    No `purpose`: the passkey is the whole sign-in. Raises Invalid; a transaction that is rolled back uses nothing up, so that
    the caller may fail for another reason only after this.
    """
    if proof.code is not None:
        if not await use_code(connection, keyring, user_id, proof.code, now=now):
            raise refuse_proof("code")
        return ProofMethod.TOTP
    if proof.recovery_code is not None:
        hashed = recovery_code_hash(proof.recovery_code, user_id=user_id)
        if await connection.fetchval(FACTORS["use_recovery_code"], user_id, hashed, now) is None:
            raise refuse_proof("recoveryCode")
        return ProofMethod.RECOVERY_CODE
    if proof.passkey is None or site is None:
        raise refuse_proof("passkey")
    if not await use_passkey(connection, proof.passkey, user_id, purpose=purpose, site=site, now=now):
        raise refuse_proof("passkey")
    return ProofMethod.PASSKEY
