"""Routes of operators: the people who are reached by phone."""

from datetime import datetime
from typing import Annotated, Final, Literal, Self

from fastapi import APIRouter
from pydantic import AfterValidator, ConfigDict, Field, field_validator
from pydantic.config import JsonDict
from starlette.responses import Response

from presswork.api.auth import OrgAdmin
from presswork.api.body import In, Out, Text, body_of
from presswork.api.context import Ctx, Now
from presswork.api.idempotent import Idempotent
from presswork.api.ids import OperatorId, OperatorRef, OrganizationRef
from presswork.api.openapi import refusals
from presswork.api.paging import Page, Paging, Position
from presswork.api.responses import respond
from presswork.core.enums import Environment
from presswork.core.errors import Code
from presswork.core.phone_numbers import E164, masked
from presswork.core.timestamps import Instant
from presswork.orgs import operators
from presswork.orgs.operator_model import Operator as StoredOperator
from presswork.orgs.operator_model import OperatorChanges

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
    body: Annotated[NewOperator, body_of(NewOperator)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Make a person known who may be texted. Operators belong to the organization, in both environments."""
    return await idempotent.run(
        lambda db: operators.create_operator(
            db,
            key.organization_id,
            name=body.name,
            phone=body.phone,
            is_primary=body.is_primary,
            by=key.actor,
            now=now,
        ),
        lambda operator: Operator.of(operator, key.environment),
        status=201,
    )


@router.get("/v1/operators", response_model=Page[Operator], summary="List operators")
async def list_operators(key: OrgAdmin, page: Paging, context: Ctx) -> Response:
    """List the organization's operators, oldest first."""
    after = None if page.after is None else (page.after.at, page.after.id)
    found = await operators.list_operators(context.pool, key.organization_id, after=after, limit=page.limit + 1)
    kept, cursor = page.page_of(found, lambda operator: Position(operator.created_at, operator.id))
    return respond(
        Page[Operator](items=[Operator.of(operator, key.environment) for operator in kept], next_cursor=cursor)
    )


@router.get("/v1/operators/{operatorId}", response_model=Operator, summary="Read an operator")
async def get_operator(key: OrgAdmin, operator_id: OperatorId, context: Ctx) -> Response:
    """Read one operator."""
    found = await operators.find_operator(context.pool, operator_id, organization_id=key.organization_id)
    return respond(Operator.of(found, key.environment))


@router.patch("/v1/operators/{operatorId}", response_model=Operator, summary="Change an operator")
async def update_operator(
    key: OrgAdmin,
    operator_id: OperatorId,
    body: Annotated[OperatorPatch, body_of(OperatorPatch)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Change what is named, leave the rest. Another phone has to be verified before anything is texted to it."""
    return await idempotent.run(
        lambda db: operators.change_operator(
            db, operator_id, body.changes(), organization_id=key.organization_id, by=key.actor, now=now
        ),
        lambda operator: Operator.of(operator, key.environment),
    )


@router.post(
    "/v1/operators/{operatorId}/verify-phone",
    response_model=SentCode,
    responses=refusals(Code.VALIDATION, Code.PHONE_REQUIRED, Code.CONFLICT, Code.UNAVAILABLE),
    summary="Text a code to an operator's phone",
)
async def verify_operator_phone(
    key: OrgAdmin,
    operator_id: OperatorId,
    _body: Annotated[CodeRequest, body_of(CodeRequest, is_optional=True)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Text a code of six digits to the operator's phone, once a minute at most. It is good for ten minutes.

    With a key of the test environment the text goes to the sandbox, which shows it under /sandbox/control/messages, and the
    phone counts as verified in test projects only. A code takes the place of the one before it, of either environment.
    """
    return await idempotent.call(
        lambda call: operators.send_code_once(
            call,
            context.keyring,
            lambda: context.platforms.texts(key.environment),
            operator_id,
            organization_id=key.organization_id,
            environment=key.environment,
            by=key.actor,
            now=now,
        ),
        lambda sent: SentCode.of(*sent),
    )


@router.post(
    "/v1/operators/{operatorId}/confirm-phone",
    response_model=Operator,
    responses=refusals(Code.CONFLICT),
    summary="Confirm an operator's phone",
)
async def confirm_operator_phone(
    key: OrgAdmin,
    operator_id: OperatorId,
    body: Annotated[CodeToConfirm, body_of(CodeToConfirm)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Verify the phone by the code that came to it. After five wrong codes a new one has to be sent.

    Only keys of the environment that the code was sent in can confirm it. In `live` the phone is verified for test
    projects, too.
    """
    return await idempotent.call(
        lambda call: operators.confirm_code_once(
            call,
            context.keyring,
            operator_id,
            body.code,
            organization_id=key.organization_id,
            environment=key.environment,
            by=key.actor,
            now=now,
        ),
        lambda operator: Operator.of(operator, key.environment),
    )
