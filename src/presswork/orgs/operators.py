"""Create and change operators, and verify their phones with codes."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
from pydantic import JsonValue
from pydantic.alias_generators import to_camel

from presswork.audit.model import Action
from presswork.audit.record import record
from presswork.callers.model import COMMAND_LINE, Actor, Principal
from presswork.core.enums import Environment
from presswork.core.errors import Invalid, Issue, IssueCode, Unavailable
from presswork.core.ids import OPERATOR, new_id, public_id
from presswork.core.phone_numbers import masked
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Connection, Pool, transaction_on
from presswork.db.queries import load
from presswork.db.rows import FIRST, from_row
from presswork.idempotency.stored_replies import IdempotentCall
from presswork.orgs.operator_model import (
    CODE_DIGITS,
    CODE_LIFETIME,
    MAX_ATTEMPTS,
    CodeProof,
    NoCode,
    Operator,
    OperatorChanges,
    OperatorNotFound,
    OwnerPhoneUnverified,
    PhoneRequired,
    PhoneVerified,
    PrimaryIsLive,
    code_hash,
    is_code,
)
from presswork.orgs.phone_event_model import (
    RESEND_AFTER,
    CodeSentLately,
    LiveCodePending,
    PhoneEventKind,
    require_attempt_allowed,
    require_send_allowed,
)
from presswork.orgs.phone_events import HASH_PURPOSE, count_event, counted_codes, drop_event, lock_organization
from presswork.platforms.errors import OutcomeUnknown, Rejected, TryLater
from presswork.platforms.sms_port import SmsGateway

_SQL: Final = load("presswork.orgs", "operator_queries.sql")


async def create_operator(
    connection: Connection,
    organization_id: UUID,
    *,
    name: str,
    phone: str | None,
    is_primary: bool,
    verified_in: Environment | None = None,
    environment: Environment = Environment.LIVE,
    by: Actor = COMMAND_LINE,
    now: datetime,
) -> Operator:
    """Create an operator, in the caller's transaction. The first one of an organization is primary.

    `is_primary` replaces the primary operator. `verified_in` declares the phone verified for that environment; LIVE
    counts for both. `environment` is that of the caller. Raises PrimaryIsLive.
    """
    is_verified = verified_in is not None and phone is not None
    await lock_organization(connection, organization_id)
    has_primary = await connection.fetchval(_SQL["has_primary"], organization_id)
    if is_primary and has_primary:
        await _unset_primary(connection, organization_id, environment)
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
        environment,
    )
    operator = _operator(row)
    detail: dict[str, JsonValue] = {"isPrimary": operator.is_primary, "isVerified": is_verified}
    await _record(connection, Action.OPERATOR_CREATE, operator, environment, by=by, now=now, detail=detail)
    return operator


async def _unset_primary(connection: Connection, organization_id: UUID, environment: Environment) -> None:
    """Make the primary operator an ordinary one. Raises PrimaryIsLive for a test key, if live projects text its phone."""
    if environment is Environment.TEST and await connection.fetchval(_SQL["has_live_primary"], organization_id):
        raise PrimaryIsLive
    await connection.execute(_SQL["unset_primary"], organization_id)


async def find_operator(connection: "Connection | Pool", operator_id: UUID, *, organization_id: UUID) -> Operator:
    """Return an operator of the organization. Raises OperatorNotFound."""
    return _operator(await connection.fetchrow(_SQL["find_operator"], operator_id, organization_id))


async def organization_of(connection: Connection, operator_id: UUID) -> UUID:
    """Return the id of the operator's organization. Raises OperatorNotFound."""
    found = await connection.fetchval(_SQL["organization_of"], operator_id)
    if found is None:
        raise OperatorNotFound
    return UUID(str(found))


async def list_operators(
    pool: Pool, organization_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Operator]:
    """Return an organization's operators, oldest first, after the (created_at, id) `after`."""
    return [
        _operator(row) for row in await pool.fetch(_SQL["list_operators"], organization_id, *(after or FIRST), limit)
    ]


async def list_all_operators(
    connection: Connection, *, organization: str | None, limit: int = 1000
) -> Sequence[tuple[str, Operator]]:
    """Return the operators of all organizations, or of one, oldest first, each with its organization's name."""
    rows = await connection.fetch(_SQL["list_all_operators"], organization, limit)
    return [(row["organization"], _operator(row)) for row in rows]


