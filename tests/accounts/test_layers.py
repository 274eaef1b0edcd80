"""Layers: create, update, list and delete, and the accounts that they accept."""

import asyncio
from collections.abc import Sequence
from typing import Final
from uuid import uuid4

import httpx2
import pytest
from tests.accounts.conftest import new_project
from tests.accounts.login_flow import Json, LoginFlow

TEMPLATE: Final = "af058068-ad85-4fb8-92a1-f531b40bfcbc"


async def make(login_flow: LoginFlow, *accounts: str, **more: object) -> httpx2.Response:
    """Create a layer with these accounts."""
    body = {"templateId": TEMPLATE, "config": {"provider": "sandbox"}, "socialAccountIds": list(accounts), **more}
    return await login_flow.client.post(f"/v1/projects/{login_flow.project_id}/layers", json=body)


async def change(login_flow: LoginFlow, layer: Json, **changes: object) -> httpx2.Response:
    """Change a layer."""
    return await login_flow.client.patch(f"/v1/projects/{login_flow.project_id}/layers/{layer['id']}", json=changes)


async def connected(login_flow: LoginFlow, *handles: str) -> Sequence[str]:
    """Connect accounts and return their ids."""
    return [str((await login_flow.connect("tiktok", handle))["socialAccountId"]) for handle in handles]


def refused(answer: httpx2.Response) -> tuple[int, str, Json]:
    """Return the error of a response."""
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("details", {})


async def test_layer_is_created_and_read(login_flow: LoginFlow) -> None:
    """A layer is returned as it was sent, also in lists, and its accounts have its id."""
    first, second, free = await connected(login_flow, "bakery", "florist", "grocer")
    answer = await make(login_flow, first, second)
    layer = answer.json()
    assert answer.status_code == 201
    assert {name: layer[name] for name in ("projectId", "templateId", "config", "socialAccountIds")} == {
        "projectId": login_flow.project_id,
        "templateId": TEMPLATE,
        "config": {"provider": "sandbox"},
        "socialAccountIds": [first, second],
    }
    path = f"/v1/projects/{login_flow.project_id}/layers"
    assert (await login_flow.client.get(f"{path}/{layer['id']}")).json() == layer
    assert (await login_flow.client.get(path)).json() == {"items": [layer], "nextCursor": None}
    assert [(await login_flow.account(account))["layerId"] for account in (first, second, free)] == [
        layer["id"]
    ] * 2 + [None]


async def test_a_layer_needs_no_more_than_a_template(login_flow: LoginFlow) -> None:
    """Any UUID is a valid template; config and accounts may be empty or left out."""
    for body in (
        {"templateId": str(uuid4())},
        {"templateId": str(uuid4()), "config": {}, "socialAccountIds": []},
        {"templateId": str(uuid4()), "config": {"deep": [{"a": None}, 1.5, "é"]}},
    ):
        answer = await login_flow.client.post(f"/v1/projects/{login_flow.project_id}/layers", json=body)
        assert answer.status_code == 201, answer.text
        assert (answer.json()["config"], answer.json()["socialAccountIds"]) == (body.get("config", {}), [])


async def test_an_account_belongs_to_one_layer_at_most(login_flow: LoginFlow) -> None:
    """An account of another layer is rejected with both ids and no change; it is accepted after leaving that layer."""
    first, second = await connected(login_flow, "bakery", "florist")
    one = (await make(login_flow, first)).json()
    other = (await make(login_flow)).json()
    taken = {"socialAccountId": first, "layerId": one["id"]}
    assert refused(await make(login_flow, second, first)) == (409, "CONFLICT", taken)
    assert refused(await change(login_flow, other, socialAccountIds=[second, first])) == (409, "CONFLICT", taken)
    assert (await login_flow.account(second))["layerId"] is None
    assert (await change(login_flow, one, socialAccountIds=[])).json()["socialAccountIds"] == []
    assert (await change(login_flow, other, socialAccountIds=[second, first])).json()["socialAccountIds"] == [
        first,
        second,
    ]


async def test_an_account_that_is_not_the_projects_is_not_found(login_flow: LoginFlow) -> None:
    """An unknown, foreign or disconnected account returns 404 with its id, and no layer is created."""
    good, gone = await connected(login_flow, "bakery", "florist")
    await login_flow.client.delete(f"/v1/social-accounts/{gone}")
    foreign_project = await new_project(login_flow.client)
    begun = await login_flow.client.post(
        f"/v1/projects/{foreign_project}/social/oauth-url",
        json={"platform": "tiktok", "returnUrl": "http://localhost/done"},
    )
    await login_flow.finish(begun.json(), "grocer")
    foreign = str((await login_flow.status(begun.json()))["socialAccountId"])
    for account in (gone, foreign, f"sa_{uuid4()}"):
        assert refused(await make(login_flow, good, account)) == (404, "NOT_FOUND", {"socialAccountId": account})
    assert (await login_flow.client.get(f"/v1/projects/{login_flow.project_id}/layers")).json()["items"] == []


async def test_what_was_read_can_be_sent_back(login_flow: LoginFlow) -> None:
    """An account that was disconnected stays in its layer, and a client can send back what it read."""
    first, second = await connected(login_flow, "bakery", "florist")
    layer = (await make(login_flow, first, second)).json()
    await login_flow.client.delete(f"/v1/social-accounts/{first}")
    read = (await login_flow.client.get(f"/v1/projects/{login_flow.project_id}/layers/{layer['id']}")).json()
    named = {name: read[name] for name in ("templateId", "config", "socialAccountIds")}
    answer = await change(login_flow, layer, **{**named, "config": {"provider": "other"}})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["config"], answer.json()["socialAccountIds"]) == ({"provider": "other"}, [first, second])
    again = await login_flow.connect("tiktok", "bakery")
    assert (again["socialAccountId"], again["layerId"]) == (first, layer["id"])


