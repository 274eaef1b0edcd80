"""Finds the project and the accounts that a command names, also for the completion of a shell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import presswork_client
from presswork.cli.client.login import Login, NotPossible, read_login
from presswork.core.errors import PressworkError

if TYPE_CHECKING:
    from presswork_client import Presswork
    from presswork_client.models import SocialAccount

_MAX_NAMED: Final = 20
_COMPLETION_SECONDS: Final = 2.0


def project_of(client: Presswork, named: str | None, login: Login | None = None) -> str:
    """Return the id of the named project, else the project of the login, else the only project.

    Raises NotPossible if there is none, or more than one.
    """
    if named is not None and named.startswith("prj_"):
        return named
    kept = (login or read_login()).project
    if named is None and kept is not None:
        return kept
    found = [one for one in client.projects.list(status="active") if named is None or one.name == named]
    if len(found) == 1:
        return found[0].id
    if not found:
        raise NotPossible(
            "There is no project. Create one with `presswork project create`."
            if named is None
            else f"There is no project named {named}. `presswork projects` lists them."
        )
    names = ", ".join(f"{one.name} ({one.id})" for one in found[:_MAX_NAMED])
    raise NotPossible(f"There are several projects: {names}. Select one with --project.")


def queue_of(client: Presswork, project: str, named: str) -> str:
    """Return what a call sends for a queue: its id, or `default`. Raises NotPossible if no queue, or more than one, has the name."""
    if named == "default" or named.startswith("que_"):
        return named
    there = list(client.queues.list(project_id=project))
    found = [one.id for one in there if one.name.lower() == named.lower()]
    if len(found) == 1:
        return found[0]
    known = (
        ", ".join(f"{one.name} ({one.id})" for one in there[:_MAX_NAMED])
        or "none; create one with `presswork queues create`"
    )
    raise NotPossible(f"{named} is not one queue. Queues of this project: {known}.")


def accounts_of(client: Presswork, project: str, wanted: Sequence[str]) -> Sequence[SocialAccount]:
    """Return the named accounts: `@handle`, `instagram:@handle`, or an id.

    Raises NotPossible with all names that have no match, or several.
    """
    there = [one for one in client.social_accounts.list(project_id=project) if one.status != "disconnected"]
    found, wrong = [], []
    for name in wanted:
        matching = [one for one in there if is_named(one, name)]
        if len(matching) == 1:
            found.append(matching[0])
        elif not matching:
            wrong.append(f"there is no account {name}")
        else:
            several = " or ".join(f"{one.platform}:@{one.handle}" for one in matching)
            wrong.append(f"{name} matches {several}")
    if wrong:
        known = ", ".join(f"{one.platform}:@{one.handle}" for one in there[:_MAX_NAMED])
        advice = f"Accounts of this project: {known}." if known else "Connect one with `presswork connect`."
        sentence = "; ".join(wrong)
        raise NotPossible(f"{sentence[:1].upper()}{sentence[1:]}. {advice}")
    return found


def is_named(account: SocialAccount, name: str) -> bool:
    """Return whether a name refers to the account."""
    if name.startswith("sa_"):
        return account.social_account_id == name
    platform, colon, handle = name.rpartition(":")
    is_platform = not colon or account.platform == platform
    return is_platform and account.handle.lower() == handle.removeprefix("@").lower()


def complete_account(incomplete: str) -> Sequence[str]:
    """Return the accounts whose name starts with the text; none if the server does not respond soon."""
    try:
        login = read_login()
        with presswork_client.Presswork(
            api_key=login.key, base_url=login.url, timeout_seconds=_COMPLETION_SECONDS, max_retries=0
        ) as client:
            page = client.social_accounts.list(project_id=project_of(client, None, login))
            names = [name for one in page.items for name in (f"@{one.handle}", f"{one.platform}:@{one.handle}")]
    except (PressworkError, presswork_client.PressworkError):
        return []
    return [name for name in names if name.startswith(incomplete)]