async def change_operator(
    connection: Connection,
    operator_id: UUID,
    changes: OperatorChanges,
    *,
    organization_id: UUID,
    environment: Environment = Environment.LIVE,
    by: Actor,
    now: datetime,
) -> Operator:
    """Change an operator, in the caller's transaction; `is_primary` makes it the primary one.

    A new phone must be verified again. `environment` is that of the caller: TEST changes no phone that LIVE set, but the
    one for test projects. Raises OperatorNotFound and PrimaryIsLive.
    """
    await lock_organization(connection, organization_id)
    before = operator = await find_operator(connection, operator_id, organization_id=organization_id)
    if "name" in changes:
        operator = _operator(await connection.fetchrow(_SQL["rename"], operator_id, changes["name"]))
    if "phone" in changes:
        operator = await _change_phone(connection, operator, changes["phone"], environment)
    if "is_primary" in changes and not operator.is_primary:
        await _unset_primary(connection, organization_id, environment)
        operator = _operator(await connection.fetchrow(_SQL["set_primary"], operator_id))
    if operator != before:
        detail: dict[str, JsonValue] = {"fields": [*sorted(map(to_camel, changes))]}
        await _record(connection, Action.OPERATOR_UPDATE, operator, environment, by=by, now=now, detail=detail)
    return operator


async def _change_phone(
    connection: Connection, operator: Operator, phone: str | None, environment: Environment
) -> Operator:
    if environment is Environment.LIVE and phone == operator.phone:
        return _operator(await connection.fetchrow(_SQL["claim_phone"], operator.id))
    if phone == operator.phone_in(environment):
        return operator
    if environment is Environment.LIVE or operator.phone_set_in is Environment.TEST:
        return _operator(await connection.fetchrow(_SQL["change_phone"], operator.id, phone, environment))
    await connection.execute(_SQL["drop_test_code"], operator.id)
    is_other = phone != operator.phone
    return _operator(
        await connection.fetchrow(_SQL["change_test_phone"], operator.id, phone if is_other else None, is_other)
    )


async def phone_of_key(connection: Connection, caller: Principal) -> str:
    """Return the phone of the key's operator or, for a key without operator, of the primary operator.

    Raises PhoneRequired if there is no phone, OwnerPhoneUnverified if it is not verified for the key's environment.
    """
    row = await connection.fetchrow(_SQL["operator_of_caller"], caller.id, caller.organization_id)
    operator = None if row is None else _operator(row)
    phone = None if operator is None else operator.phone_in(caller.environment)
    if operator is None or phone is None:
        raise PhoneRequired("The key's operator has no phone. Send phoneNumber, like +351912345678.")
    if operator.verified_at(caller.environment) is None:
        raise OwnerPhoneUnverified(
            f"The phone of the key's operator is not verified for the {caller.environment} environment. Verify it with a "
            "key of that environment (POST /v1/operators/{operatorId}/verify-phone), or send a phone in phoneNumber."
        )
    return phone


async def send_code(
    connection: "Connection | Pool",
    keyring: Keyring,
    sms: SmsGateway,
    operator_id: UUID,
    *,
    organization_id: UUID,
    environment: Environment,
    by: Actor,
    now: datetime,
) -> tuple[Operator, datetime]:
    """Send a new code to an operator's phone, outside of any transaction; return the operator and the code's expiry, UTC.

    `sms` is the text message platform of `environment`, for which the code verifies the phone. It replaces earlier codes.
    Raises OperatorNotFound, PhoneRequired, PhoneVerified, CodeSentLately, TooManyCodes, Invalid if the phone can't receive
    messages, and Unavailable.
    """
    operator = await find_operator(connection, operator_id, organization_id=organization_id)
    phone = operator.phone_in(environment)
    if phone is None:
        raise PhoneRequired("This operator has no phone. Set one with PATCH /v1/operators/{operatorId}.")
    if operator.verified_at(environment) is not None:
        raise PhoneVerified(operatorId=public_id(OPERATOR, operator.id))
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    hashed = code_hash(keyring.derived(HASH_PURPOSE)[0], operator_id, phone, code)
    expires_at = now + CODE_LIFETIME
    event_id: UUID | None = None
    # Stored before it is sent: concurrent calls send one code, and every code that arrives can be confirmed.
    async with transaction_on(connection) as own:
        counted = await counted_codes(own, keyring, phone, organization_id, environment, now=now)
        require_send_allowed(*counted, environment, now=now)
        kept = await own.fetchval(
            _SQL["keep_code"], operator_id, organization_id, phone, hashed, now, expires_at, environment
        )
        if kept is not None:
            event_id = await count_event(
                own, keyring, phone, PhoneEventKind.SENT, organization_id, environment, now=now
            )
            detail: dict[str, JsonValue] = {"environment": environment.value}
            await _record(own, Action.OPERATOR_SEND_CODE, operator, environment, by=by, now=now, detail=detail)
    if event_id is None:
        until = await connection.fetchval(_SQL["code_expires_at"], operator_id)
        raise CodeSentLately(RESEND_AFTER) if until is None else LiveCodePending(until - now)
    minutes = CODE_LIFETIME.seconds // 60
    body = f"{code} is your Presswork code. It is valid for {minutes} minutes. Never share it with anyone."
    try:
        await sms.send(to=phone, body=body, media_urls=[], callback_url=None)
    except (Rejected, TryLater) as error:
        await connection.execute(_SQL["drop_code"], operator_id, hashed)
        await drop_event(connection, event_id)
        if isinstance(error, Rejected):
            raise Invalid(
                [Issue.at("phone", f"can't receive text messages. {error.message}", IssueCode.NOT_TEXTABLE)],
                platformCode=error.platform_code,
            ) from error
        raise Unavailable(f"The code was not sent. {error.message} Try again in a minute.") from error
    except OutcomeUnknown:
        pass  # the message may still arrive; another code can be sent after a minute
    return operator, expires_at


