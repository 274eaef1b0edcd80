"""`presswork user`: the people who sign in to the console."""

from typing import Final
from uuid import UUID

from presswork.cli.administration import MAX_NAME_CHARACTERS, Admin, on_database
from presswork.cli.command import Commands, Output, sentences, table_of_rows, value_alone
from presswork.cli.options import OnlyOrg, argument, option
from presswork.cli.run.data_dir_lock import find_running
from presswork.cli.sockets import base_url
from presswork.core.errors import FieldError, Invalid, Issue
from presswork.core.ids import ORGANIZATION, PROJECT, USER, parse_id, public_id
from presswork.core.timestamps import write_instant
from presswork.people.command_line import invite_to, link_for, remove_factors, set_status
from presswork.people.invite import link_of, mail_link
from presswork.people.model import Role, User, UserStatus, normal_email
from presswork.people.security_mail import FactorChange, mail_change
from presswork.people.store import list_all_users
from presswork.projects.store import organization_name

commands: Final = Commands(on_database, "Invite people, make one-time links, list and disable users.")

_ROLES: Final = ", ".join(Role)
_USER: Final = argument("USER", "E-mail address, or user id (usr_…).", ...)
_ORG: Final = option("--org NAME", "Organization of the user, if several have one with this address.")


@commands.command()
async def invite(
    admin: Admin,
    email: str = argument("EMAIL", "E-mail address of the person.", ...),
    org: str = option("--org NAME", "Organization of the user; created if it does not exist.", ...),
    role: Role = option("--role ROLE", f"What the person may do: {_ROLES}.", Role.VIEWER),
    name: str = option("--name TEXT", "Name of the person.", ""),
    project: list[str] | None = option(
        "--project ID", "Project that the person sees; can be repeated.", show_default="all"
    ),
) -> Output:
    """Invite a person. The one-time link is the only line on standard output; it is e-mailed if PRESSWORK_SMTP_URL is set."""
    address, project_ids = _read_person(email, name, project)
    user, token = await invite_to(
        admin.connection,
        org,
        email=address,
        name=name.strip(),
        role=role,
        project_ids=project_ids,
        by=admin.by,
        now=admin.now,
    )
    return await _send_link(admin, user, token)


@commands.command()
async def link(admin: Admin, user: str = _USER, org: str | None = _ORG) -> Output:
    """Make a one-time link with which a user sets a password and signs in. It replaces the former link."""
    found, token = await link_for(admin.connection, user, organization=org, by=admin.by, now=admin.now)
    return await _send_link(admin, found, token)


@commands.command()
async def disable(admin: Admin, user: str = _USER, org: str | None = _ORG) -> Output:
    """Disable a user. All its sessions end at once, on every API process."""
    return await _set_status(admin, user, UserStatus.DISABLED, org)


@commands.command()
async def enable(admin: Admin, user: str = _USER, org: str | None = _ORG) -> Output:
    """Let a disabled user sign in again."""
    return await _set_status(admin, user, UserStatus.ACTIVE, org)


@commands.listing("list")
async def list_all(admin: Admin, org: OnlyOrg = None) -> Output:
    """List users, oldest first."""
    users = await list_all_users(admin.connection, organization=org, now=admin.now)
    return table_of_rows(
        ("user", "email", "name", "organization", "role", "projects", "status", "last seen"),
        [
            [
                public_id(USER, user.id),
                user.email,
                user.name,
                name,
                user.role,
                "all" if user.project_ids is None else len(user.project_ids),
                user.status,
                None if user.last_seen_at is None else write_instant(user.last_seen_at),
            ]
            for name, user in users
        ],
        document={"items": [{**_describe_user(user), "organization": name} for name, user in users]},
        empty="There are no such users. Invite one with `presswork user invite EMAIL --org NAME`.",
        drop=("projects", "last seen", "name", "organization", "user"),
        cut=("email", "name", "organization"),
    )


@commands.command("reset-second-factor")
async def reset_second_factor(admin: Admin, user: str = _USER, org: str | None = _ORG) -> Output:
    """Remove the authenticator app, the passkeys and the recovery codes of a user who has lost them. All sessions of the user end."""
    changed, count = await remove_factors(admin.connection, user, organization=org, by=admin.by, now=admin.now)
    await mail_change(admin.settings, changed, FactorChange.RESET)
    removed = "no second factor" if count == 0 else f"{count} second factor{'s' if count > 1 else ''}"
    return sentences(
        {**_describe_user(changed), "removed": count},
        f"{changed.email} had {removed}; the user now signs in without one.",
    )


async def _set_status(admin: Admin, user: str, status: UserStatus, org: str | None) -> Output:
    changed = await set_status(admin.connection, user, status, organization=org, by=admin.by, now=admin.now)
    return sentences(_describe_user(changed), f"{changed.email} is {changed.status}.")


async def _send_link(admin: Admin, user: User, token: str) -> Output:
    """E-mail a link if that is set up, and print it."""
    running = find_running(admin.settings.data_dir)
    url = link_of(base_url(admin.settings, otherwise=running.url if running else None), token)
    organization = await organization_name(admin.connection, user.organization_id)
    is_emailed = await mail_link(admin.settings, user, url, organization=organization or "")
    sent = "It was sent by e-mail." if is_emailed else "Pass it on."
    return value_alone(
        {"user": _describe_user(user), "link": url, "emailed": is_emailed},
        url,
        f"The link of {user.email} ({user.role}) works once, for 72 hours. {sent}",
    )


def _read_person(email: str, name: str, projects: list[str] | None) -> tuple[str, tuple[UUID, ...] | None]:
    """Return address and projects as they are stored. Raises Invalid with all issues, as the API does."""
    issues, address, found = [], "", []
    try:
        address = normal_email(email)
    except FieldError as error:
        issues.append(Issue.at("email", str(error), error.code))
    if len(name) > MAX_NAME_CHARACTERS:
        issues.append(Issue("name", f"The name must have at most {MAX_NAME_CHARACTERS} characters.", "bad_name"))
    for text in projects or []:
        try:
            found.append(parse_id(PROJECT, text, is_bare_allowed=True))
        except FieldError as error:
            issues.append(Issue.at("project", str(error), error.code))
    if issues:
        raise Invalid(issues)
    return address, tuple(found) if projects else None


def _describe_user(user: User) -> dict[str, object]:
    projects = user.project_ids
    return {
        "id": public_id(USER, user.id),
        "organizationId": public_id(ORGANIZATION, user.organization_id),
        "email": user.email,
        "name": user.name or None,
        "role": user.role,
        "projectIds": None if projects is None else [public_id(PROJECT, project_id) for project_id in projects],
        "status": user.status,
        "lastSeenAt": user.last_seen_at,
        "createdAt": user.created_at,
    }
