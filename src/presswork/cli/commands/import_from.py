"""`presswork import-from`: move accounts and queued posts from another product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from presswork.cli.client.choose import project_of
from presswork.cli.client.command import Project, on_server, one_of
from presswork.cli.client.foreign.products import PRODUCTS, read_files
from presswork.cli.client.login import NotPossible
from presswork.cli.client.take_over import find_places, take_over
from presswork.cli.command import Commands, Output
from presswork.cli.options import AsJSON, argument, option

if TYPE_CHECKING:
    from presswork_client import Presswork

commands: Final = Commands(on_server)


@commands.command("import-from")
def import_from(
    client: Presswork,
    product: str = argument("PRODUCT", "postiz, mixpost, buffer or ayrshare.", ...),
    files: list[str] = argument("FILE", "Answers of its API, as docs/move-to-presswork.md says.", ...),
    customers: list[str] | None = option(
        "--customer NAME=PROJECT", "Project of a customer there, by its name or id; can be repeated."
    ),
    create_projects: bool = option("--create-projects", "Create a project for each customer that has none.", False),
    accounts: list[str] | None = option(
        "--account ID=ACCOUNT", "Account here of one there, where its handle differs; can be repeated."
    ),
    timezone: str = option("--timezone ZONE", "Zone of times without an offset.", "UTC"),
    as_text: bool = option("--as-text", "Take over posts as texts where the files do not have their media.", False),
    dry_run: bool = option("--dry-run", "Show what would be done, and write nothing.", False),
    project: Project = None,
    as_json: AsJSON = False,
) -> Output:
    """Take over accounts, queued posts and drafts from another product. Each post is taken over once, however often it runs.

    Accounts that are not connected get one connect link per project; their posts wait for the next run.

    Exit status 0: no post has a problem. 1: refused, or a post can't be taken over.
    """
    _ = as_json  # of the output
    export = read_files(one_of(list(PRODUCTS), product, "product"), files, _read_zone(timezone), is_text_enough=as_text)
    has_customers = any(one.customer is not None for one in export.accounts)
    places = find_places(
        client,
        product,
        export,
        project_of(client, project) if project is not None or not has_customers else None,
        {name: project_of(client, wanted) for name, wanted in _read_pairs(customers, "--customer").items()},
        _read_pairs(accounts, "--account"),
        creates_projects=create_projects,
        is_dry_run=dry_run,
    )
    return take_over(client, product, export, places, now=datetime.now(UTC), is_dry_run=dry_run)


def _read_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise NotPossible(f"{name} is not a time zone. Pass one like Europe/Lisbon.") from error


def _read_pairs(texts: Sequence[str] | None, name: str) -> Mapping[str, str]:
    pairs = {}
    for text in texts or []:
        key, sign, value = text.rpartition("=")
        if not sign or not key:
            raise NotPossible(f"{name} {text} has no value. Write {name} NAME=VALUE.")
        pairs[key] = value
    return pairs
