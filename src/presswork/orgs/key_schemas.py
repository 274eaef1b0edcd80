"""API keys on the wire."""

import re
from collections.abc import Sequence
from typing import Annotated, Final, Self

from pydantic import AfterValidator, ConfigDict, Field
from pydantic.config import JsonDict

from presswork.api.body import In, Out, Text
from presswork.api.ids import KeyRef, OperatorRef, OrganizationRef
from presswork.core.enums import Environment
from presswork.core.timestamps import Instant
from presswork.orgs import key_model
from presswork.orgs.key_model import GRANTABLE, KeyChanges, KeyStatus
from presswork.orgs.model import KeyToken, Tier

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
_HOST: Final = re.compile(r"(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[?[0-9a-f:.]+\]?", re.ASCII | re.IGNORECASE)


def _host(text: str) -> str:
    if not _HOST.fullmatch(text) or ".." in text:
        raise ValueError("must be a host alone, like app.example.com, or *.example.com for every host below it")
    return text.lower()


def _known_scope(text: str) -> str:
    if text not in GRANTABLE:
        raise ValueError(f"is no scope; choose from {', '.join(sorted(GRANTABLE))}")
    return text


def _only_once(scopes: list[str]) -> list[str]:
    return list(dict.fromkeys(scopes))


Host = Annotated[Text, Field(min_length=1, max_length=253), AfterValidator(_host)]
Hosts = Annotated[
    list[Host], Field(max_length=50, description="Hosts that people may be sent back to after connecting.")
]
KeyName = Annotated[Text, Field(max_length=200, description="What you call it.")]
ScopeName = Annotated[
    str,
    AfterValidator(_known_scope),
    Field(json_schema_extra={"enum": sorted(GRANTABLE)}),
]


class NewApiKey(In):
    """A key to make, in the organization and environment of the calling key."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "Shop", "scopes": ["content:write", "publish:write"], "returnDomains": ["app.example.com"]}
            ]
        }
    )

    name: KeyName = ""
    scopes: Annotated[list[ScopeName], Field(min_length=1, max_length=50), AfterValidator(_only_once)] = Field(
        description="What it may do. `*` is everything but `org:admin`, which has to be given by name."
    )
    tier: Tier | None = Field(
        default=None,
        description="How many calls a minute it may make; at most what the calling key may, and that unless told.",
    )
    return_domains: Hosts = Field(default_factory=list)
    operator_id: OperatorRef | None = Field(
        default=None, description="Whom it belongs to; the calling key's operator unless told."
    )


class ApiKeyPatch(In):
    """What to change. A field that is left out stays. Scopes and environment never change: make another key."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Shop, Lisbon", "tier": "standard"}]})

    name: KeyName = ""
    tier: Tier = Field(
        default_factory=lambda: Tier.STANDARD, description="At most the calling key's own, if it is another one."
    )
    return_domains: Hosts = Field(default_factory=list)
    operator_id: OperatorRef | None = Field(default=None, description="Whom it belongs to; null: to nobody.")

    def changes(self) -> KeyChanges:
        """Return the changes that the caller named."""
        return KeyChanges(
            fields=frozenset(self.model_fields_set),
            name=self.name,
            tier=self.tier,
            return_domains=self.return_domains,
            operator_id=self.operator_id,
        )


class ApiKey(Out):
    """A key as the organization's administrators see it. Its secret is nowhere to be had."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: KeyRef
    organization_id: OrganizationRef
    environment: Environment
    lookup: str = Field(description="The third part of the key, which names it; the logs show it.")
    name: str
    scopes: Sequence[str]
    tier: Tier
    return_domains: Sequence[str] = Field(description="Hosts that people may be sent back to after connecting.")
    operator_id: OperatorRef | None
    status: KeyStatus
    created_at: Instant
    last_used_at: Instant | None = Field(description="When it was last used, to the minute; null: never so far.")
    killed_at: Instant | None = Field(description="Since when it is switched off.")
    revoked_at: Instant | None = Field(description="Since when it has ended for good.")

    @classmethod
    def of(cls, key: key_model.ApiKey) -> Self:
        """Shape a key."""
        return cls(
            id=key.id,
            organization_id=key.organization_id,
            environment=key.environment,
            lookup=key.lookup,
            name=key.name,
            scopes=key.scopes,
            tier=key.tier,
            return_domains=key.return_domains,
            operator_id=key.operator_id,
            status=key.status,
            created_at=key.created_at,
            last_used_at=key.last_used_at,
            killed_at=key.killed_at,
            revoked_at=key.revoked_at,
        )


class CreatedApiKey(Out):
    """A key just made. `key` is what its holder sends; it is shown this once."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "apiKey": {**_EXAMPLE, "lastUsedAt": None},
                    "key": "lp_test_K7QWERTZ2345ABCD_EXAMPLE-EXAMPLE-EXAMPLE-EXAMPLE-EXAMPLE-EXA",
                }
            ]
        }
    )

    api_key: ApiKey
    key: str = Field(description="Keep it: only a hash of it is stored.")

    @classmethod
    def of(cls, key: key_model.ApiKey, token: KeyToken) -> Self:
        """Shape a key and what its holder sends."""
        return cls(api_key=ApiKey.of(key), key=token.text)
