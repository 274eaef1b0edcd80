"""Operators: making, changing, and verifying their phones by a code."""

import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import asyncpg
from pydantic import JsonValue
from pydantic.alias_generators import to_camel

from presswork.audit.model import COMMAND_LINE, Action, Actor, Entry
from presswork.audit.record import record
from presswork.core.enums import Environment
from presswork.core.errors import Invalid, Issue, Unavailable
from presswork.core.ids import OPERATOR, new_id, public_id
from presswork.core.phone_numbers import masked
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Connection, Pool, transaction_on
from presswork.db.queries import load
from presswork.idempotency.stored_replies import IdempotentCall
from presswork.orgs.model import Principal
from presswork.orgs.operator_model import (
    CODE_DIGITS,
    CODE_LIFETIME,
    MOST_ATTEMPTS,
    RESEND_AFTER,
    CodeProof,
    CodeSentLately,
    NoCode,
    Operator,
    OperatorChanges,
    OperatorNotFound,
    OwnerPhoneUnverified,
    PhoneRequired,
    PhoneVerified,
    code_hash,
    is_code,
)
from presswork.platforms.errors import OutcomeUnknown, Rejected, TryLater
from presswork.platforms.sms_port import Texts

_SQL: Final = load("presswork.orgs", "operator_queries.sql")
_PURPOSE: Final = "phone codes"
_FIRST: Final = (datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))


async def create_operator(
    connection: Connection,
    organization_id: UUID,
    *,
    name: str,
    phone: str | None,
    is_primary: bool,
    verified_in: Environment | None = None,
    by: Actor = COMMAND_LINE,
    now: datetime,
) -> Operator:
    """Make an operator, within a transaction. An organization's first one is its primary; a new primary replaces it.

    `verified_in` takes the phone, if there is one, as verified in that environment; in LIVE it counts in both.
    """
    is_verified = verified_in is not None and phone is not None
    await connection.execute(_SQL["lock_organization"], organization_id)
    has_primary = await connection.fetchval(_SQL["has_primary"], organization_id)
    if is_primary and has_primary:
        await connection.execute(_SQL["unset_primary"], organization_id)
    row = await connection.fetchrow(
        _SQL["insert_operator"],
        new_id(),
        organization_id,
        name,
        phone,
        now if is_verified else None,
        verified_in if is_verified else None,
        is_primary or not has_primary,
        now,
    )
    operator = _operator(row)
    detail: dict[str, JsonValue] = {"isPrimary": operator.is_primary, "isVerified": is_verified}
    await _record(connection, Action.OPERATOR_CREATE, operator, by=by, now=now, detail=detail)
    return operator


async def find_operator(connection: "Connection | Pool", operator_id: UUID, *, organization_id: UUID) -> Operator:
    """Return an operator of the organization. Raises OperatorNotFound."""
    return _operator(await connection.fetchrow(_SQL["find_operator"], operator_id, organization_id))


async def organization_of(connection: Connection, operator_id: UUID) -> UUID:
    """Return whose operator this is. Raises OperatorNotFound."""
    found = await connection.fetchval(_SQL["organization_of"], operator_id)
    if found is None:
        raise OperatorNotFound
    return UUID(str(found))


async def list_operators(
    pool: Pool, organization_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Operator]:
    """Return an organization's operators, oldest first, from behind the row (created_at, id) `after`."""
    return [
        _operator(row) for row in await pool.fetch(_SQL["list_operators"], organization_id, *(after or _FIRST), limit)
    ]


async def list_all_operators(
    connection: Connection, *, organization: str | None, limit: int = 1000
) -> Sequence[tuple[str, Operator]]:
    """Return the operators of every organization, or of one, oldest first, each with its organization's name."""
    rows = await connection.fetch(_SQL["list_all_operators"], organization, limit)
    return [(row["organization"], _operator(row)) for row in rows]


