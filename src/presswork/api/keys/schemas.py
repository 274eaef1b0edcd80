"""Request and response bodies of the API key routes."""

from collections.abc import Sequence
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field
from pydantic.config import JsonDict

from presswork.api.http.body import FromDomain, In, Out, Text, with_examples
from presswork.api.http.ids import KeyRef, OperatorRef, OrganizationRef
from presswork.callers.model import Tier
from presswork.core.enums import Environment
from presswork.core.errors import FieldError, IssueCode
from presswork.core.timestamps import Instant
from presswork.orgs import key_model
from presswork.orgs.key_model import GRANTABLE, KeyStatus, KeyToken, return_domain

_EXAMPLE: Final[JsonDict] = {
    "id": "key_0191f3a2-7001-7c3d-a5b0-0d9c8b7a6f51",
    "organizationId": "org_0191f3a2-6b0d-7a51-8c1f-2e5b1d0a7f43",
    "environment": "test",
    "lookup": "K7QWERTZ2345ABCD",
    "name": "Shop",
    "scopes": ["content:write", "publish:write"],
    "tier": "standard",
    "returnDomains": ["app.example.com"],
    "operatorId": "opr_0191f3a2-6c11-7e02-9a33-4d5e6f708192",
    "status": "active",
    "createdAt": "2026-11-24T18:30:00.000Z",
    "lastUsedAt": "2026-11-24T18:42:00.000Z",
    "killedAt": None,
    "revokedAt": None,
}


def _require_known_scope(text: str) -> str:
    if text not in GRANTABLE:
        raise FieldError(f"is not a scope. Use one of: {', '.join(sorted(GRANTABLE))}.", IssueCode.UNKNOWN_SCOPE)
    return text


def _drop_duplicates(scopes: list[str]) -> list[str]:
    return list(dict.fromkeys(scopes))


Host = Annotated[Text, Field(min_length=1, max_length=253), AfterValidator(return_domain)]
Hosts = Annotated[tuple[Host, ...], Field(max_length=50, description="Hosts to which a login may redirect people.")]
KeyName = Annotated[Text, Field(max_length=200, description="Name for display.")]
ScopeName = Annotated[
    str,
    AfterValidator(_require_known_scope),
    Field(json_schema_extra={"enum": sorted(GRANTABLE)}),
]


class NewApiKey(In):
    """Parameters of a new key in the organization and environment of the calling key."""

    model_config = with_examples(
        {"name": "Shop", "scopes": ["content:write", "publish:write"], "returnDomains": ["app.example.com"]}
    )

    name: KeyName = ""
    scopes: Annotated[list[ScopeName], Field(min_length=1, max_length=50), AfterValidator(_drop_duplicates)] = Field(
        description="Permissions of the key. `*` is every scope except `org:admin`, `metrics:read` and `installation:admin`. "
        "`installation:admin` is granted on the command line only. `metrics:read` is for the operators of the service: only a key that lists it can create another one."
    )
    tier: Tier | None = Field(
        default=None,
        description="Rate limit of the key. At most that of the calling key, which is the default.",
    )
    return_domains: Hosts = Field(default_factory=tuple)
    operator_id: OperatorRef | None = Field(
        default=None, description="Operator of the key. Default: that of the calling key."
    )


class ApiKeyPatch(In):
    """Changes to a key. A field that is left out is not changed. Scopes and environment of a key are fixed."""

    model_config = with_examples({"name": "Shop, Lisbon", "tier": "standard"})

    name: KeyName = ""
    tier: Tier = Field(
        default_factory=lambda: Tier.STANDARD,
        description="Rate limit of the key. A new value is at most that of the calling key.",
    )
    return_domains: Hosts = Field(default_factory=tuple)
    operator_id: OperatorRef | None = Field(default=None, description="Operator of the key; null removes it.")


class ApiKey(FromDomain):
    """An API key, without its secret."""

    model_config = with_examples(_EXAMPLE)

    id: KeyRef
    organization_id: OrganizationRef
    environment: Environment
    lookup: str = Field(description="The third part of the token, which identifies the key in logs.")
    name: str
    scopes: Sequence[str]
    tier: Tier
    return_domains: Sequence[str] = Field(description="Hosts to which a login may redirect people.")
    operator_id: OperatorRef | None
    status: KeyStatus
    created_at: Instant
    last_used_at: Instant | None = Field(
        description="When the key was last used, with a resolution of one minute; null: never."
    )
    killed_at: Instant | None = Field(description="When the key was killed; null if it is not killed.")
    revoked_at: Instant | None = Field(description="When the key was revoked; null if it is not revoked.")


class CreatedApiKey(Out):
    """A new key. `key` is the token; it is returned only once."""

    model_config = with_examples(
        {
            "apiKey": {**_EXAMPLE, "lastUsedAt": None},
            "key": "lp_test_K7QWERTZ2345ABCD_EXAMPLE-EXAMPLE-EXAMPLE-EXAMPLE-EXAMPLE-EXA",
        }
    )

    api_key: ApiKey
    key: str = Field(description="The token. Store it now: Presswork keeps only a hash of it.")

    @classmethod
    def of(cls, key: key_model.ApiKey, token: KeyToken) -> Self:
        """Convert a new key of the domain."""
        return cls(api_key=ApiKey.of(key), key=token.text)
