"""`presswork layer`: create and list layers of any organization."""

import json
from typing import Final
from uuid import UUID

from pydantic import JsonValue, TypeAdapter, ValidationError

from presswork.accounts.layers import Layer, config_text, create_layer, list_all_layers
from presswork.accounts.model import MANAGED_TEMPLATE
from presswork.cli.administration import Admin, on_database, read_id
from presswork.cli.command import Commands, Output, sentences, table_of_objects
from presswork.cli.commands.project import project_and_owner
from presswork.cli.options import OnlyOrg, argument, option
from presswork.core.errors import Invalid, Issue
from presswork.core.ids import ACCOUNT, LAYER, PROJECT, public_id

commands: Final = Commands(on_database, "Create and list layers.")

_CONFIG: Final[TypeAdapter[dict[str, JsonValue]]] = TypeAdapter(dict[str, JsonValue])


@commands.command()
async def create(
    admin: Admin,
    project: str = argument("PROJECT", "Project of the accounts, prj_….", ...),
    account: list[str] | None = option("--account ID", "Account to include, sa_…; can be repeated."),
    provider: str | None = option("--provider NAME", "Set config.provider."),
    template: str = option("--template UUID", "Template; the default is managed distribution.", str(MANAGED_TEMPLATE)),
    config: str = option("--config JSON", "Configuration object.", "{}"),
) -> Output:
    """Create a layer with accounts of a project."""
    settled = _read_config(config, provider)
    template_id = _read_template(template)
    account_ids = [read_id(ACCOUNT, text, "account") for text in account or []]
    project_id, owner = await project_and_owner(admin, project)
    async with admin.connection.transaction():
        layer = await create_layer(
            admin.connection,
            project_id,
            template_id=template_id,
            config=settled,
            account_ids=account_ids,
            owner=owner,
            now=admin.now,
        )
    return sentences(_describe_layer(layer), public_id(LAYER, layer.id))


@commands.listing("list")
async def list_all(
    admin: Admin, org: OnlyOrg = None, project: str | None = option("--project PROJECT", "Show this project only.")
) -> Output:
    """List layers, oldest first, with the number of their accounts."""
    project_id = None if project is None else read_id(PROJECT, project, "project")
    return table_of_objects(
        ("layer", "organization", "environment", "project", "template", "provider", "accounts", "created"),
        [
            {
                "id": public_id(LAYER, row["id"]),
                "organization": row["organization"],
                "environment": row["environment"],
                "projectId": public_id(PROJECT, row["project_id"]),
                "templateId": str(row["template_id"]),
                "provider": row["provider"],
                "accounts": row["accounts"],
                "createdAt": row["created_at"],
            }
            for row in await list_all_layers(admin.connection, organization=org, project_id=project_id)
        ],
        empty="There are no such layers. Create one with `presswork layer create PROJECT --provider NAME --account ID`.",
        drop=("created", "template", "project", "environment", "accounts", "organization"),
        cut=("organization", "provider"),
    )


def _read_template(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid([Issue("template", "The template must be a UUID.", "bad_template")]) from error


def _read_config(text: str, provider: str | None) -> dict[str, JsonValue]:
    """Return the configuration with the provider. Raises Invalid if it is not a JSON object, or too large."""
    try:
        config = _CONFIG.validate_json(text)
        if provider is not None:
            config["provider"] = provider
        config_text(config)
    except ValidationError as error:
        raise Invalid([Issue("config", "The configuration must be a JSON object.", "bad_config")]) from error
    except ValueError as error:
        raise Invalid([Issue.at("config", str(error), "bad_config")]) from error
    return config


def _describe_layer(layer: Layer) -> dict[str, object]:
    return {
        "id": public_id(LAYER, layer.id),
        "projectId": public_id(PROJECT, layer.project_id),
        "templateId": str(layer.template_id),
        "config": json.loads(layer.config),
        "socialAccountIds": [public_id(ACCOUNT, account_id) for account_id in layer.social_account_ids],
        "createdAt": layer.created_at,
        "updatedAt": layer.updated_at,
    }