async def change_operator(
    connection: Connection,
    operator_id: UUID,
    changes: OperatorChanges,
    *,
    organization_id: UUID,
    by: Actor,
    now: datetime,
) -> Operator:
    """Change what is named, within a transaction; `is_primary` in `fields` makes it the primary one.

    Another phone has to be verified again. Raises OperatorNotFound.
    """
    await connection.execute(_SQL["lock_organization"], organization_id)
    before = operator = await find_operator(connection, operator_id, organization_id=organization_id)
    if "name" in changes.fields:
        operator = _operator(await connection.fetchrow(_SQL["rename"], operator_id, changes.name))
    if "phone" in changes.fields and changes.phone != operator.phone:
        operator = _operator(await connection.fetchrow(_SQL["change_phone"], operator_id, changes.phone))
    if "is_primary" in changes.fields and not operator.is_primary:
        await connection.execute(_SQL["unset_primary"], organization_id)
        operator = _operator(await connection.fetchrow(_SQL["set_primary"], operator_id))
    if operator != before:
        detail: dict[str, JsonValue] = {"fields": [*sorted(map(to_camel, changes.fields))]}
        await _record(connection, Action.OPERATOR_UPDATE, operator, by=by, now=now, detail=detail)
    return operator


async def phone_of_key(connection: Connection, caller: Principal) -> str:
    """Return the phone of a key's operator; of a key without one, of the organization's primary operator.

    Raises PhoneRequired where there is no phone, OwnerPhoneUnverified where it is not verified in the key's environment.
    """
    row = await connection.fetchrow(_SQL["operator_of_key"], caller.key_id, caller.organization_id)
    operator = None if row is None else _operator(row)
    if operator is None or operator.phone is None:
        raise PhoneRequired("Say which phone to text (phoneNumber, like +351912345678): the key's operator has none.")
    if operator.verified_at(caller.environment) is None:
        raise OwnerPhoneUnverified(
            f"The phone of the key's operator was not verified in the {caller.environment} environment. Verify it with a "
            "key of that environment (POST /v1/operators/{operatorId}/verify-phone), or name a phone in phoneNumber."
        )
    return operator.phone


async def send_code(
    connection: "Connection | Pool",
    keyring: Keyring,
    texts: Texts,
    operator_id: UUID,
    *,
    organization_id: UUID,
    environment: Environment,
    by: Actor,
    now: datetime,
) -> tuple[Operator, datetime]:
    """Text a fresh code to an operator's phone, outside of any transaction; return the operator and the code's end, UTC.

    `texts` are those of `environment`, which the code verifies the phone for. It takes the place of any code before it.
    Raises OperatorNotFound, PhoneRequired, PhoneVerified, CodeSentLately, Invalid where the phone can't be texted,
    Unavailable.
    """
    operator = await find_operator(connection, operator_id, organization_id=organization_id)
    if operator.phone is None:
        raise PhoneRequired("This operator has no phone. Set one first (PATCH /v1/operators/{operatorId}).")
    if operator.verified_at(environment) is not None:
        raise PhoneVerified(operator)
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    hashed = code_hash(keyring.derived(_PURPOSE)[0], operator_id, operator.phone, code)
    expires_at = now + CODE_LIFETIME
    # Kept before it is sent: two calls at once send one code, and no code arrives that can't be confirmed.
    async with transaction_on(connection) as own:
        kept = await own.fetchval(
            _SQL["keep_code"],
            operator_id,
            organization_id,
            operator.phone,
            hashed,
            now,
            expires_at,
            now - RESEND_AFTER,
            environment,
        )
        if kept is not None:
            detail: dict[str, JsonValue] = {"environment": environment.value}
            await _record(own, Action.OPERATOR_SEND_CODE, operator, by=by, now=now, detail=detail)
    if kept is None:
        sent_at = await connection.fetchval(_SQL["code_sent_at"], operator_id)
        raise CodeSentLately(RESEND_AFTER if sent_at is None else sent_at + RESEND_AFTER - now)
    minutes = CODE_LIFETIME.seconds // 60
    body = (
        f"{code} is your Presswork code. It is good for {minutes} minutes. Whoever asks you for it by phone is a fraud."
    )
    try:
        await texts.send(to=operator.phone, body=body, media_urls=[], callback_url=None)
    except (Rejected, TryLater) as error:
        await connection.execute(_SQL["drop_code"], operator_id, hashed)
        if isinstance(error, Rejected):
            raise Invalid([Issue("phone", error.message, "not_textable")], platformCode=error.platform_code) from error
        raise Unavailable(f"No code was sent. {error.message} Try again in a minute.") from error
    except OutcomeUnknown:
        pass  # it may arrive; after a minute another one can be sent
    return operator, expires_at


