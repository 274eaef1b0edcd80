"""Create, change and delete people as an identity provider says. All of them are users: people/ has the rules."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from presswork.audit.model import Action
from presswork.callers.model import Principal
from presswork.core.errors import Conflict
from presswork.db.pool import Connection
from presswork.people.change_user import change_user
from presswork.people.invite import add_user
from presswork.people.model import EmailTaken, Role, RoleSource, User, UserChanges, UserStatus
from presswork.people.store import SQL as PEOPLE
from presswork.people.store import insert_link, record_about
from presswork.provisioning.assign_roles import assign_roles
from presswork.provisioning.model import DEFAULT_ROLE, Person, Profile, UserNameTaken
from presswork.provisioning.store import SQL, find_people, find_person


async def create_person(
    connection: Connection, profile: Profile, *, role_map: Mapping[str, Role], caller: Principal, now: datetime
) -> tuple[Person, tuple[User, str] | None]:
    """Add a person to the caller's organization, in the caller's transaction.

    Returns it, and for a new user that is active the user with the token of its one-time link. A person that the provider deleted is the
    same user again. Raises UserNameTaken, EmailTaken, and Conflict if the organization has as many users as it may have.
    """
    organization_id = caller.organization_id
    await connection.execute(PEOPLE["lock_organization"], organization_id)
    for found in await find_people(connection, organization_id, user_name=profile.user_name):
        raise UserNameTaken(found.user.id)
    invited = None
    user_id = await connection.fetchval(SQL["find_deleted"], organization_id, profile.user_name, profile.email)
    if user_id is None:
        user = await add_user(
            connection,
            organization_id=organization_id,
            email=profile.email,
            name=profile.name,
            role=DEFAULT_ROLE,
            project_ids=None,
            source=RoleSource.PROVISIONING,
            disabled_at=None if profile.is_active else now,
            by=caller.actor,
            now=now,
        )
        user_id = user.id
        if profile.is_active:
            invited = user, await insert_link(connection, user_id, now=now)
    person = await _write_profile(connection, user_id, profile, caller=caller, now=now)
    await assign_roles(connection, [user_id], role_map=role_map, caller=caller, now=now)
    return person, invited


async def change_person(
    connection: Connection,
    user_id: UUID,
    change: Callable[[Person], Profile],
    *,
    caller: Principal,
    now: datetime,
) -> Person:
    """Change a person, in the caller's transaction. One that is not active any more loses its sessions with the commit.

    `change` returns the person as it is to be. Raises PersonNotFound, UserNameTaken, EmailTaken, LastAdmin, and what `change`
    raises.
    """
    await connection.execute(PEOPLE["lock_organization"], caller.organization_id)
    before = await find_person(connection, user_id, organization_id=caller.organization_id)
    return await _write_profile(connection, user_id, change(before), caller=caller, now=now)


async def delete_person(
    connection: Connection, user_id: UUID, *, require: Callable[[Person], None], caller: Principal, now: datetime
) -> None:
    """Disable a user and hide it from the provider, in the caller's transaction. What the person did stays.

    Raises PersonNotFound, LastAdmin, and what `require` raises.
    """
    await connection.execute(PEOPLE["lock_organization"], caller.organization_id)
    person = await find_person(connection, user_id, organization_id=caller.organization_id)
    require(person)
    await _change_user(connection, user_id, UserChanges(status=UserStatus.DISABLED), caller=caller, now=now)
    await connection.execute(SQL["leave_groups"], user_id)
    await connection.execute(SQL["mark_deleted"], user_id, caller.organization_id, person.user_name, now)
    await record_about(connection, Action.USER_REMOVE, person.user, by=caller.actor, now=now)


async def _write_profile(
    connection: Connection, user_id: UUID, profile: Profile, *, caller: Principal, now: datetime
) -> Person:
    """Store a person. The organization is locked. Raises UserNameTaken, EmailTaken, LastAdmin."""
    status = UserStatus.ACTIVE if profile.is_active else UserStatus.DISABLED
    changes = UserChanges(name=profile.name, email=profile.email, status=status)
    try:
        await _change_user(connection, user_id, changes, caller=caller, now=now)
    except EmailTaken as error:
        raise Conflict(
            "Another user of the organization has this e-mail address. Change that user, or send another address.",
            **error.details,
        ) from error
    values = (profile.user_name, profile.external_id, profile.document)
    if await connection.fetchval(SQL["save_profile"], user_id, caller.organization_id, *values, now) is None:
        for found in await find_people(connection, caller.organization_id, user_name=profile.user_name):
            raise UserNameTaken(found.user.id)
        raise Conflict(
            "A user with this userName was deleted before. Create it again, or send another userName.",
            reason="user_name_taken",
        )
    return await find_person(connection, user_id, organization_id=caller.organization_id)


async def _change_user(
    connection: Connection, user_id: UUID, changes: UserChanges, *, caller: Principal, now: datetime
) -> None:
    organization_id = caller.organization_id
    await change_user(connection, user_id, changes, organization_id=organization_id, by=caller.actor, now=now)
