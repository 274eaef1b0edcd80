"""`presswork layer`: create and list layers of any organization."""

import json
from typing import Annotated, Final
from uuid import UUID

import typer
from pydantic import JsonValue, TypeAdapter, ValidationError

from presswork.accounts.layers import Layer, config_text, create_layer, list_all_layers
from presswork.accounts.model import MANAGED_TEMPLATE
from presswork.cli.commands.project import project_and_owner
from presswork.cli.database import run_on_database
from presswork.cli.options import AsJSON, DataDir, OnlyOrg, Wide
from presswork.cli.output import plain_refusals, print_items, print_result
from presswork.cli.table import Layout
from presswork.core.clock import SystemClock
from presswork.core.errors import Invalid, Issue
from presswork.core.ids import ACCOUNT, LAYER, PROJECT, parse_id, public_id
from presswork.core.settings import Settings
from presswork.core.timestamps import write_instant
from presswork.db.pool import Connection

app: Final = typer.Typer(add_completion=False, no_args_is_help=True, help="Create and list layers.")

_CONFIG: Final[TypeAdapter[dict[str, JsonValue]]] = TypeAdapter(dict[str, JsonValue])


@app.command()
def create(
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="Project of the accounts, prj_….")],
    account: Annotated[
        list[str] | None, typer.Option("--account", metavar="ID", help="Account to include, sa_…; can be repeated.")
    ] = None,
    provider: Annotated[
        str | None, typer.Option("--provider", metavar="NAME", help="Set config.provider.", show_default=False)
    ] = None,
    template: Annotated[
        str, typer.Option("--template", metavar="UUID", help="Template; the default is managed distribution.")
    ] = str(MANAGED_TEMPLATE),
    config: Annotated[str, typer.Option("--config", metavar="JSON", help="Configuration object.")] = "{}",
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Create a layer with accounts of a project."""

    async def work(connection: Connection, _: Settings) -> Layer:
        settled = _config(config, provider)
        template_id = _template(template)
        account_ids = [_id(ACCOUNT, text, "account") for text in account or []]
        project_id, owner = await project_and_owner(connection, project)
        async with connection.transaction():
            return await create_layer(
                connection,
                project_id,
                template_id=template_id,
                config=settled,
                account_ids=account_ids,
                owner=owner,
                now=SystemClock().now(),
            )

    layer = run_on_database(work, data_dir=data_dir, as_json=as_json)
    print_result(_as_json(layer), public_id(LAYER, layer.id), as_json=as_json)


@app.command("list")
def list_all(
    org: OnlyOrg = None,
    project: Annotated[
        str | None, typer.Option("--project", metavar="PROJECT", help="Show this project only.", show_default=False)
    ] = None,
    wide: Wide = False,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """List layers, oldest first, with the number of their accounts."""
    with plain_refusals(as_json=as_json):
        project_id = None if project is None else _id(PROJECT, project, "project")
    rows = run_on_database(
        lambda connection, _: list_all_layers(connection, organization=org, project_id=project_id),
        data_dir=data_dir,
        as_json=as_json,
    )
    items = [
        {
            "id": public_id(LAYER, row["id"]),
            "organization": row["organization"],
            "environment": row["environment"],
            "projectId": public_id(PROJECT, row["project_id"]),
            "templateId": str(row["template_id"]),
            "provider": row["provider"],
            "accounts": row["accounts"],
            "createdAt": write_instant(row["created_at"]),
        }
        for row in rows
    ]
    print_items(
        ("layer", "organization", "environment", "project", "template", "provider", "accounts", "created"),
        items,
        empty="There are no such layers. Create one with `presswork layer create PROJECT --provider NAME --account ID`.",
        as_json=as_json,
        layout=Layout(
            drop=("created", "template", "project", "environment", "accounts", "organization"),
            cut=("organization", "provider"),
        ),
        wide=wide,
    )


def _id(prefix: str, text: str, place: str) -> UUID:
    try:
        return parse_id(prefix, text, is_bare_allowed=True)
    except ValueError as error:
        raise Invalid([Issue.at(place, str(error), "bad_id")]) from error


def _template(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid([Issue("template", "The template must be a UUID.", "bad_template")]) from error


def _config(text: str, provider: str | None) -> dict[str, JsonValue]:
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


def _as_json(layer: Layer) -> dict[str, object]:
    return {
        "id": public_id(LAYER, layer.id),
        "projectId": public_id(PROJECT, layer.project_id),
        "templateId": str(layer.template_id),
        "config": json.loads(layer.config),
        "socialAccountIds": [public_id(ACCOUNT, account_id) for account_id in layer.social_account_ids],
        "createdAt": write_instant(layer.created_at),
        "updatedAt": write_instant(layer.updated_at),
    }
