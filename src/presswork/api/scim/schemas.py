"""Users and groups in the form of SCIM: what of them is kept, and how they are read and written. Source: RFC 7643.

The schemas that are published are these classes, so an identity provider can find out what is kept. It may send more.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import Field
from scim2_models import (
    URN,
    CaseExact,
    ComplexAttribute,
    Context,
    GroupMembership,
    InvalidValueException,
    Meta,
    Mutability,
    Reference,
    Required,
    Resource,
    ResourceType,
    Schema,
    ScimPolicy,
    ServiceProviderConfig,
    Uniqueness,
)

from presswork.core.errors import FieldError
from presswork.core.ids import SCIM_GROUP, USER, parse_id, public_id
from presswork.core.json_text import JSONText, compact_json
from presswork.people.model import UserStatus, normal_email
from presswork.provisioning.model import Group as StoredGroup
from presswork.provisioning.model import GroupProfile, Person, Profile

MAX_CHARACTERS: Final = 200
"""Of names; an external id may have as many."""
_MAX_DOCUMENT_CHARACTERS: Final = 10_000
"""Of the names and addresses of a person together."""
_WORK: Final = "work"
POLICY: Final = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
"""What is accepted beside the specification. Source: Microsoft, "Develop a SCIM endpoint for Entra ID", read 2026-12: it sends
attributes that a schema does not have, removes members by value, and adds an address by a filter that matches none."""

Json = dict[str, Any]  # Any: documents of the provider


class Name(ComplexAttribute):
    """The parts of a person's name."""

    formatted: str | None = None
    family_name: str | None = None
    given_name: str | None = None


class Email(ComplexAttribute):
    """An e-mail address of a person."""

    value: Annotated[str | None, Required.true] = None
    type: str | None = Field(None, examples=[_WORK, "home", "other"])
    primary: bool | None = None


class User(Resource[Any]):
    """A person."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    name: Name | None = None
    display_name: str | None = None
    active: Annotated[bool | None, Required.true] = None
    emails: Annotated[list[Email] | None, Required.true] = None
    groups: Annotated[list[GroupMembership] | None, Mutability.read_only] = None


class Member(ComplexAttribute):
    """A member of a group: a user."""

    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    ref: Annotated[Reference["User"] | None, Mutability.immutable] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User"])


class Group(Resource[Any]):
    """A group of people."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    members: list[Member] | None = None


RESOURCE_TYPES: Final = tuple(ResourceType.from_resource(model) for model in (User, Group))
SCHEMAS: Final[Sequence[Schema]] = tuple(
    model.to_schema() for model in (User, Group, ServiceProviderConfig, ResourceType, Schema)
)


def read_user(body: Json, context: Context) -> User:
    """Return the user of a body. Without `active` it is active; without `emails`, `userName` is its address.

    Raises ValidationError of Pydantic.
    """
    given = {name.lower(): value for name, value in body.items()}
    filled = dict(body)
    if given.get("active") is None:
        filled["active"] = True
    if not given.get("emails") and isinstance(given.get("username"), str):
        filled = {name: value for name, value in filled.items() if name.lower() != "emails"}
        filled["emails"] = [{"value": given["username"], "type": _WORK, "primary": True}]
    return User.model_validate(filled, scim_ctx=context, scim_policy=POLICY)


def profile_of(user: User) -> Profile:
    """Return a user as the domain writes it. Raises InvalidValueException."""
    document = user.model_dump(include={"display_name", "name", "emails"})
    document.pop("schemas", None)
    text = compact_json(document)
    if len(text) > _MAX_DOCUMENT_CHARACTERS:
        raise InvalidValueException(detail="name and emails are too long together. Send fewer addresses.")
    return Profile(
        user_name=_require_text(user.user_name, "userName"),
        external_id=_read_text(user.external_id, "externalId"),
        email=_address_of(user),
        name=_read_text(_display_name(document), "displayName") or "",
        is_active=user.active is not False,
        document=JSONText(text),
    )


