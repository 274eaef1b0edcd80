"""Users who see only some projects: what belongs to another project does not exist for them, on any route."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import httpx2
import pytest
from tests.api.tenants import Tenants, lay_out
from tests.api.test_tenancy import CLIENTS_CHOICE, body_of, ids_in, put, unknown, verdict
from tests.api.wire import ALL, UUID_TEXT, Operation, issues, operations_of, read_document, refusal
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.people.people import People, user_id_of
from tests.world import World

from presswork.api.app import create_routes
from presswork.api.http.openapi import routes_of
from presswork.api.http.project_visibility import NOT_OF_A_PROJECT, OF_A_PROJECT

ROLE_OF: Final = {"content:approve": "approver"}
"""The role that has a scope; all others are a publisher's, or an administrator's, who sees all projects."""
OF_ADMINS: Final = frozenset({"projects:write", "webhooks:write", "org:admin", "installation:admin"})

LISTS_PEOPLE: Final = "/v1/comments/assignees"
"""Lists who sees the caller's projects: people who may see others, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limited:
    """A project among others, with one object of each kind, and users who see only it."""

    others: Tenants
    own: Tenants
    users: Mapping[str, httpx2.AsyncClient]

    def user_for(self, operation: Operation) -> httpx2.AsyncClient:
        """Return the session of a role that has the scope of an operation."""
        return self.users[ROLE_OF.get(operation.scope or "", "publisher")]


@pytest.fixture
async def limited(api: Api, people: People) -> Limited:
    """An organization with two projects; an approver and a publisher see one of them."""
    key = await api.client(scopes=ALL)
    others = await lay_out(World(api=api, client=key), handle="others")
    own = await lay_out(World(api=api, client=key), handle="own")
    project = own.by_parameter["projectId"]
    hook = {"url": "https://hooks.example.com/own", "events": ["post.failed"], "projectId": project}
    endpoint = (await key.post("/v1/webhook-endpoints", json=hook)).json()["endpoint"]["id"]
    delivery = (await key.post(f"/v1/webhook-endpoints/{endpoint}/test")).json()["id"]
    users = {role: await people.signed_in(role, project_ids=[project]) for role in ("publisher", "approver")}
    order = {"action": "cancel", "ids": [own.by_parameter["postId"]]}
    bulk = (await users["publisher"].post("/v1/scheduled-posts/bulk", json=order)).json()["id"]
    further = {"endpointId": endpoint, "deliveryId": delivery, "bulkId": bulk}
    own = Tenants(client=key, by_parameter={**own.by_parameter, **further})
    return Limited(others=others, own=own, users=users)


