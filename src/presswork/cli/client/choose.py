"""Which project and which accounts a person means, by the words that people use."""

from collections.abc import Sequence
from typing import Final

from presswork.cli.client.login import Login, NotPossible, read_login
from presswork_client import Presswork
from presswork_client.models import SocialAccount

_MOST_NAMED: Final = 20


def project_of(client: Presswork, named: str | None, login: Login | None = None) -> str:
    """Return a project's id: the one that is named by id or name, else the login's, else the only one there is.

    Raises NotPossible where that is none or several.
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
            "There is no project yet. Make one with `presswork project create`."
            if named is None
            else f"There is no project named {named}. Give its id or another name."
        )
    names = ", ".join(f"{one.name} ({one.id})" for one in found[:_MOST_NAMED])
    raise NotPossible(f"There are several projects: {names}. Say which one with --project.")


def accounts_of(client: Presswork, project: str, wanted: Sequence[str]) -> Sequence[SocialAccount]:
    """Return the accounts that are wanted: `@handle`, `instagram:@handle`, or an id.

    Raises NotPossible, with all that can't be found at once.
    """
    there = [one for one in client.social_accounts.list(project_id=project) if one.status != "disconnected"]
    found, wrong = [], []
    for name in wanted:
        matching = [one for one in there if is_meant(one, name)]
        if len(matching) == 1:
            found.append(matching[0])
        elif not matching:
            wrong.append(f"there is no account {name}")
        else:
            several = " or ".join(f"{one.platform}:@{one.handle}" for one in matching)
            wrong.append(f"{name} may be {several}")
    if wrong:
        known = ", ".join(f"{one.platform}:@{one.handle}" for one in there[:_MOST_NAMED]) or "none"
        raise NotPossible(f"{'; '.join(wrong).capitalize()}. Connected accounts of this project: {known}.")
    return found


def is_meant(account: SocialAccount, name: str) -> bool:
    """Tell whether an account is what a person calls so."""
    if name.startswith("sa_"):
        return account.social_account_id == name
    platform, colon, handle = name.rpartition(":")
    is_platform = not colon or account.platform == platform
    return is_platform and account.handle.lower() == handle.removeprefix("@").lower()