def patched_address(before: User, after: User) -> None:
    """Let the e-mail address follow a changed `userName`, if they were the same and only the name was sent."""
    old, new = (before.user_name or "").lower(), after.user_name
    if old == (new or "").lower() or before.emails != after.emails:
        return
    for email in after.emails or ():
        if (email.value or "").lower() == old:
            email.value = new


def user_resource(person: Person, *, base_url: str) -> User:
    """Return a person as a resource."""
    user = person.user
    document: Json = {} if person.document is None else json.loads(person.document)
    if _display_name(document) != user.name:  # it was changed here, or no provider has written the user
        document["displayName"] = user.name or None
    emails = document.get("emails") or [{"value": user.email, "type": _WORK, "primary": True}]
    found = User.model_validate({**document, "emails": emails})
    found.id = public_id(USER, user.id)
    found.external_id = person.external_id
    found.user_name = person.user_name
    found.active = user.status is not UserStatus.DISABLED
    version = hashlib.sha256(compact_json(found.model_dump()).encode()).hexdigest()[:16]
    found.groups = [
        GroupMembership(
            value=public_id(SCIM_GROUP, group.id),
            ref=Reference["Group"](f"{base_url}/Groups/{public_id(SCIM_GROUP, group.id)}"),
            display=group.name,
            type="direct",
        )
        for group in person.groups
    ] or None
    found.meta = Meta(
        resource_type="User",
        created=user.created_at,
        last_modified=person.updated_at,
        location=f"{base_url}/Users/{found.id}",
        version=f'W/"{version}"',
    )
    return found


def group_profile_of(group: Group) -> GroupProfile:
    """Return a group as the domain writes it. Raises InvalidValueException."""
    return GroupProfile(
        name=_require_text(group.display_name, "displayName"),
        external_id=_read_text(group.external_id, "externalId"),
        members=frozenset(_member_id(member) for member in group.members or ()),
    )


def group_resource(group: StoredGroup, *, base_url: str) -> Group:
    """Return a group as a resource, with its members if they were read."""
    found = Group(id=public_id(SCIM_GROUP, group.id), display_name=group.name, external_id=group.external_id)
    names = [public_id(USER, user_id) for user_id in group.members or ()]
    found.members = [
        Member(value=name, ref=Reference["User"](f"{base_url}/Users/{name}"), type="User") for name in names
    ] or None
    found.meta = Meta(
        resource_type="Group",
        created=group.created_at,
        last_modified=group.updated_at,
        location=f"{base_url}/Groups/{found.id}",
        version=f'W/"{int(group.updated_at.timestamp() * 1_000_000):x}"',
    )
    return found


def _display_name(document: Mapping[str, Any]) -> str:
    """Return the name for display of a stored document."""
    name = document.get("name") or {}
    parts = " ".join(part for part in (name.get("givenName"), name.get("familyName")) if part)
    return str(document.get("displayName") or name.get("formatted") or parts).strip()


def _address_of(user: User) -> str:
    """Return the e-mail address of a user: the primary one, else that for work, else the first."""
    emails = [email for email in user.emails or () if email.value]
    emails.sort(key=lambda email: (email.primary is not True, email.type != _WORK))
    try:
        return normal_email(emails[0].value or "" if emails else user.user_name or "")
    except FieldError as error:
        raise InvalidValueException(
            detail="The user has no e-mail address. Send one in emails, or a userName that is one."
        ) from error


def _require_text(text: str | None, name: str) -> str:
    found = _read_text(text, name)
    if found is None:
        raise InvalidValueException(detail=f"{name} is empty. Send a text.")
    return found


def _read_text(text: str | None, name: str) -> str | None:
    """Return a text without outer white space, or None for one that is empty. Raises InvalidValueException."""
    found = (text or "").strip()
    if len(found) > MAX_CHARACTERS:
        raise InvalidValueException(detail=f"{name} is longer than {MAX_CHARACTERS} characters. Send a shorter one.")
    return found or None


def _member_id(member: Member) -> UUID:
    if member.type not in (None, "User"):
        raise InvalidValueException(detail="A group can have users only. Send the users of the inner group.")
    try:
        return parse_id(USER, member.value or "", is_bare_allowed=True)
    except FieldError as error:
        raise InvalidValueException(detail=f"members names {member.value}, which is no id of a user.") from error