async def send_code_idempotently(
    call: IdempotentCall[tuple[Operator, datetime]],
    keyring: Keyring,
    sms: Callable[[], SmsGateway],
    operator_id: UUID,
    *,
    caller: Principal,
    now: datetime,
) -> tuple[Operator, datetime]:
    """Run `send_code` once per idempotency key. `sms` raises Unavailable if no platform is configured."""
    await call.raise_if_replied()
    await find_operator(call.pool, operator_id, organization_id=caller.organization_id)
    sent = await send_code(
        call.pool,
        keyring,
        sms(),
        operator_id,
        organization_id=caller.organization_id,
        environment=caller.environment,
        by=caller.actor,
        now=now,
    )

    async def keep(_connection: Connection) -> tuple[Operator, datetime]:
        return sent

    return await call.run(keep)


async def confirm_code_idempotently(
    call: IdempotentCall[Operator],
    keyring: Keyring,
    operator_id: UUID,
    code: str,
    *,
    caller: Principal,
    now: datetime,
) -> Operator:
    """Run `try_code` and `confirm_phone` once per idempotency key."""
    await call.raise_if_replied()
    try:
        proof = await try_code(
            call.pool,
            keyring,
            operator_id,
            code,
            organization_id=caller.organization_id,
            environment=caller.environment,
            now=now,
        )
        return await call.run(
            lambda connection: confirm_phone(connection, operator_id, proof, by=caller.actor, now=now)
        )
    except NoCode:
        await call.raise_if_replied()  # a concurrent request with the same key may have used the code
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
    """Use one attempt, outside of any transaction, and return the proof for `confirm_phone`.

    The code must have been sent in `environment`; None, for the command line: in either. Raises OperatorNotFound, NoCode,
    TooManyCodes, and Invalid for a wrong code.
    """
    pending = await connection.fetchrow(_SQL["pending_code"], operator_id, organization_id, now, environment)
    if pending is None:
        await find_operator(connection, operator_id, organization_id=organization_id)
        raise NoCode
    sent_in = Environment(pending["environment"])
    async with transaction_on(connection) as own:
        phone = str(pending["phone"])
        counted = await counted_codes(own, keyring, phone, organization_id, sent_in, now=now)
        require_attempt_allowed(*counted, sent_in, now=now)
        row = await own.fetchrow(_SQL["count_attempt"], operator_id, organization_id, now, MAX_ATTEMPTS, sent_in)
        if row is None:
            raise NoCode
        await count_event(own, keyring, phone, PhoneEventKind.ATTEMPT, organization_id, sent_in, now=now)
    if not is_code(row["phone_code_hash"], keyring.derived(HASH_PURPOSE), operator_id, row["phone"], code):
        left = MAX_ATTEMPTS - row["phone_code_attempts"]
        more = f"{left} attempts are left." if left else "No attempts are left. Send a new code with verify-phone."
        raise Invalid([Issue.at("code", f"is wrong. {more}", IssueCode.WRONG_CODE)])
    return CodeProof(code_hash=bytes(row["phone_code_hash"]), environment=Environment(row["phone_code_environment"]))


async def confirm_phone(
    connection: Connection, operator_id: UUID, proof: CodeProof, *, by: Actor, now: datetime
) -> Operator:
    """Mark an operator's phone as verified, in the caller's transaction.

    Raises NoCode if phone or code have changed since the proof.
    """
    row = await connection.fetchrow(_SQL["verify_phone"], operator_id, proof.code_hash, now, proof.environment)
    if row is None:
        raise NoCode
    operator = _operator(row)
    detail: dict[str, JsonValue] = {"environment": proof.environment.value}
    await _record(connection, Action.OPERATOR_CONFIRM_PHONE, operator, proof.environment, by=by, now=now, detail=detail)
    return operator


async def _record(
    connection: Connection,
    action: Action,
    operator: Operator,
    environment: Environment,
    *,
    by: Actor,
    now: datetime,
    detail: dict[str, JsonValue],
) -> None:
    """Write an audit entry without an environment, since operators belong to both, with the phone of one, masked."""
    phone = operator.phone_in(environment)
    await record(
        connection,
        action,
        public_id(OPERATOR, operator.id),
        by=by,
        organization_id=operator.organization_id,
        now=now,
        detail={"name": operator.name, "phone": None if phone is None else masked(phone), **detail},
    )


def _operator(row: asyncpg.Record | None) -> Operator:
    if row is None:
        raise OperatorNotFound
    return from_row(Operator, row)
