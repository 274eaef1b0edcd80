"""Finds the Pages to which a person may publish.

Source: Meta, "Page access tokens" and "Page roles and tasks", read 2026-11.
"""

from typing import Final

from presswork.platforms.api_client import JsonObject
from presswork.platforms.facebook_pages.error_mapping import FACEBOOK
from presswork.platforms.graph.client import text_of
from presswork.platforms.graph.login import PageAccount, PageReading
from presswork.platforms.json_values import part_of

_TASK: Final = "CREATE_CONTENT"
"""The task on a Page that publishing requires."""


def _find_account(page: JsonObject) -> PageAccount | None:
    external_id, tasks = text_of(page.get("id")), page.get("tasks")
    if external_id is None or (isinstance(tasks, list) and _TASK not in tasks):
        return None
    return PageAccount(
        external_id=external_id,
        handle=text_of(page.get("username")) or external_id,
        display_name=text_of(page.get("name")),
        avatar_url=text_of(part_of(page, "picture", "data").get("url")),
    )


PAGES: Final = PageReading(
    brand=FACEBOOK,
    fields="id,name,username,access_token,tasks,picture",
    account_of=_find_account,
    no_account="None of the person's Facebook Pages lets them publish. Ask for a role on the Page with the task to create content, "
    "and tick the Page in the dialog.",
    reads_portfolios=True,
)
"""Pages themselves."""
