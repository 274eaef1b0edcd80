"""Routes of operators: the people who are reached by phone."""

from datetime import datetime
from typing import Annotated, Final, Literal, Self

from fastapi import APIRouter, Request
from pydantic import AfterValidator, ConfigDict, Field, field_validator
from pydantic.config import JsonDict
from starlette.responses import Response

from presswork.api.auth import OrgAdmin
from presswork.api.body import In, Out, Parsed, Text, body_of, fingerprint
from presswork.api.context import Ctx, Now
from presswork.api.ids import OperatorId, OperatorRef, OrganizationRef
from presswork.api.openapi import refusals
from presswork.api.paging import Page, Paging, Position
from presswork.api.responses import Reply, answer
from presswork.core.enums import Environment
from presswork.core.errors import Code
from presswork.core.ids import OPERATOR, public_id
from presswork.core.phone_numbers import E164, masked
from presswork.core.timestamps import Instant
from presswork.db.pool import Connection
from presswork.idempotency.stored_replies import IdempotencyKey, IdempotentRequest, run_idempotent
from presswork.orgs import operators
from presswork.orgs.operator_model import NoCode, OperatorChanges
from presswork.orgs.operator_model import Operator as StoredOperator

router: Final = APIRouter(tags=["Operators"])

_EXAMPLE: Final[JsonDict] = {
    "id": "opr_0191f3a2-6c11-7e02-9a33-4d5e6f708192",
    "organizationId": "org_0191f3a2-6b0d-7a51-8c1f-2e5b1d0a7f43",
    "name": "Ines",
    "phone": "+3519••••••78",
    "phoneVerifiedAt": "2026-11-24T18:31:00.000Z",
    "isPrimary": True,
    "createdAt": "2026-11-24T18:30:00.000Z",
}


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank; give it at least one visible character")
    return text


Name = Annotated[Text, AfterValidator(_not_blank), Field(min_length=1, max_length=200)]
Phone = Annotated[str, Field(pattern=E164, examples=["+351912345678"])]


class NewOperator(In):
    """A person to make known. An organization's first operator is its primary one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Ines", "phone": "+351912345678"}]})

    name: Name = Field(description="What people call this person.")
    phone: Phone | None = Field(default=None, description="In E.164: a plus, the country, the number, nothing between.")
    is_primary: bool = Field(
        default=False, description="Whether drafts by text go to this person; it replaces the primary operator so far."
    )


class OperatorPatch(In):
    """What to change. A field that is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"phone": "+351912345679"}]})

    name: Name = Field(default_factory=str, description="What people call this person.")
    phone: Phone | None = Field(
        default=None, description="Another phone, which has to be verified again; null removes it."
    )
    is_primary: Literal[True] = Field(
        default_factory=lambda: True, description="`true` makes this the primary operator, in place of the one so far."
    )

    @field_validator("is_primary", mode="before")
    @classmethod
    def _only_true(cls, value: object) -> object:
        if value is not True:
            raise ValueError("can only be set to true; to replace the primary operator, set it on the other one")
        return value

    def changes(self) -> OperatorChanges:
        """Return the changes that the caller named."""
        return OperatorChanges(fields=frozenset(self.model_fields_set), name=self.name, phone=self.phone)


class CodeRequest(In):
    """Nothing is to be said: the code goes to the operator's own phone. The whole body may be left out."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})


class CodeToConfirm(In):
    """The code that was texted."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "042137"}]})

    code: str = Field(pattern=r"^[0-9]{6}$", description="Six digits, as a string: it may begin with 0.")


class Operator(Out):
    """A person of the organization who is reached by phone. The phone is shown masked."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: OperatorRef
    organization_id: OrganizationRef
    name: str
    phone: str | None
    phone_verified_at: Instant | None = Field(
        description="Since when the phone counts as verified in the key's environment. A code that came from the sandbox "
        "counts in `test` only; one that was texted for real counts in both."
    )
    is_primary: bool = Field(description="Whether drafts by text go to this person.")
    created_at: Instant

    @classmethod
    def of(cls, operator: StoredOperator, environment: Environment) -> Self:
        """Shape an operator as keys of an environment see it."""
        return cls(
            id=operator.id,
            organization_id=operator.organization_id,
            name=operator.name,
            phone=None if operator.phone is None else masked(operator.phone),
            phone_verified_at=operator.verified_at(environment),
            is_primary=operator.is_primary,
            created_at=operator.created_at,
        )


class SentCode(Out):
    """A code is on its way to the phone."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"id": _EXAMPLE["id"], "phone": _EXAMPLE["phone"], "expiresAt": "2026-11-24T18:40:00.000Z"}]
        }
    )

    id: OperatorRef
    phone: str
    expires_at: Instant

    @classmethod
    def of(cls, operator: StoredOperator, expires_at: datetime) -> Self:
        """Shape what was sent where."""
        return cls(id=operator.id, phone=masked(operator.phone or ""), expires_at=expires_at)


@router.post("/v1/operators", response_model=Operator, status_code=201, summary="Make an operator")
async def create_operator(
    key: OrgAdmin,
    request: Request,
    body: Annotated[Parsed[NewOperator], body_of(NewOperator)],
    idempotency_key: IdempotencyKey,
    context: Ctx,
    now: Now,
) -> Response:
    """Make a person known who may be texted. Operators belong to the organization, in both environments."""
    new = body.value

    async def work(connection: Connection) -> Reply:
        operator = await operators.create_operator(
            connection,
            key.organization_id,
            name=new.name,
            phone=new.phone,
            is_primary=new.is_primary,
            by=key.actor,
            now=now,
        )
        return Reply.of(Operator.of(operator, key.environment), status=201)

    once = IdempotentRequest.of(request, key.key_id, idempotency_key, body.fingerprint("/v1/operators"), now=now)
    return (await run_idempotent(context.pool, once, work)).response()


