"""`presswork accounts` and `connect`: list the accounts of a project, and connect one, whose owner approves it in a browser."""

from __future__ import annotations

import sys
import time
import webbrowser
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, get_args

import typer

from presswork.cli.client.choose import accounts_of, complete_account, project_of
from presswork.cli.client.command import (
    INTERRUPTED_STATUS,
    Limit,
    Project,
    calling,
    given,
    on_server,
    one_if_given,
    one_of,
)
from presswork.cli.client.login import NotPossible
from presswork.cli.client.show import account_name, modes_of, reasons_of, table_of
from presswork.cli.command import Commands, Output
from presswork.cli.options import AsJSON, argument, option
from presswork.cli.output import console, plain_refusals, print_alone, print_json, say
from presswork.cli.table import local_time
from presswork.core.errors import Conflict
from presswork_client import choices

if TYPE_CHECKING:
    from presswork_client import OAuthUrl, Presswork, SocialAccount

commands: Final = Commands(on_server)

_PLATFORMS: Final = get_args(choices.PlatformName)
_PLATFORM_NAMES: Final = " or ".join(_PLATFORMS)
_LOGINS: Final = get_args(choices.LoginName)
_ENVIRONMENTS: Final = get_args(choices.Environment)
_POLL_SECONDS: Final = 1.0
_AGAIN: Final = "Run the command again for a new login."
_FAILURES: Final[Mapping[str, str]] = {
    "access_denied": f"The login was denied on the platform's page. {_AGAIN}",
    "expired_state": f"The login was not approved in time: its page is valid for ten minutes. {_AGAIN}",
    "state_used": f"The login was used twice. {_AGAIN}",
    "exchange_failed": "The platform did not complete the login. Check the app's credentials with `presswork doctor` on the "
    "server, then run the command again.",
    "no_account": "The login gives access to no account that supports publishing. Use a business or creator account and "
    "grant every permission, then run the command again.",
    "platform_unavailable": f"The platform did not respond, or is not configured on the server. {_AGAIN}",
    "project_archived": "The project was archived meanwhile. Select another one with --project.",
    "link_expired": "The connect link expired meanwhile. Make a new one.",
    "link_revoked": "The connect link was revoked meanwhile. Make a new one.",
    "link_used_up": "The connect link was used up meanwhile. Make a new one.",
    "account_disconnected": "The account was disconnected meanwhile. Connect it with a new login.",
    "plan_limit": "The organization has as many accounts as it may. Disconnect one, or have the limit raised.",
    "key_revoked": "The API key was revoked meanwhile. Run `presswork login` with another one.",
}


class LoginFailed(Conflict):
    """The login ended without a connected account."""

    def __init__(self, failure: str) -> None:
        super().__init__(_FAILURES.get(failure, f"The login failed ({failure}). {_AGAIN}"), error=failure)


@commands.listing("accounts")
def list_accounts(
    client: Presswork,
    platform: str | None = option("--platform PLATFORM", "Show this platform only, such as instagram."),
    status: str | None = option(
        "--status STATUS", "Show this status only: connected, reauth_required or disconnected."
    ),
    limit: Limit = 100,
    project: Project = None,
) -> Output:
    """List the accounts of a project, in the order of their first connection, with the modes that they are ready for."""
    page = client.social_accounts.list(
        project_id=project_of(client, project),
        platform=one_if_given(_PLATFORMS, platform, "platform"),
        status=one_if_given(get_args(choices.AccountStatus), status, "status"),
        limit=limit,
    )
    return table_of(
        page.items,
        {
            "account": lambda one: one.social_account_id,
            "platform": lambda one: one.platform,
            "handle": lambda one: f"@{one.handle}",
            "status": lambda one: one.status,
            "ready for": modes_of,
            "display name": lambda one: one.display_name,
            "not ready for": reasons_of,
            "layer": lambda one: one.layer_id,
            "connected": lambda one: one.connected_at,
        },
        empty="There are no such accounts. Connect one with `presswork connect`.",
        drop=("layer", "connected", "not ready for", "display name"),
        cut=("display name",),
        below=("ready for",),
    )


@commands.listing("boards")
def list_boards(
    client: Presswork,
    account: str = argument("ACCOUNT", "@handle, pinterest:@handle or sa_….", ..., autocompletion=complete_account),
    limit: Limit = 100,
    project: Project = None,
) -> Output:
    """List the boards of a Pinterest account, with the ids that `pinterestPostSettings.boardId` accepts."""
    (found,) = accounts_of(client, project_of(client, project), [account])
    page = client.social_accounts.list_boards(social_account_id=found.social_account_id, limit=limit)
    return table_of(
        page.items,
        {"board": lambda one: one.id, "name": lambda one: one.name},
        empty=f"{account_name(found)} has no boards.",
        cut=("name",),
    )


