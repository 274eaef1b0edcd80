"""Request and response bodies of the layer routes."""

from collections.abc import Sequence
from typing import Annotated, Final
from uuid import UUID

from pydantic import AfterValidator, Field, JsonValue
from pydantic.config import JsonDict

from presswork.accounts.layers import MAX_ACCOUNTS, config_text
from presswork.api.http.body import FromDomain, In, Out, with_examples
from presswork.api.http.ids import AccountRef, LayerRef, ProjectRef
from presswork.api.http.stored_json import StoredObject
from presswork.core.timestamps import Instant
from presswork.projects.model import MAX_METADATA_BYTES

_ACCOUNT: Final = "sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"
_NEW: Final[JsonDict] = {
    "templateId": "af058068-ad85-4fb8-92a1-f531b40bfcbc",
    "config": {"provider": "sandbox"},
    "socialAccountIds": [_ACCOUNT],
}
_LAYER: Final[JsonDict] = {
    "id": "lay_0191f3a2-7d2e-7c11-8a0b-4e5f6a7b8c9d",
    "projectId": "prj_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
    **_NEW,
    "createdAt": "2026-11-24T18:30:00.000Z",
    "updatedAt": "2026-11-24T18:30:00.000Z",
}


def _require_storable(config: dict[str, JsonValue]) -> dict[str, JsonValue]:
    config_text(config)
    return config


Config = Annotated[dict[str, JsonValue], AfterValidator(_require_storable)]
AccountRefs = Annotated[list[AccountRef], Field(max_length=MAX_ACCOUNTS)]
_TEMPLATE_TEXT: Final = "Purpose of the layer. `af058068-ad85-4fb8-92a1-f531b40bfcbc` is managed distribution."
_CONFIG_TEXT: Final = (
    f"Any JSON object of at most {MAX_METADATA_BYTES} bytes. For managed distribution, `provider` names the provider."
)


class NewLayer(In):
    """Parameters of a new layer."""

    model_config = with_examples(_NEW)

    template_id: UUID = Field(description=_TEMPLATE_TEXT)
    config: Config = Field(default_factory=dict, description=_CONFIG_TEXT)
    social_account_ids: AccountRefs = Field(
        default_factory=list, description="Connected accounts of the project that are not in another layer."
    )


class LayerPatch(In):
    """Changes to a layer. A field that is left out is not changed."""

    model_config = with_examples({"config": {"provider": "sandbox"}})

    template_id: UUID = Field(default_factory=lambda: UUID(int=0), description=_TEMPLATE_TEXT)
    config: Config = Field(default_factory=dict, description=f"{_CONFIG_TEXT} Replaces the whole object.")
    social_account_ids: AccountRefs = Field(
        default_factory=list,
        description="All accounts of the layer after the change; other accounts are removed from it. An account that is "
        "already in the layer may have any status.",
    )


class Layer(FromDomain):
    """Accounts of a project that share a configuration."""

    model_config = with_examples(_LAYER)

    id: LayerRef
    project_id: ProjectRef
    template_id: UUID
    config: StoredObject
    social_account_ids: Sequence[AccountRef] = Field(
        description="In the order in which the accounts were first connected."
    )
    created_at: Instant
    updated_at: Instant


class DeletedLayer(Out):
    """A layer that was deleted."""

    model_config = with_examples(
        {"id": _LAYER["id"], "releasedSocialAccountIds": [_ACCOUNT], "deletedAt": "2026-11-24T18:30:00.000Z"}
    )

    id: LayerRef
    released_social_account_ids: Sequence[AccountRef] = Field(description="Accounts that were in the layer.")
    deleted_at: Instant