@router.get("/v1/operators", response_model=Page[Operator], summary="List operators")
async def list_operators(key: OrgAdmin, page: Paging, context: Ctx) -> Response:
    """List the organization's operators, oldest first."""
    after = None if page.after is None else (page.after.at, page.after.id)
    found = await operators.list_operators(context.pool, key.organization_id, after=after, limit=page.limit + 1)
    kept, cursor = page.page_of(found, lambda operator: Position(operator.created_at, operator.id))
    return answer(
        Page[Operator](items=[Operator.of(operator, key.environment) for operator in kept], next_cursor=cursor)
    )


@router.get("/v1/operators/{operatorId}", response_model=Operator, summary="Read an operator")
async def get_operator(key: OrgAdmin, operator_id: OperatorId, context: Ctx) -> Response:
    """Read one operator."""
    found = await operators.find_operator(context.pool, operator_id, organization_id=key.organization_id)
    return answer(Operator.of(found, key.environment))


@router.patch("/v1/operators/{operatorId}", response_model=Operator, summary="Change an operator")
async def update_operator(
    key: OrgAdmin,
    operator_id: OperatorId,
    request: Request,
    body: Annotated[Parsed[OperatorPatch], body_of(OperatorPatch)],
    idempotency_key: IdempotencyKey,
    context: Ctx,
    now: Now,
) -> Response:
    """Change what is named, leave the rest. Another phone has to be verified before anything is texted to it."""

    async def work(connection: Connection) -> Reply:
        changes = body.value.changes()
        changed = await operators.change_operator(
            connection, operator_id, changes, organization_id=key.organization_id, by=key.actor, now=now
        )
        return Reply.of(Operator.of(changed, key.environment))

    path = f"/v1/operators/{public_id(OPERATOR, operator_id)}"
    once = IdempotentRequest.of(request, key.key_id, idempotency_key, body.fingerprint(path), now=now)
    return (await run_idempotent(context.pool, once, work)).response()


@router.post(
    "/v1/operators/{operatorId}/verify-phone",
    response_model=SentCode,
    responses=refusals(Code.VALIDATION, Code.PHONE_REQUIRED, Code.CONFLICT, Code.UNAVAILABLE),
    summary="Text a code to an operator's phone",
)
async def verify_operator_phone(
    key: OrgAdmin,
    operator_id: OperatorId,
    request: Request,
    _body: Annotated[Parsed[CodeRequest], body_of(CodeRequest, is_optional=True)],
    idempotency_key: IdempotencyKey,
    context: Ctx,
    now: Now,
) -> Response:
    """Text a code of six digits to the operator's phone, once a minute at most. It is good for ten minutes.

    With a key of the test environment the text goes to the sandbox, which shows it under /sandbox/control/messages, and the
    phone counts as verified in test projects only. A code takes the place of the one before it, of either environment.
    """
    path = f"/v1/operators/{public_id(OPERATOR, operator_id)}/verify-phone"
    once = IdempotentRequest.of(request, key.key_id, idempotency_key, fingerprint(path, None), now=now)
    if once is not None and (stored := await once.find(context.pool)) is not None:
        return stored.response()
    await operators.find_operator(context.pool, operator_id, organization_id=key.organization_id)
    operator, expires_at = await operators.send_code(
        context.pool,
        context.keyring,
        context.platforms.texts(key.environment),
        operator_id,
        organization_id=key.organization_id,
        environment=key.environment,
        by=key.actor,
        now=now,
    )

    async def work(_connection: Connection) -> Reply:
        return Reply.of(SentCode.of(operator, expires_at))

    return (await run_idempotent(context.pool, once, work)).response()


@router.post(
    "/v1/operators/{operatorId}/confirm-phone",
    response_model=Operator,
    responses=refusals(Code.CONFLICT),
    summary="Confirm an operator's phone",
)
async def confirm_operator_phone(
    key: OrgAdmin,
    operator_id: OperatorId,
    request: Request,
    body: Annotated[Parsed[CodeToConfirm], body_of(CodeToConfirm)],
    idempotency_key: IdempotencyKey,
    context: Ctx,
    now: Now,
) -> Response:
    """Verify the phone by the code that came to it. After five wrong codes a new one has to be sent.

    Only keys of the environment that the code was sent in can confirm it. In `live` the phone is verified for test
    projects, too.
    """
    path = f"/v1/operators/{public_id(OPERATOR, operator_id)}/confirm-phone"
    once = IdempotentRequest.of(request, key.key_id, idempotency_key, body.fingerprint(path), now=now)
    if once is not None and (stored := await once.find(context.pool)) is not None:
        return stored.response()
    try:
        proof = await operators.try_code(
            context.pool,
            context.keyring,
            operator_id,
            body.value.code,
            organization_id=key.organization_id,
            environment=key.environment,
            now=now,
        )

        async def work(connection: Connection) -> Reply:
            confirmed = await operators.confirm_phone(connection, operator_id, proof, by=key.actor, now=now)
            return Reply.of(Operator.of(confirmed, key.environment))

        return (await run_idempotent(context.pool, once, work)).response()
    except NoCode:
        # A twin under the same idempotency key may have used the code up at the same instant.
        if once is not None and (stored := await once.find(context.pool)) is not None:
            return stored.response()
        raise