@commands.listing("playlists")
def list_playlists(
    client: Presswork,
    account: str = argument("ACCOUNT", "@handle, youtube:@handle or sa_….", ..., autocompletion=complete_account),
    project: Project = None,
) -> Output:
    """List the playlists that a YouTube account has made, with the ids that `youtubePostSettings.playlistIds` accepts."""
    (found,) = accounts_of(client, project_of(client, project), [account])
    page = client.social_accounts.list_playlists(social_account_id=found.social_account_id)
    return table_of(
        page.items,
        {"playlist": lambda one: one.id, "title": lambda one: one.title},
        empty=f"{account_name(found)} has no playlists.",
        cut=("title",),
    )


@commands.app.command()  # not a function of a client: a dry run needs the settings of the server, and no login
def connect(
    platform: str | None = option("--platform PLATFORM", f"{_PLATFORM_NAMES}.", show_default="prompt"),
    login: str | None = option("--login LOGIN", "`facebook` connects an Instagram account by Facebook Login."),
    host: str | None = option("--host HOST", "Server of a Mastodon account.", show_default="PRESSWORK_MASTODON_URL"),
    do_open: bool = option("--open", "Open the page in a browser on this machine.", False),
    env: str | None = option("--env ENV", "Require an API key of this environment: test or live."),
    dry_run: bool = option(
        "--dry-run",
        "With --env live, on the server: print the authorize URL and the redirect URI, and check each part.",
        False,
    ),
    app: str | None = option("--app APP", "With --dry-run: check a login by this platform app of a customer, app_…."),
    project: Project = None,
    as_json: AsJSON = False,
) -> None:
    """Connect an account: print the page where its owner approves it, wait, and print the connected account.

    The id of the account is the only line on standard output, or there is a line for each of several. Exit status 1: the login was denied, expired or failed.
    """
    if dry_run:
        _check_live_login(platform, login, env, app, as_json=as_json)
        return
    if app is not None:
        with plain_refusals(as_json=as_json):
            raise NotPossible("--app needs --dry-run: a login uses the app of its project.")
    with calling(as_json=as_json) as client:
        chosen = one_of(_PLATFORMS, platform or _ask_platform(), "platform")
        if env is not None and client.service.whoami().environment != one_of(_ENVIRONMENTS, env, "environment"):
            raise NotPossible(f"The API key is not of the environment {env}. Run `presswork login` with one that is.")
        begun = client.social_accounts.create_oauth_url(
            project_id=project_of(client, project),
            platform=chosen,
            login=one_if_given(_LOGINS, login, "login"),
            host=given(host),
        )
        try:
            accounts = _wait_for_login(client, begun, do_open=do_open)
        except KeyboardInterrupt:
            say(
                f"Stopped waiting. The page is valid until {local_time(begun.expires_at)}; `presswork accounts` lists accounts."
            )
            raise typer.Exit(INTERRUPTED_STATUS) from None
    if as_json:
        print_json(accounts[0].raw if len(accounts) == 1 else {"items": [account.raw for account in accounts]})
        return
    for account in accounts:
        modes = ", ".join(modes_of(account)) or "no mode yet: see `presswork accounts --wide`"
        print_alone(account.social_account_id, f"Connected {account_name(account)}, ready for {modes}.")


def _check_live_login(
    platform: str | None, login: str | None, env: str | None, app: str | None, *, as_json: bool
) -> None:
    """Show what a live login would send, with the settings of this machine. Raises typer.Exit if a check fails."""
    from presswork.cli.doctor.live_login import preview  # noqa: PLC0415 - only this option needs the platforms

    with plain_refusals(as_json=as_json):
        if env != "live":
            raise NotPossible("A dry run checks a live login: pass --env live. Logins of test projects need no set-up.")
        if platform is None and app is None:
            platform = _ask_platform()
        chosen = None if platform is None else one_of(_PLATFORMS, platform, "platform")
        wanted = None if login is None else one_of(_LOGINS, login, "login")
        checked = preview(chosen, wanted, app)
    checked.print(as_json=as_json)


def _ask_platform() -> str:
    if not sys.stdin.isatty():
        raise NotPossible(f"Pass --platform {' or --platform '.join(_PLATFORMS)}.")
    return str(typer.prompt(f"Platform ({', '.join(_PLATFORMS)})", err=True))


def _wait_for_login(client: Presswork, begun: OAuthUrl, *, do_open: bool) -> Sequence[SocialAccount]:
    """Show the page and wait until the login has ended. Raises LoginFailed."""
    is_opened = do_open and webbrowser.open(begun.authorize_url)
    say("The page is open in your browser:" if is_opened else "Open this page in a browser, and approve the account:")
    console(sys.stderr).print(begun.authorize_url, markup=False)
    say(f"Waiting until {local_time(begun.expires_at)}; Ctrl-C stops.")
    while True:
        status = client.social_accounts.get_oauth_status(state=begun.state)
        if status.social_account_ids:
            return [client.social_accounts.get(social_account_id=one) for one in status.social_account_ids]
        if status.status == "failed":
            raise LoginFailed(str(status.error))
        time.sleep(_POLL_SECONDS)
