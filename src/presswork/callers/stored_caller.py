"""Store who asked for something that a worker does later, and what this caller saw at that time."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict

from presswork.callers.model import Principal, Tier
from presswork.core.enums import Environment


class _StoredCaller(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    key_id: UUID | None = None
    operator_id: UUID | None = None
    user_id: UUID | None = None
    user_name: str | None = None
    client_id: UUID | None = None
    login_name: str | None = None
    request_id: str | None = None
    project_ids: frozenset[UUID] | None = None


def write_caller(caller: Principal) -> str:
    """Return the caller as text."""
    return _StoredCaller.model_validate(caller).model_dump_json()


def read_caller(text: str, *, organization_id: UUID, environment: str) -> Principal:
    """Parse a caller. It has no scopes: what it may do was checked when it asked."""
    stored = _StoredCaller.model_validate_json(text)
    return Principal(
        organization_id=organization_id,
        environment=Environment(environment),
        scopes=frozenset(),
        tier=Tier.UNLIMITED,
        return_domains=(),
        key_id=stored.key_id,
        operator_id=stored.operator_id,
        user_id=stored.user_id,
        user_name=stored.user_name,
        client_id=stored.client_id,
        login_name=stored.login_name,
        request_id=stored.request_id,
        project_ids=stored.project_ids,
    )
