"""Routes of operators: people who receive text messages."""

from datetime import datetime
from typing import Annotated, Final, Literal, Self

from fastapi import APIRouter
from pydantic import Field, field_validator
from pydantic.config import JsonDict
from starlette.responses import Response

from presswork.api.context import Ctx, Now
from presswork.api.http.auth import OrgAdmin
from presswork.api.http.body import In, Name, Out, body_of, with_examples
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import OperatorId, OperatorRef, OrganizationRef
from presswork.api.http.issues import SIX_DIGITS
from presswork.api.http.openapi import refusals
from presswork.api.http.paging import Page, Paging
from presswork.api.http.responses import respond
from presswork.core.enums import Environment
from presswork.core.errors import Code, FieldError, IssueCode
from presswork.core.phone_numbers import E164, masked
from presswork.core.timestamps import Instant
from presswork.orgs import operators
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


Phone = Annotated[str, Field(pattern=E164, examples=["+351912345678"])]


class NewOperator(In):
    """Parameters of a new operator. An organization's first operator is its primary one."""

    model_config = with_examples({"name": "Ines", "phone": "+351912345678"})

    name: Name = Field(description="Name for display.")
    phone: Phone | None = Field(default=None, description="Phone number in E.164 format: a plus sign and digits only.")
    is_primary: bool = Field(
        default=False,
        description="Whether to make this the primary operator, who receives drafts by text message. Replaces the current one.",
    )


class OperatorPatch(In):
    """Changes to an operator. A field that is left out is not changed."""

    model_config = with_examples({"phone": "+351912345679"})

    name: Name = Field(default_factory=str, description="Name for display.")
    phone: Phone | None = Field(
        default=None,
        description="A new phone number, which must be verified again; null removes it. From a test key, that of test projects.",
    )
    is_primary: Literal[True] = Field(
        default_factory=lambda: True, description="`true` makes this the primary operator, instead of the current one."
    )

    @field_validator("is_primary", mode="before")
    @classmethod
    def _require_true(cls, value: object) -> object:
        if value is not True:
            raise FieldError(
                "can only be set to true. To replace the primary operator, set it on the new one.",
                IssueCode.INVALID_CHOICE,
            )
        return value


class CodeRequest(In):
    """An empty object. The body may be left out."""

    model_config = with_examples({})


class CodeToConfirm(In):
    """The code from the text message."""

    model_config = with_examples({"code": "042137"})

    code: str = Field(pattern=SIX_DIGITS, description="Six digits, as a string, since the first may be 0.")


class Operator(Out):
    """A person of the organization who receives text messages. The phone number is masked."""

    model_config = with_examples(_EXAMPLE)

    id: OperatorRef
    organization_id: OrganizationRef
    name: str
    phone: str | None
    phone_verified_at: Instant | None = Field(
        description="When the phone was verified for the key's environment. A code that the sandbox sent "
        "verifies for `test` only; one that a real provider sent, for both."
    )
    is_primary: bool = Field(description="Whether this person receives drafts by text message.")
    created_at: Instant

    @classmethod
    def of(cls, operator: StoredOperator, environment: Environment) -> Self:
        """Convert an operator of the domain for keys of an environment."""
        return cls(
            id=operator.id,
            organization_id=operator.organization_id,
            name=operator.name,
            phone=None if (phone := operator.phone_in(environment)) is None else masked(phone),
            phone_verified_at=operator.verified_at(environment),
            is_primary=operator.is_primary,
            created_at=operator.created_at,
        )


class SentCode(Out):
    """A code was sent to the phone."""

    model_config = with_examples(
        {"id": _EXAMPLE["id"], "phone": _EXAMPLE["phone"], "expiresAt": "2026-11-24T18:40:00.000Z"}
    )

    id: OperatorRef
    phone: str
    expires_at: Instant

    @classmethod
    def of(cls, operator: StoredOperator, expires_at: datetime, environment: Environment) -> Self:
        """Convert the result of the use case."""
        return cls(id=operator.id, phone=masked(operator.phone_in(environment) or ""), expires_at=expires_at)