async def send_code_once(
    call: IdempotentCall[tuple[Operator, datetime]],
    keyring: Keyring,
    texts: Callable[[], Texts],
    operator_id: UUID,
    *,
    organization_id: UUID,
    environment: Environment,
    by: Actor,
    now: datetime,
) -> tuple[Operator, datetime]:
    """Send a code once per idempotency key: see `send_code`. `texts` raises Unavailable where none are set up."""
    await call.raise_if_replied()
    await find_operator(call.pool, operator_id, organization_id=organization_id)
    sent = await send_code(
        call.pool,
        keyring,
        texts(),
        operator_id,
        organization_id=organization_id,
        environment=environment,
        by=by,
        now=now,
    )

    async def keep(_connection: Connection) -> tuple[Operator, datetime]:
        return sent

    return await call.run(keep)


async def confirm_code_once(
    call: IdempotentCall[Operator],
    keyring: Keyring,
    operator_id: UUID,
    code: str,
    *,
    organization_id: UUID,
    environment: Environment,
    by: Actor,
    now: datetime,
) -> Operator:
    """Verify a phone by a code once per idempotency key: see `try_code` and `confirm_phone`."""
    await call.raise_if_replied()
    try:
        proof = await try_code(
            call.pool,
            keyring,
            operator_id,
            code,
            organization_id=organization_id,
            environment=environment,
            now=now,
        )
        return await call.run(lambda connection: confirm_phone(connection, operator_id, proof, by=by, now=now))
    except NoCode:
        await call.raise_if_replied()  # a twin under the same key may have used the code up at the same instant
        raise


async def try_code(
    connection: "Connection | Pool",
    keyring: Keyring,
    operator_id: UUID,
    code: str,
    *,
    organization_id: UUID,
    environment: Environment | None,
    now: datetime,
) -> CodeProof:
    """Use up one try, outside of any transaction, and return the proof that `confirm_phone` takes.

    Only a code that was sent in `environment` counts; None, for the command line: in either. Raises OperatorNotFound, NoCode, and Invalid for a wrong code.
    """
    row = await connection.fetchrow(
        _SQL["count_attempt"], operator_id, organization_id, now, MOST_ATTEMPTS, environment
    )
    if row is None:
        await find_operator(connection, operator_id, organization_id=organization_id)
        raise NoCode
    if not is_code(row["phone_code_hash"], keyring.derived(_PURPOSE), operator_id, row["phone"], code):
        left = MOST_ATTEMPTS - row["phone_code_attempts"]
        more = f"{left} more can be tried." if left else "No more can be tried: have a new one sent (verify-phone)."
        raise Invalid([Issue("code", f"This is not the code that was sent. {more}", "wrong_code")])
    return CodeProof(code_hash=bytes(row["phone_code_hash"]), environment=Environment(row["phone_code_environment"]))


async def confirm_phone(
    connection: Connection, operator_id: UUID, proof: CodeProof, *, by: Actor, now: datetime
) -> Operator:
    """Write that an operator's phone is verified, within a transaction.

    Raises NoCode where phone or code have changed since the proof.
    """
    row = await connection.fetchrow(_SQL["verify_phone"], operator_id, proof.code_hash, now, proof.environment)
    if row is None:
        raise NoCode
    operator = _operator(row)
    detail: dict[str, JsonValue] = {"environment": proof.environment.value}
    await _record(connection, Action.OPERATOR_CONFIRM_PHONE, operator, by=by, now=now, detail=detail)
    return operator


async def _record(
    connection: Connection,
    action: Action,
    operator: Operator,
    *,
    by: Actor,
    now: datetime,
    detail: dict[str, JsonValue],
) -> None:
    """Operators belong to both environments; what is kept of the phone is what answers show of it."""
    entry = Entry(
        action=action,
        actor=by,
        at=now,
        organization_id=operator.organization_id,
        environment=None,
        object_id=public_id(OPERATOR, operator.id),
        detail={"name": operator.name, "phone": None if operator.phone is None else masked(operator.phone), **detail},
    )
    await record(connection, entry)


def _operator(row: asyncpg.Record | None) -> Operator:
    if row is None:
        raise OperatorNotFound
    return Operator(
        id=row["id"],
        organization_id=row["organization_id"],
        name=row["name"],
        phone=row["phone"],
        phone_verified_at=row["phone_verified_at"],
        phone_verified_in=None if row["phone_verified_in"] is None else Environment(row["phone_verified_in"]),
        is_primary=row["is_primary"],
        created_at=row["created_at"],
    )