async def test_update_changes_only_the_sent_fields(login_flow: LoginFlow) -> None:
    """Each field changes separately; a duplicate account counts once; an empty update does not change `updatedAt`."""
    (account,) = await connected(login_flow, "bakery")
    layer = (await make(login_flow, account)).json()
    template = str(uuid4())
    changed = (await change(login_flow, layer, templateId=template)).json()
    assert changed == {**layer, "templateId": template}
    assert (await change(login_flow, layer, config={})).json() == {**changed, "config": {}}
    assert (await change(login_flow, layer, socialAccountIds=[account, account])).json()["socialAccountIds"] == [
        account
    ]
    assert (await change(login_flow, layer)).json()["templateId"] == template


async def test_deleted_layer_keeps_its_accounts_connected(login_flow: LoginFlow) -> None:
    """The accounts of a deleted layer are in no layer and can be added to another."""
    (account,) = await connected(login_flow, "bakery")
    layer = (await make(login_flow, account)).json()
    path = f"/v1/projects/{login_flow.project_id}/layers/{layer['id']}"
    answer = await login_flow.client.delete(path)
    assert (answer.status_code, answer.json()["id"]) == (200, layer["id"])
    assert answer.json()["releasedSocialAccountIds"] == [account]
    assert [(await login_flow.client.request(method, path)).status_code for method in ("GET", "DELETE")] == [404, 404]
    assert refused(await change(login_flow, layer, config={}))[0] == 404
    assert ((await login_flow.account(account))["layerId"], (await login_flow.account(account))["status"]) == (
        None,
        "connected",
    )
    assert (await make(login_flow, account)).status_code == 201


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("templateId", "managed", "templateId"),
        ("templateId", None, "templateId"),
        ("config", [], "config"),
        ("config", None, "config"),
        ("config", {"a": "b" * 16_400}, "config"),
        ("config", {"deep": [{"a": "\x00"}]}, "config"),
        ("config", {"\x00": 1}, "config"),
        ("socialAccountIds", ["me"], "socialAccountIds[0]"),
        ("socialAccountIds", "all", "socialAccountIds"),
        ("socialAccountIds", [f"sa_{uuid4()}"] * 1_001, "socialAccountIds"),
        ("name", "x", "name"),
    ],
)
async def test_invalid_body_returns_the_place_of_the_error(
    login_flow: LoginFlow, field: str, value: object, path: str
) -> None:
    """Create and update return the same issues."""
    layer = (await make(login_flow)).json()
    for answer in (await make(login_flow, **{field: value}), await change(login_flow, layer, **{field: value})):
        status, code, details = refused(answer)
        assert (status, code, [issue["path"] for issue in details["issues"]]) == (422, "VALIDATION", [path])


async def test_archived_project_accepts_no_layer(login_flow: LoginFlow) -> None:
    """In an archived project layers can't be created or updated, but deleted."""
    layer = (await make(login_flow)).json()
    await login_flow.client.patch(f"/v1/projects/{login_flow.project_id}", json={"status": "archived"})
    assert refused(await make(login_flow))[:2] == (409, "CONFLICT")
    assert refused(await change(login_flow, layer, config={}))[:2] == (409, "CONFLICT")
    assert (
        await login_flow.client.delete(f"/v1/projects/{login_flow.project_id}/layers/{layer['id']}")
    ).status_code == 200


async def test_pages_of_layers(login_flow: LoginFlow) -> None:
    """Pages are sorted oldest first and stable although layers are created and updated in between."""
    made = [(await make(login_flow)).json()["id"] for _ in range(5)]
    path, seen, query = f"/v1/projects/{login_flow.project_id}/layers", [], {"limit": "2"}
    while True:
        page = (await login_flow.client.get(path, params=query)).json()
        seen += [layer["id"] for layer in page["items"]]
        if page["nextCursor"] is None:
            break
        query = {"limit": "2", "cursor": page["nextCursor"]}
        await change(login_flow, {"id": made[0]}, config={"n": len(seen)})
    assert seen == made


async def test_retried_request_creates_one_layer(login_flow: LoginFlow) -> None:
    """With one idempotency key the second create or update is a replay."""
    (account,) = await connected(login_flow, "bakery")
    path = f"/v1/projects/{login_flow.project_id}/layers"
    body = {"templateId": TEMPLATE, "socialAccountIds": [account]}
    answers = [await login_flow.client.post(path, json=body, headers={"Idempotency-Key": "once"}) for _ in range(2)]
    assert answers[0].text == answers[1].text
    assert answers[1].headers["idempotent-replayed"] == "true"
    layer = answers[0].json()
    changes = [
        await login_flow.client.patch(
            f"{path}/{layer['id']}", json={"config": {"a": 1}}, headers={"Idempotency-Key": "two"}
        )
        for _ in range(2)
    ]
    assert (changes[0].text, changes[1].headers["idempotent-replayed"]) == (changes[1].text, "true")
    assert len((await login_flow.client.get(path)).json()["items"]) == 1


async def test_concurrent_layers_share_no_account(login_flow: LoginFlow) -> None:
    """Of concurrent requests for one account, one gets it and the other is rejected."""
    accounts = await connected(login_flow, "a", "b", "c")
    answers = await asyncio.gather(
        *(make(login_flow, *order) for order in (accounts, accounts[::-1], accounts[1:], accounts[:2]))
    )
    made = [answer.json() for answer in answers if answer.status_code == 201]
    assert {answer.status_code for answer in answers} == {201, 409}
    held = [account for layer in made for account in layer["socialAccountIds"]]
    assert len(held) == len(set(held))
