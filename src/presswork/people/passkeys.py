"""Passkeys (WebAuthn): ask for one, add it, use it, list and remove. Challenges are stored, and serve once."""

import asyncio
import secrets
from collections.abc import Sequence
from datetime import datetime
from importlib import import_module
from types import ModuleType
from typing import Any, Final
from uuid import UUID

from presswork.core.ids import new_id
from presswork.db.pool import Connection, Pool
from presswork.db.rows import from_row
from presswork.people.model import User
from presswork.people.second_factor_model import (
    CHALLENGE_LIFETIME,
    MAX_PASSKEYS,
    CeremonyFailed,
    ChallengePurpose,
    KnownCredential,
    NewCredential,
    Passkey,
    PasskeyNotFound,
    PasskeySite,
    PasskeyTaken,
    TooManyPasskeys,
    refuse_proof,
)
from presswork.people.store import FACTORS

_CHALLENGE_BYTES: Final = 32

Credential = dict[str, Any]  # Any: a document of a browser


async def load_ceremonies() -> ModuleType:
    """Import what needs the library of WebAuthn, beside the event loop: it takes half a second the first time."""
    return await asyncio.to_thread(import_module, "presswork.people.webauthn_ceremonies")


async def ask_for_new(pool: Pool, user: User, site: PasskeySite, *, now: datetime) -> Credential:
    """Return the options with which a browser makes a passkey for a user. Raises TooManyPasskeys."""
    ceremonies = await load_ceremonies()
    known = await _list_known(pool, user.id)
    if len(known) >= MAX_PASSKEYS:
        raise TooManyPasskeys
    challenge = await _store_challenge(pool, ChallengePurpose.ADD, user.id, now=now)
    options: Credential = ceremonies.build_creation(
        site, user_id=user.id, email=user.email, name=user.label, known=known, challenge=challenge
    )
    return options


async def ask_for_one(
    pool: Pool, user_id: UUID | None, site: PasskeySite, *, purpose: ChallengePurpose, now: datetime
) -> Credential:
    """Return the options with which a browser signs with a passkey of a user; without a user, with any that it knows."""
    ceremonies = await load_ceremonies()
    known = [] if user_id is None else await _list_known(pool, user_id)
    challenge = await _store_challenge(pool, purpose, user_id, now=now)
    options: Credential = ceremonies.build_request(site, known=known, challenge=challenge, must_verify=user_id is None)
    return options


async def add_passkey(
    connection: Connection, user_id: UUID, credential: Credential, *, name: str, site: PasskeySite, now: datetime
) -> Passkey:
    """Store a passkey that a browser made, in the caller's transaction. Raises Invalid, TooManyPasskeys, PasskeyTaken."""
    ceremonies = await load_ceremonies()
    try:
        challenge = ceremonies.read_challenge(credential)
        if not await _use_challenge(connection, challenge, ChallengePurpose.ADD, user_id, now=now):
            raise refuse_proof("passkey")
        made: NewCredential = ceremonies.verify_creation(site, credential, challenge=challenge)
    except CeremonyFailed as error:
        raise refuse_proof("passkey") from error
    if len(await _list_known(connection, user_id)) >= MAX_PASSKEYS:
        raise TooManyPasskeys
    values = (made.credential_id, made.public_key, made.sign_count, list(made.transports), name, now)
    row = await connection.fetchrow(FACTORS["insert_passkey"], new_id(), user_id, *values)
    if row is None:
        raise PasskeyTaken
    return from_row(Passkey, row)


async def find_owner(connection: Connection, credential: Credential) -> UUID | None:
    """Return the user whose passkey an answer says it is of, which proves nothing yet; None if there is no such passkey."""
    try:
        credential_id = (await load_ceremonies()).read_credential_id(credential)
    except CeremonyFailed:
        return None
    row = await connection.fetchrow(FACTORS["find_credential"], credential_id)
    return None if row is None else UUID(str(row["user_id"]))


async def use_passkey(
    connection: Connection,
    credential: Credential,
    user_id: UUID,
    *,
    purpose: ChallengePurpose | None,
    site: PasskeySite,
    now: datetime,
) -> bool:
    """Use up a challenge that a passkey of a user signed, in the caller's transaction; return False if anything is wrong.

    No `purpose`: the passkey is the whole sign-in, so that it must have verified its person, and the challenge is without a
    user.
    """
    ceremonies = await load_ceremonies()
    is_whole = purpose is None
    try:
        challenge = ceremonies.read_challenge(credential)
        owner = None if is_whole else user_id
        if not await _use_challenge(connection, challenge, purpose or ChallengePurpose.SIGN_IN, owner, now=now):
            return False
        row = await connection.fetchrow(FACTORS["find_credential"], ceremonies.read_credential_id(credential))
        if row is None or row["user_id"] != user_id:
            return False
        count: int = ceremonies.verify_use(
            site,
            credential,
            challenge=challenge,
            public_key=row["public_key"],
            sign_count=row["sign_count"],
            user_id=user_id,
            must_verify=is_whole,
        )
    except CeremonyFailed:
        return False
    return await connection.fetchval(FACTORS["use_passkey"], row["id"], row["sign_count"], count, now) is not None


async def list_passkeys(pool: Pool, user_id: UUID) -> Sequence[Passkey]:
    """Return the passkeys of a user, oldest first."""
    return [from_row(Passkey, row) for row in await pool.fetch(FACTORS["list_passkeys"], user_id, MAX_PASSKEYS)]


async def drop_passkey(connection: Connection, passkey_id: UUID, *, user_id: UUID) -> str:
    """Delete a passkey of a user, in the caller's transaction, and return its name. Raises PasskeyNotFound."""
    name = await connection.fetchval(FACTORS["drop_passkey"], passkey_id, user_id)
    if name is None:
        raise PasskeyNotFound
    return str(name)


async def _list_known(connection: Connection | Pool, user_id: UUID) -> Sequence[KnownCredential]:
    rows = await connection.fetch(FACTORS["list_passkeys"], user_id, MAX_PASSKEYS)
    return [KnownCredential(row["credential_id"], tuple(row["transports"])) for row in rows]


async def _store_challenge(pool: Pool, purpose: ChallengePurpose, user_id: UUID | None, *, now: datetime) -> bytes:
    challenge = secrets.token_bytes(_CHALLENGE_BYTES)
    await pool.execute(FACTORS["insert_challenge"], challenge, purpose.value, user_id, now + CHALLENGE_LIFETIME)
    return challenge


async def _use_challenge(
    connection: Connection, challenge: bytes, purpose: ChallengePurpose, user_id: UUID | None, *, now: datetime
) -> bool:
    return await connection.fetchval(FACTORS["use_challenge"], challenge, purpose.value, user_id, now) is not None