async def test_object_of_another_project_does_not_exist(api: Api, limited: Limited, clock: MovableClock) -> None:
    """On every route that such a user may call, another project's object is answered like a random id."""
    asked = 0
    for operation in operations_of(await read_document(api)):
        if not operation.needs_key or not operation.path_parameters or operation.scope in {None, *OF_ADMINS}:
            continue
        client, body = limited.user_for(operation), body_of(operation, limited.own, clock)
        answers = []
        for ids in (
            limited.others.by_parameter,
            {name: unknown(thing) for name, thing in limited.others.by_parameter.items()},
        ):
            answer = await client.request(operation.method, operation.at(ids), json=body)
            answers.append(verdict(answer, *ids.values()))
        assert answers[0][:3] == answers[1][:3], str(operation)
        assert answers[0][:2] == (404, "NOT_FOUND"), f"{operation}: {answers[0]}"
        invalid = [
            verdict(await client.request(operation.method, operation.at(ids), json={"colour": 1}))[:2]
            for ids in (
                limited.others.by_parameter,
                {name: unknown(x) for name, x in limited.others.by_parameter.items()},
            )
        ]
        assert invalid[0] == invalid[1], f"{operation}: an invalid body shows which objects exist"
        asked += 1
    assert asked >= 20
    for state in ("x", "st_%00"):
        answer = await limited.users["publisher"].get(f"/v1/social/oauth-status/{state}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


async def test_id_of_another_project_in_a_body_does_not_exist(api: Api, limited: Limited, clock: MovableClock) -> None:
    """With own objects in the path, another project's id in the body is rejected exactly like a random one."""
    document = await read_document(api)
    asked = 0
    for operation in operations_of(document):
        if not operation.needs_key or operation.body_schema is None or operation.scope in {None, *OF_ADMINS}:
            continue
        body = body_of(operation, limited.own, clock)
        assert body is not None
        for place, prefix in ids_in(operation.body_schema, document):
            if place[-1] in CLIENTS_CHOICE or prefix == "usr":  # people belong to the organization
                continue
            answers = []
            for thing in (limited.others.own(prefix), unknown(limited.others.own(prefix))):
                path = operation.at(limited.own.by_parameter)
                answer = await limited.user_for(operation).request(operation.method, path, json=put(body, place, thing))
                answers.append(verdict(answer, thing, *limited.own.by_parameter.values())[:3])
            assert answers[0] == answers[1], f"{operation} {place}"
            asked += 1
    assert asked >= 3


async def test_lists_show_only_own_projects(api: Api, limited: Limited) -> None:
    """Everything that such a user can read has ids of its project alone, and its own objects are there."""
    foreign = limited.others.uuids_but(()) - limited.own.uuids_but(())
    read = 0
    for operation in operations_of(await read_document(api)):
        if operation.method != "GET" or not operation.needs_key or operation.scope in OF_ADMINS or operation.is_stream:
            continue
        if operation.path == LISTS_PEOPLE:
            continue
        answer = await limited.user_for(operation).get(operation.at(limited.own.by_parameter))
        assert answer.status_code == 200, f"{operation}: {answer.text}"
        assert not foreign & set(UUID_TEXT.findall(answer.text)), str(operation)
        read += 1
    assert read >= 15
    publisher = limited.users["publisher"]
    projects = (await publisher.get("/v1/projects")).json()["items"]
    assert [item["id"] for item in projects] == [limited.own.by_parameter["projectId"]]
    endpoints = (await publisher.get("/v1/webhook-endpoints")).json()["items"]
    assert [item["id"] for item in endpoints] == [limited.own.by_parameter["endpointId"]]


def test_every_kind_of_id_in_a_path_is_known() -> None:
    """A new path parameter of /v1 says which project its object belongs to, or that it belongs to none."""
    names = {
        name
        for route in routes_of(create_routes())
        if route.path_format.startswith("/v1/")
        for name in parameters_of(route.path_format)
    }
    assert names <= {*OF_A_PROJECT, *NOT_OF_A_PROJECT}, names - {*OF_A_PROJECT, *NOT_OF_A_PROJECT}


def parameters_of(path: str) -> list[str]:
    """Return the names of the parameters of a path."""
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]


async def test_projects_of_a_user_change_at_once(api: Api, people: People, limited: Limited) -> None:
    """An administrator gives another project to a user, takes it away, and gives all; the next request sees it."""
    publisher = limited.users["publisher"]
    key, user = await people.key(), await user_id_of(publisher)
    own, other = limited.own.by_parameter["projectId"], limited.others.by_parameter["projectId"]
    for projects, status in (([own, other], 200), ([own], 404), (None, 200), ([], 404)):
        answer = await key.patch(f"/v1/users/{user}", json={"projectIds": projects})
        assert answer.json()["projectIds"] == projects
        assert (await publisher.get(f"/v1/projects/{other}")).status_code == status
    stranger = await lay_out(World(api=api, client=await api.client(organization="Rival", scopes=ALL)), handle="rival")
    for unknown_project in (stranger.by_parameter["projectId"], unknown(own)):
        answer = await key.patch(f"/v1/users/{user}", json={"projectIds": [own, unknown_project]})
        assert issues(answer) == {"projectIds[1]": "unknown_project"}


async def test_admin_has_all_projects(people: People, limited: Limited) -> None:
    """An administrator of some projects only could reach the others, so there is none."""
    key, project = await people.key(), limited.own.by_parameter["projectId"]
    body = {"email": "a@example.com", "role": "admin", "projectIds": [project]}
    assert issues(await key.post("/v1/users", json=body)) == {"projectIds": "admin_of_projects"}
    user = await user_id_of(limited.users["publisher"])
    assert issues(await key.patch(f"/v1/users/{user}", json={"role": "admin"})) == {"projectIds": "admin_of_projects"}
    assert refusal(await limited.users["publisher"].get("/v1/users")) == (403, "FORBIDDEN_SCOPE")
    promoted = await key.patch(f"/v1/users/{user}", json={"role": "admin", "projectIds": None})
    assert promoted.json()["role"] == "admin"
