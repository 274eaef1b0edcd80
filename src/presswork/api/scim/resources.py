"""Serve the calls of identity providers: users, groups, and what the service can do. Source: RFC 7644."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar
from uuid import UUID

from pydantic import ValidationError
from pydantic_core import from_json
from scim2_models import (
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    Context,
    Error,
    ETag,
    Filter,
    InvalidFilterException,
    InvalidSyntaxException,
    ListResponse,
    NotFoundException,
    NotImplementedException,
    Patch,
    PatchOp,
    PreconditionFailedException,
    Resource,
    ResponseParameters,
    SCIMException,
    ScimFilter,
    SearchRequest,
    ServiceProviderConfig,
    Sort,
)
from scim2_models.path import CompareOperator, Comparison, FilterNode, LogicalExpr, LogicalOperator
from starlette.responses import Response

from presswork.api.http.body import read_body, require_few_values, require_json
from presswork.api.http.scim_errors import SCIM_JSON, SCIM_PATH, scim_error
from presswork.api.scim.call import Call
from presswork.api.scim.schemas import (
    POLICY,
    RESOURCE_TYPES,
    SCHEMAS,
    Group,
    User,
    group_profile_of,
    group_resource,
    patched_address,
    profile_of,
    read_user,
    user_resource,
)
from presswork.api.users.one_time_links import mail_links
from presswork.core.errors import FieldError, NotFound
from presswork.core.ids import SCIM_GROUP, USER, parse_id
from presswork.core.json_text import compact_json
from presswork.people.model import Role
from presswork.people.oidc_model import read_role_map
from presswork.people.sessions import SessionCache
from presswork.provisioning import store
from presswork.provisioning.model import Group as StoredGroup
from presswork.provisioning.model import GroupNotFound, GroupProfile, Person, PersonNotFound, Profile
from presswork.provisioning.write_groups import change_group, create_group, delete_group
from presswork.provisioning.write_people import change_person, create_person, delete_person

MAX_RESULTS: Final = 200
"""Most resources of one response."""
_DEFAULT_RESULTS: Final = 100
_MAX_START: Final = 1_000_000_000
_AnyResource = TypeVar("_AnyResource", User, Group)
_AnyPatch = TypeVar("_AnyPatch", PatchOp[User], PatchOp[Group])
_AnyParameters = TypeVar("_AnyParameters", ResponseParameters[User], ResponseParameters[Group])
Json = dict[str, Any]  # Any: documents of the provider


async def serve(call: Call) -> Response:
    """Return the response of a call. An error of the library is one of SCIM; the application formats all others."""
    try:
        return await _serve(call)
    except SCIMException as error:
        return scim_error(error.status, error.detail or str(error), error.scim_type or None)
    except ValidationError as error:
        found = Error.from_validation_errors(error)
        detail = "; ".join(one.detail or "" for one in found[:10])
        return scim_error(found[0].status or 400, detail, found[0].scim_type)


async def _serve(call: Call) -> Response:
    method = call.request.method
    match str(call.request.scope["route"].path).removeprefix(SCIM_PATH).split("/")[1:]:
        case ["Users"]:
            return await (_list_users(call) if method == "GET" else _create_user(call))
        case ["Users", _]:
            serve_one = {"GET": _get_user, "PUT": _replace_user, "PATCH": _patch_user, "DELETE": _delete_user}
            return await serve_one[method](call)
        case ["Groups"]:
            return await (_list_groups(call) if method == "GET" else _create_group(call))
        case ["Groups", _]:
            serve_one = {"GET": _get_group, "PUT": _replace_group, "PATCH": _patch_group, "DELETE": _delete_group}
            return await serve_one[method](call)
        case ["ServiceProviderConfig"]:
            return _respond(call, _describe_service())
        case ["ResourceTypes", *name]:
            return _respond_described(call, RESOURCE_TYPES, name)
        case ["Schemas", *name]:
            return _respond_described(call, SCHEMAS, name)
        case _:
            raise NotImplementedException(detail="This operation is not supported. Call /Users and /Groups.")


def _describe_service() -> ServiceProviderConfig:
    return ServiceProviderConfig(
        patch=Patch(supported=True),
        bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
        filter=Filter(supported=True, max_results=MAX_RESULTS),
        change_password=ChangePassword(supported=False),
        sort=Sort(supported=False),
        etag=ETag(supported=True),
        authentication_schemes=[
            AuthenticationScheme(
                type=AuthenticationScheme.Type.oauthbearertoken,
                name="SCIM token",
                description="A token that an administrator creates for the identity provider.",
                primary=True,
            )
        ],
    )


def _respond_described(call: Call, resources: Sequence[Resource[Any]], name: list[str]) -> Response:
    """Return all resource types or schemas, or the one that the path names. Raises NotFoundException."""
    if not name:
        return _respond_list(call, resources, total=len(resources), start=1)
    wanted = call.request.path_params["scimId"].lower()
    for resource in resources:
        if str(resource.id).lower() == wanted:
            return _respond(call, resource)
    raise NotFoundException(detail="There is nothing with this name.")


async def _list_users(call: Call) -> Response:
    search = SearchRequest[User].model_validate(_query(call), scim_policy=POLICY)
    organization_id = call.caller.organization_id
    if search.filter is not None:
        people = await _find_people(call, search.filter)
        found = [user for user in _users_of(call, people) if search.filter.match(user)]
        return _respond_page(call, found, search)
    people = await store.list_people(
        call.context.pool, organization_id, offset=_offset_of(search), limit=_limit_of(search)
    )
    total = await store.count_people(call.context.pool, organization_id)
    return _respond_list(call, _users_of(call, people), total=total, start=_offset_of(search) + 1)


async def _find_people(call: Call, wanted: ScimFilter[User]) -> Sequence[Person]:
    """Return the people among whom a filter selects. Raises InvalidFilterException if it names none that have an index."""
    named = _equalities_of(wanted.ast)
    pool, organization_id = call.context.pool, call.caller.organization_id
    if (user_name := named.get("username")) is not None:
        return await store.find_people(pool, organization_id, user_name=user_name)
    if (external_id := named.get("externalid")) is not None:
        return await store.find_people(pool, organization_id, external_id=external_id)
    if (email := named.get("emails.value", named.get("emails"))) is not None:
        return await store.find_people(pool, organization_id, email=email)
    if (name := named.get("id")) is not None:
        try:
            return [await store.find_person(pool, _id_of(USER, name), organization_id=organization_id)]
        except NotFound:
            return []
    raise InvalidFilterException(detail="Filter by userName, externalId, emails.value or id, with eq.")


async def _get_user(call: Call) -> Response:
    person = await store.find_person(call.context.pool, _user_id(call), organization_id=call.caller.organization_id)
    return _respond(call, _user_of(call, person))


async def _create_user(call: Call) -> Response:
    profile = profile_of(read_user(await _read_json(call), Context.RESOURCE_CREATION_REQUEST))
    async with call.context.pool.acquire() as connection, connection.transaction():
        person, invited = await create_person(
            connection, profile, role_map=_role_map(call), caller=call.caller, now=call.now
        )
    if invited is not None and call.token.sends_invitations:
        await mail_links(call.context, [invited], call.now)
    return _respond(call, _user_of(call, person), status=201)


async def _replace_user(call: Call) -> Response:
    user = read_user(await _read_json(call), Context.RESOURCE_REPLACEMENT_REQUEST)
    return await _change_user(call, lambda _: user)


async def _patch_user(call: Call) -> Response:
    patch = await _read_patch(call, PatchOp[User])

    def apply(before: User) -> User:
        after = before.model_copy(deep=True)
        with POLICY:
            patch.patch(after)
        patched_address(before, after)
        return after

    return await _change_user(call, apply)


async def _change_user(call: Call, change: Callable[[User], User]) -> Response:
    def apply(person: Person) -> Profile:
        before = _user_of(call, person)
        _require_version(call, before)
        return profile_of(change(before))

    user_id = _user_id(call)
    async with call.context.pool.acquire() as connection, connection.transaction():
        person = await change_person(connection, user_id, apply, caller=call.caller, now=call.now)
    call.context.part(SessionCache).forget_user(user_id)
    return _respond(call, _user_of(call, person))


async def _delete_user(call: Call) -> Response:
    user_id = _user_id(call)
    async with call.context.pool.acquire() as connection, connection.transaction():
        await delete_person(
            connection,
            user_id,
            require=lambda person: _require_version(call, _user_of(call, person)),
            caller=call.caller,
            now=call.now,
        )
    call.context.part(SessionCache).forget_user(user_id)
    return Response(status_code=204)


async def _list_groups(call: Call) -> Response:
    search = SearchRequest[Group].model_validate(_query(call), scim_policy=POLICY)
    pool, organization_id = call.context.pool, call.caller.organization_id
    with_members = _wants_members(search)
    if search.filter is not None:
        with_members = with_members or "members" in search.filter.lower()
        groups = await _find_groups(call, search.filter, with_members=with_members)
        found = [group for group in _groups_of(call, groups) if search.filter.match(group)]
        return _respond_page(call, found, search)
    groups = await store.list_groups(
        pool, organization_id, offset=_offset_of(search), limit=_limit_of(search), with_members=with_members
    )
    total = await store.count_groups(pool, organization_id)
    return _respond_list(call, _groups_of(call, groups), total=total, start=_offset_of(search) + 1)


async def _find_groups(call: Call, wanted: ScimFilter[Group], *, with_members: bool) -> Sequence[StoredGroup]:
    """Return the groups among which a filter selects. Raises InvalidFilterException if it names none that have an index."""
    named = _equalities_of(wanted.ast)
    pool, organization_id = call.context.pool, call.caller.organization_id
    if (name := named.get("displayname")) is not None:
        return await store.find_groups(pool, organization_id, name=name, with_members=with_members)
    if (external_id := named.get("externalid")) is not None:
        return await store.find_groups(pool, organization_id, external_id=external_id, with_members=with_members)
    try:
        if (name := named.get("id")) is not None:
            group_id = _id_of(SCIM_GROUP, name)
            return [await store.find_group(pool, group_id, organization_id=organization_id, with_members=with_members)]
        if (member := named.get("members.value", named.get("members"))) is not None:
            user_id = _id_of(USER, member)
            return await store.find_groups(pool, organization_id, member=user_id, with_members=with_members)
    except NotFound:
        return []
    raise InvalidFilterException(detail="Filter by displayName, externalId, id or members.value, with eq.")


async def _get_group(call: Call) -> Response:
    group = await store.find_group(
        call.context.pool,
        _group_id(call),
        organization_id=call.caller.organization_id,
        with_members=_wants_members(_parameters(call, ResponseParameters[Group])),
    )
    return _respond(call, _group_of(call, group))


async def _create_group(call: Call) -> Response:
    body = await _read_json(call)
    profile = group_profile_of(
        Group.model_validate(body, scim_ctx=Context.RESOURCE_CREATION_REQUEST, scim_policy=POLICY)
    )
    async with call.context.pool.acquire() as connection, connection.transaction():
        group = await create_group(connection, profile, role_map=_role_map(call), caller=call.caller, now=call.now)
    _forget_sessions(call)
    return _respond(call, _group_of(call, group), status=201)


async def _replace_group(call: Call) -> Response:
    body = await _read_json(call)
    wanted = Group.model_validate(body, scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST, scim_policy=POLICY)
    return _respond(call, await _change_group(call, lambda _: wanted))


async def _patch_group(call: Call) -> Response:
    """Change a group, and return nothing: it may have thousands of members."""
    patch = await _read_patch(call, PatchOp[Group])

    def apply(before: Group) -> Group:
        after = before.model_copy(deep=True)
        with POLICY:
            patch.patch(after)
        return after

    group = await _change_group(call, apply)
    return Response(status_code=204, headers={"ETag": _version_of(group)})


async def _change_group(call: Call, change: Callable[[Group], Group]) -> Group:
    def apply(stored: StoredGroup) -> GroupProfile:
        before = _group_of(call, stored)
        _require_version(call, before)
        return group_profile_of(change(before))

    async with call.context.pool.acquire() as connection, connection.transaction():
        group = await change_group(
            connection, _group_id(call), apply, role_map=_role_map(call), caller=call.caller, now=call.now
        )
    _forget_sessions(call)
    return _group_of(call, group)


async def _delete_group(call: Call) -> Response:
    async with call.context.pool.acquire() as connection, connection.transaction():
        await delete_group(
            connection,
            _group_id(call),
            require=lambda group: _require_version(call, _group_of(call, group)),
            role_map=_role_map(call),
            caller=call.caller,
            now=call.now,
        )
    _forget_sessions(call)
    return Response(status_code=204)


def _forget_sessions(call: Call) -> None:
    """Drop the sessions of the organization: a group that changed may have changed the role of any member."""
    call.context.part(SessionCache).forget_organization(call.caller.organization_id)


def _base_url(call: Call) -> str:
    return f"{call.context.base_url}{SCIM_PATH}"


def _role_map(call: Call) -> Mapping[str, Role]:
    return read_role_map(call.context.settings.oidc_role_map)


def _user_of(call: Call, person: Person) -> User:
    return user_resource(person, base_url=_base_url(call))


def _users_of(call: Call, people: Sequence[Person]) -> list[User]:
    return [_user_of(call, person) for person in people]


def _group_of(call: Call, group: StoredGroup) -> Group:
    return group_resource(group, base_url=_base_url(call))


def _groups_of(call: Call, groups: Sequence[StoredGroup]) -> list[Group]:
    return [_group_of(call, group) for group in groups]


def _user_id(call: Call) -> UUID:
    """Return the user of the path. Raises PersonNotFound."""
    try:
        return _id_of(USER, call.request.path_params["scimId"])
    except NotFound as error:
        raise PersonNotFound from error


def _group_id(call: Call) -> UUID:
    """Return the group of the path. Raises GroupNotFound."""
    try:
        return _id_of(SCIM_GROUP, call.request.path_params["scimId"])
    except NotFound as error:
        raise GroupNotFound from error


def _id_of(prefix: str, text: str) -> UUID:
    try:
        return parse_id(prefix, text, is_bare_allowed=True)
    except FieldError as error:
        raise NotFound from error


def _equalities_of(node: FilterNode) -> dict[str, str]:
    """Return the texts that a filter compares by eq, all of which have to hold, by attribute in lower case."""
    if isinstance(node, LogicalExpr) and node.op is LogicalOperator.and_:
        return {name: text for term in node.terms for name, text in _equalities_of(term).items()}
    if not isinstance(node, Comparison) or node.op is not CompareOperator.eq or not isinstance(node.value, str):
        return {}
    if "\x00" in node.value:
        raise InvalidFilterException(detail="The filter has a character that no text has.")
    path = node.attr_path
    return {".".join(part.lower() for part in (path.attr, path.sub_attr) if part): node.value}


def _query(call: Call) -> dict[str, str]:
    return dict(call.request.query_params)


def _parameters(call: Call, kind: type[_AnyParameters]) -> _AnyParameters:
    """Return which attributes are wanted. Raises ValidationError."""
    wanted = {name: value for name, value in _query(call).items() if name in {"attributes", "excludedAttributes"}}
    return kind.model_validate(wanted)


def _wants_members(parameters: ResponseParameters[Group]) -> bool:
    """Return whether a response has members, which are not read otherwise."""
    if parameters.attributes:
        return any(path.lower().rpartition(":")[2].startswith("members") for path in parameters.attributes)
    return not any(path.lower().rpartition(":")[2] == "members" for path in parameters.excluded_attributes or ())


def _offset_of(search: SearchRequest[Any]) -> int:
    return min(search.start_index_0 or 0, _MAX_START)


def _limit_of(search: SearchRequest[Any]) -> int:
    return min(_DEFAULT_RESULTS if search.count is None else search.count, MAX_RESULTS)


async def _read_json(call: Call) -> Json:
    """Return the body. Raises PayloadTooLarge, UnsupportedMediaType, Invalid, InvalidSyntaxException."""
    raw = await read_body(call.request)
    require_json(call.request)
    require_few_values(raw)
    try:
        body = from_json(raw)
    except ValueError as error:
        raise InvalidSyntaxException(detail="The body is no JSON. Send an object.") from error
    if not isinstance(body, dict) or b"\\u0000" in raw:
        raise InvalidSyntaxException(detail="The body is no JSON object, or has a character that no text has.")
    return body


async def _read_patch(call: Call, kind: type[_AnyPatch]) -> _AnyPatch:
    return kind.model_validate(await _read_json(call), scim_ctx=Context.RESOURCE_PATCH_REQUEST, scim_policy=POLICY)


def _version_of(resource: Resource[Any]) -> str:
    return "" if resource.meta is None else resource.meta.version or ""


def _require_version(call: Call, resource: Resource[Any]) -> None:
    """Raise PreconditionFailedException if the call is for another version."""
    wanted = call.request.headers.get("if-match")
    if wanted is not None and not {"*", _version_of(resource)} & {tag.strip() for tag in wanted.split(",")}:
        raise PreconditionFailedException(detail="The resource was changed. Read it again.")


def _respond(call: Call, resource: Resource[Any], *, status: int = 200) -> Response:
    """Return one resource, or 304 if the caller has this version."""
    version = _version_of(resource)
    headers = {"ETag": version} if version else {}
    known = call.request.headers.get("if-none-match", "")
    if call.request.method == "GET" and version and version in {tag.strip() for tag in known.split(",")}:
        return Response(status_code=304, headers=headers)
    if status == 201 and resource.meta is not None and resource.meta.location is not None:
        headers["Location"] = str(resource.meta.location)
    body = resource.model_dump(
        scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=_any_parameters(call, resource)
    )
    return Response(compact_json(body), status_code=status, media_type=SCIM_JSON, headers=headers)


def _respond_page(call: Call, found: Sequence[_AnyResource], search: SearchRequest[Any]) -> Response:
    """Return the part of what a filter found that the call asks for."""
    start = _offset_of(search)
    return _respond_list(call, found[start : start + _limit_of(search)], total=len(found), start=start + 1)


def _respond_list(call: Call, resources: Sequence[Resource[Any]], *, total: int, start: int) -> Response:
    body: Json = {
        "schemas": [str(ListResponse.__schema__)],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": len(resources),
    }
    body["Resources"] = [
        resource.model_dump(
            scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=_any_parameters(call, resource)
        )
        for resource in resources
    ]
    return Response(compact_json(body), media_type=SCIM_JSON)


def _any_parameters(call: Call, resource: Resource[Any]) -> ResponseParameters[Any] | None:
    if isinstance(resource, User):
        return _parameters(call, ResponseParameters[User])
    return _parameters(call, ResponseParameters[Group]) if isinstance(resource, Group) else None
