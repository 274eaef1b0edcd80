"""`presswork user`: the people who sign in to the console."""

from typing import Annotated, Final
from uuid import UUID

import typer

from presswork.cli.actor import here
from presswork.cli.address import base_url
from presswork.cli.database import run_on_database
from presswork.cli.options import AsJSON, DataDir, OnlyOrg, Wide
from presswork.cli.output import print_alone, print_json, print_result, print_table
from presswork.cli.run.data_dir_lock import find_running
from presswork.cli.table import Layout
from presswork.core.clock import SystemClock
from presswork.core.errors import FieldError, Invalid, Issue
from presswork.core.ids import ORGANIZATION, PROJECT, USER, parse_id, public_id
from presswork.core.settings import Settings
from presswork.core.timestamps import write_instant
from presswork.db.pool import Connection
from presswork.people.command_line import invite_to, link_for, set_status
from presswork.people.invite import link_of, mail_link
from presswork.people.model import Role, User, UserStatus, normal_email
from presswork.people.store import list_all_users
from presswork.projects.store import organization_name

app: Final = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Invite people, make one-time links, list and disable users."
)

_NAME_CHARACTERS: Final = 200
Who = Annotated[str, typer.Argument(metavar="USER", help="E-mail address, or user id (usr_…).")]
InOrg = Annotated[
    str | None,
    typer.Option("--org", metavar="NAME", help="Organization of the user, if several have one with this address."),
]


@app.command()
def invite(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="E-mail address of the person.")],
    org: Annotated[
        str, typer.Option("--org", metavar="NAME", help="Organization of the user; created if it does not exist.")
    ],
    role: Annotated[
        Role, typer.Option("--role", metavar="ROLE", help=f"What the person may do: {', '.join(Role)}.")
    ] = Role.VIEWER,
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="Name of the person.")] = "",
    project: Annotated[
        list[str] | None,
        typer.Option(
            "--project", metavar="ID", help="Project that the person sees; can be repeated.", show_default="all"
        ),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Invite a person. The one-time link is the only line on standard output; it is e-mailed if PRESSWORK_SMTP_URL is set."""

    async def work(connection: Connection, settings: Settings) -> tuple[User, str, bool]:
        address, projects = _checked(email, name, project)
        user, token = await invite_to(
            connection,
            org,
            email=address,
            name=name.strip(),
            role=role,
            project_ids=projects,
            by=here(),
            now=SystemClock().now(),
        )
        return await _with_link(connection, settings, user, token)

    _print_link(*run_on_database(work, data_dir=data_dir, as_json=as_json), as_json=as_json)


@app.command()
def link(user: Who, org: InOrg = None, data_dir: DataDir = None, as_json: AsJSON = False) -> None:
    """Make a one-time link with which a user sets a password and signs in. It replaces the former link."""

    async def work(connection: Connection, settings: Settings) -> tuple[User, str, bool]:
        now = SystemClock().now()
        found, token = await link_for(connection, user, organization=org, by=here(), now=now)
        return await _with_link(connection, settings, found, token)

    _print_link(*run_on_database(work, data_dir=data_dir, as_json=as_json), as_json=as_json)


@app.command()
def disable(user: Who, org: InOrg = None, data_dir: DataDir = None, as_json: AsJSON = False) -> None:
    """Disable a user. All its sessions end at once, on every API process."""
    _set(user, UserStatus.DISABLED, org=org, data_dir=data_dir, as_json=as_json)


@app.command()
def enable(user: Who, org: InOrg = None, data_dir: DataDir = None, as_json: AsJSON = False) -> None:
    """Let a disabled user sign in again."""
    _set(user, UserStatus.ACTIVE, org=org, data_dir=data_dir, as_json=as_json)


@app.command("list")
def list_all(org: OnlyOrg = None, wide: Wide = False, data_dir: DataDir = None, as_json: AsJSON = False) -> None:
    """List users, oldest first."""
    now = SystemClock().now()
    rows = run_on_database(
        lambda connection, _: list_all_users(connection, organization=org, now=now),
        data_dir=data_dir,
        as_json=as_json,
    )
    if as_json:
        print_json({"items": [{**_as_json(user), "organization": name} for name, user in rows]})
        return
    print_table(
        ("user", "email", "name", "organization", "role", "projects", "status", "last seen"),
        [
            [
                public_id(USER, user.id),
                user.email,
                user.name,
                name,
                user.role.value,
                "all" if user.project_ids is None else len(user.project_ids),
                user.status.value,
                None if user.last_seen_at is None else write_instant(user.last_seen_at),
            ]
            for name, user in rows
        ],
        empty="There are no such users. Invite one with `presswork user invite EMAIL --org NAME`.",
        layout=Layout(
            drop=("projects", "last seen", "name", "organization", "user"), cut=("email", "name", "organization")
        ),
        wide=wide,
    )


def _set(user: str, status: UserStatus, *, org: str | None, data_dir: DataDir, as_json: bool) -> None:
    now = SystemClock().now()
    changed = run_on_database(
        lambda connection, _: set_status(connection, user, status, organization=org, by=here(), now=now),
        data_dir=data_dir,
        as_json=as_json,
    )
    print_result(_as_json(changed), f"{changed.email} is {changed.status.value}.", as_json=as_json)


async def _with_link(connection: Connection, settings: Settings, user: User, token: str) -> tuple[User, str, bool]:
    """Return a user with its link and whether it was e-mailed."""
    running = find_running(settings.data_dir)
    url = link_of(base_url(settings, otherwise=running.url if running else None), token)
    name = await organization_name(connection, user.organization_id)
    return user, url, await mail_link(settings, user, url, organization=name or "")


def _print_link(user: User, url: str, is_emailed: bool, *, as_json: bool) -> None:
    if as_json:
        print_json({"user": _as_json(user), "link": url, "emailed": is_emailed})
        return
    sent = "It was sent by e-mail." if is_emailed else "Pass it on."
    print_alone(url, f"The link of {user.email} ({user.role.value}) works once, for 72 hours. {sent}")


def _checked(email: str, name: str, projects: list[str] | None) -> tuple[str, tuple[UUID, ...] | None]:
    """Return the values as they are stored. Raises Invalid with all issues, as the API does."""
    issues, address, found = [], "", []
    try:
        address = normal_email(email)
    except FieldError as error:
        issues.append(Issue.at("email", str(error), error.code))
    if len(name) > _NAME_CHARACTERS:
        issues.append(Issue("name", f"The name must have at most {_NAME_CHARACTERS} characters.", "bad_name"))
    for text in projects or []:
        try:
            found.append(parse_id(PROJECT, text, is_bare_allowed=True))
        except FieldError as error:
            issues.append(Issue.at("project", str(error), error.code))
    if issues:
        raise Invalid(issues)
    return address, tuple(found) if projects else None


def _as_json(user: User) -> dict[str, object]:
    projects = user.project_ids
    return {
        "id": public_id(USER, user.id),
        "organizationId": public_id(ORGANIZATION, user.organization_id),
        "email": user.email,
        "name": user.name or None,
        "role": user.role.value,
        "projectIds": None if projects is None else [public_id(PROJECT, project_id) for project_id in projects],
        "status": user.status.value,
        "lastSeenAt": None if user.last_seen_at is None else write_instant(user.last_seen_at),
        "createdAt": write_instant(user.created_at),
    }
