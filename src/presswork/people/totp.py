"""Codes of an authenticator app (RFC 6238): a secret that both sides know, and a code of six digits each 30 s."""

import hmac
from datetime import datetime
from typing import Final
from uuid import UUID

import pyotp

from presswork.crypto.keyring import Keyring, SealBroken
from presswork.db.pool import Connection
from presswork.people.model import User
from presswork.people.second_factor_model import (
    NEW_SECRET_LIFETIME,
    TOTP_DRIFT,
    TOTP_ISSUER,
    TOTP_SECONDS,
    NoNewSecret,
    refuse_proof,
)
from presswork.people.store import FACTORS

_DIGITS: Final = 6


async def make_secret(connection: Connection, keyring: Keyring, user: User, *, now: datetime) -> tuple[str, str]:
    """Return a new secret of 160 bits and its otpauth URL. It counts once a code of it is sent; until then the former one does."""
    secret = pyotp.random_base32()
    await connection.execute(FACTORS["save_new_secret"], user.id, keyring.seal(secret.encode("ascii")), now)
    return secret, pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=TOTP_ISSUER)


async def use_new_secret(connection: Connection, keyring: Keyring, user_id: UUID, code: str, *, now: datetime) -> None:
    """Make the new secret the one in use, in the caller's transaction. Raises NoNewSecret, and Invalid for a wrong code."""
    sealed = await connection.fetchval(FACTORS["find_new_secret"], user_id, now - NEW_SECRET_LIFETIME)
    if sealed is None:
        raise NoNewSecret
    step = _find_step(keyring.open(sealed).decode("ascii"), code, now=now)
    if step is None:
        raise refuse_proof("code")
    if await connection.fetchval(FACTORS["confirm_totp"], user_id, sealed, step, now) is None:
        raise NoNewSecret


async def use_code(connection: Connection, keyring: Keyring, user_id: UUID, code: str, *, now: datetime) -> bool:
    """Use up a code of a user, in the caller's transaction; return False for a wrong one, and for one that was used."""
    sealed = await connection.fetchval(FACTORS["find_secret"], user_id)
    if sealed is None:
        return False
    try:
        step = _find_step(keyring.open(sealed).decode("ascii"), code, now=now)
    except SealBroken:  # its key is lost: a recovery code, a passkey or an administrator helps
        return False
    return step is not None and await connection.fetchval(FACTORS["use_step"], user_id, step) is not None


def _find_step(secret: str, code: str, *, now: datetime) -> int | None:
    """Return the step of 30 s since 1970 that a code belongs to, or None. Takes the same time for every code."""
    sent = "".join(code.split())
    is_code = len(sent) == _DIGITS and sent.isascii() and sent.isdigit()
    totp, present = pyotp.TOTP(secret, interval=TOTP_SECONDS, digits=_DIGITS), int(now.timestamp()) // TOTP_SECONDS
    steps = [present + drift for drift in TOTP_DRIFT]
    matching = [step for step in steps if hmac.compare_digest(totp.generate_otp(step), sent if is_code else "0")]
    return max(matching, default=None)