@router.post(
    "/v1/operators",
    response_model=Operator,
    status_code=201,
    responses=refusals(Code.CONFLICT),
    summary="Create an operator",
)
async def create_operator(
    caller: OrgAdmin,
    body: Annotated[NewOperator, body_of(NewOperator)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Create an operator. Operators belong to the organization and exist in both environments.

    If the phone of the primary operator is verified for `live`, a key of the test environment that sends `isPrimary`
    returns 409 `CONFLICT`.
    """
    return await idempotent.run(
        lambda db: operators.create_operator(
            db,
            caller.organization_id,
            name=body.name,
            phone=body.phone,
            is_primary=body.is_primary,
            environment=caller.environment,
            by=caller.actor,
            now=now,
        ),
        lambda operator: Operator.of(operator, caller.environment),
        status=201,
    )


@router.get("/v1/operators", response_model=Page[Operator], summary="List operators")
async def list_operators(caller: OrgAdmin, page: Paging, context: Ctx) -> Response:
    """List the organization's operators, oldest first."""
    found = await operators.list_operators(context.pool, caller.organization_id, after=page.after, limit=page.limit + 1)
    return respond(page.of(Page[Operator], found, lambda operator: Operator.of(operator, caller.environment)))


@router.get("/v1/operators/{operatorId}", response_model=Operator, summary="Retrieve an operator")
async def get_operator(caller: OrgAdmin, operator_id: OperatorId, context: Ctx) -> Response:
    """Return one operator."""
    found = await operators.find_operator(context.pool, operator_id, organization_id=caller.organization_id)
    return respond(Operator.of(found, caller.environment))


@router.patch(
    "/v1/operators/{operatorId}",
    response_model=Operator,
    responses=refusals(Code.CONFLICT),
    summary="Update an operator",
)
async def update_operator(
    caller: OrgAdmin,
    operator_id: OperatorId,
    body: Annotated[OperatorPatch, body_of(OperatorPatch)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Update the fields that are sent. A new phone number must be verified before it receives drafts.

    A key of the test environment never changes the phone of live projects: if a live key or the command line has set
    the phone, it sets another one, for test projects only. If the phone of the primary operator is verified for `live`, it
    can't make another operator the primary one: 409 `CONFLICT`.
    """
    return await idempotent.run(
        lambda db: operators.change_operator(
            db,
            operator_id,
            body.sent(),
            organization_id=caller.organization_id,
            environment=caller.environment,
            by=caller.actor,
            now=now,
        ),
        lambda operator: Operator.of(operator, caller.environment),
    )


@router.post(
    "/v1/operators/{operatorId}/verify-phone",
    response_model=SentCode,
    responses=refusals(Code.VALIDATION, Code.PHONE_REQUIRED, Code.CONFLICT, Code.UNAVAILABLE),
    summary="Send a code to an operator's phone",
)
async def verify_operator_phone(
    caller: OrgAdmin,
    operator_id: OperatorId,
    _body: Annotated[CodeRequest, body_of(CodeRequest, is_optional=True)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Send a six-digit code to the operator's phone, at most once per minute. The code is valid for ten minutes.

    With a key of the test environment, the message goes to the sandbox, which shows it under /sandbox/control/messages,
    and verifies the phone for test projects only. A new code replaces the previous one, but a key of the test environment
    doesn't replace a code that a live key sent.

    At most 5 codes in an hour and 10 in a day go to one phone number, whichever operators have it meanwhile, and at most
    30 in an hour and 100 in a day to the phones of an organization. More return 429 `RATE_LIMITED`.
    """
    return await idempotent.call(
        lambda call: operators.send_code_idempotently(
            call,
            context.keyring,
            lambda: context.platforms.sms_gateway(caller.environment),
            operator_id,
            caller=caller,
            now=now,
        ),
        lambda sent: SentCode.of(*sent, caller.environment),
    )


@router.post(
    "/v1/operators/{operatorId}/confirm-phone",
    response_model=Operator,
    responses=refusals(Code.CONFLICT),
    summary="Confirm an operator's phone",
)
async def confirm_operator_phone(
    caller: OrgAdmin,
    operator_id: OperatorId,
    body: Annotated[CodeToConfirm, body_of(CodeToConfirm)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Verify the phone with the code that was sent to it. After five wrong codes, send a new one. For one phone number,
    at most 15 codes can be tried in a day, and 100 in an organization; more return 429 `RATE_LIMITED`.

    The key must be of the environment in which the code was sent. A confirmation in `live` verifies the phone for test
    projects as well.
    """
    return await idempotent.call(
        lambda call: operators.confirm_code_idempotently(
            call, context.keyring, operator_id, body.code, caller=caller, now=now
        ),
        lambda operator: Operator.of(operator, caller.environment),
    )
