"""People that an identity provider writes: in the shapes of Okta and Entra, and against our own rules about users."""

import asyncio
from typing import Any

import pytest
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.people.people import People, user_id_of
from tests.provisioning.conftest import USER, Provider, provider_of, refused

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


async def test_a_user_lives_from_creation_to_deletion(provider: Provider) -> None:
    """As Okta does it: look, create, replace, deactivate, activate and delete; then it is created again."""
    assert await provider.found("/Users", 'userName eq "ines@example.com"') == []
    body = {
        "schemas": [USER],
        "userName": "ines@example.com",
        "name": {"givenName": "Ines", "familyName": "Dias"},
        "emails": [{"primary": True, "value": "ines@example.com", "type": "work"}],
        "displayName": "Ines Dias",
        "locale": "en-US",
        "externalId": "00ujl29u0le5T6Aj10h7",
        "groups": [],
        "password": "1mz050nq",
        "active": True,
    }
    answer = await provider.client.post("/Users", json=body)
    made = answer.json()
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == made["meta"]["location"] == f"{provider.client.base_url}Users/{made['id']}"
    assert answer.headers["etag"] == made["meta"]["version"]
    assert {name: made[name] for name in ("userName", "name", "emails", "displayName", "externalId", "active")} == {
        name: body[name] for name in ("userName", "name", "emails", "displayName", "externalId", "active")
    }
    assert "password" not in made
    user = await provider.user(made)
    assert (user["email"], user["name"], user["role"], user["status"]) == (
        "ines@example.com",
        "Ines Dias",
        "viewer",
        "invited",
    )
    for condition in (
        'userName eq "INES@example.com"',
        'externalId eq "00ujl29u0le5T6Aj10h7"',
        'emails.value eq "ines@example.com"',
        f'id eq "{made["id"]}" and active eq true',
    ):
        assert [one["id"] for one in await provider.found("/Users", condition)] == [made["id"]], condition
    replaced = await provider.client.put(f"/Users/{made['id']}", json={**body, "displayName": "Ines D."})
    assert (replaced.status_code, replaced.json()["displayName"]) == (200, "Ines D.")
    off = await provider.patch(f"/Users/{made['id']}", {"op": "replace", "value": {"active": False}})
    assert (off.status_code, off.json()["active"]) == (200, False)
    assert (await provider.user(made))["status"] == "disabled"
    on = await provider.patch(f"/Users/{made['id']}", {"op": "replace", "value": {"active": True}})
    assert on.json()["active"] is True
    assert (await provider.client.delete(f"/Users/{made['id']}")).status_code == 204
    assert refused(await provider.client.get(f"/Users/{made['id']}")) == (404, None)
    assert await provider.found("/Users", 'userName eq "ines@example.com"') == []
    assert (await provider.user(made))["status"] == "disabled"
    again = await provider.create("ines@example.com")
    assert (again["id"], again["active"]) == (made["id"], True)


async def test_the_patches_of_entra_are_understood(provider: Provider) -> None:
    """Names of operations in capitals, booleans as text, values without a path, and attributes that are not kept."""
    made = await provider.create("rui@example.com", externalId="rui")
    path = f"/Users/{made['id']}"
    answer = await provider.patch(
        path,
        {"op": "Replace", "path": "displayName", "value": "Rui Pinto"},
        {"op": "Add", "path": "name.givenName", "value": "Rui"},
        {"op": "Add", "path": "title", "value": "Editor"},
        {"op": "Add", "path": f"{ENTERPRISE}:department", "value": "News"},
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "rui.pinto@example.com"},
        {"op": "Add", "path": 'phoneNumbers[type eq "work"].value', "value": "+351912345678"},
    )
    assert answer.status_code == 200, answer.text
    assert (answer.json()["displayName"], answer.json()["name"]) == ("Rui Pinto", {"givenName": "Rui"})
    assert (await provider.user(made))["email"] == "rui.pinto@example.com"
    off = await provider.patch(path, {"op": "Replace", "path": "active", "value": "False"})
    assert (off.status_code, off.json()["active"]) == (200, False)
    both = {"active": "True", "name.familyName": "Pinto", f"{ENTERPRISE}:department": "Sport"}
    on = await provider.patch(path, {"op": "Add", "value": both})
    assert (on.json()["active"], on.json()["name"]) == (True, {"givenName": "Rui", "familyName": "Pinto"})


async def test_a_name_that_is_the_address_carries_it_along(provider: Provider) -> None:
    """If only userName changes, and it was the address, the address changes; a name that is none needs an address."""
    made = await provider.create("old@example.com")
    answer = await provider.patch(
        f"/Users/{made['id']}", {"op": "replace", "path": "userName", "value": "new@example.com"}
    )
    assert answer.json()["emails"][0]["value"] == "new@example.com"
    assert (await provider.user(made))["email"] == "new@example.com"
    assert refused(await provider.client.post("/Users", json={"schemas": [USER], "userName": "akadmin"})) == (
        400,
        "invalidValue",
    )
    named = await provider.create("akadmin", emails=[{"value": "Root@example.com"}])
    assert (await provider.user(named))["email"] == "root@example.com"


async def test_deactivation_ends_sessions_at_once(api: Api, people: People, provider: Provider) -> None:
    """A person whom the provider deactivates is out with the next request, and what it does is recorded as its own."""
    browser = await people.signed_in("publisher", email="ana@example.com")
    user = {"id": await user_id_of(browser)}
    answer = await provider.patch(f"/Users/{user['id']}", {"op": "replace", "path": "active", "value": False})
    assert answer.status_code == 200, answer.text
    assert (await browser.get("/v1/auth/session")).json() == {"user": None}
    assert (
        await api.context.pool.fetchval(
            "SELECT count(*) FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.email = 'ana@example.com'"
        )
        == 0
    )
    assert (await provider.user(user))["role"] == "publisher"
    params = {"action": "user.update", "objectId": user["id"]}
    (entry,) = (await provider.key.get("/v1/audit-log", params=params)).json()["items"]
    assert (entry["actor"]["kind"], entry["actor"]["scimTokenId"], entry["actor"]["name"]) == (
        "scim_token",
        provider.token["id"],
        "Okta",
    )


async def test_the_last_administrator_stays(provider: Provider) -> None:
    """Neither deactivation nor deletion nor a group takes the last administrator away."""
    (owner,) = await provider.found("/Users", 'userName eq "owner@example.com"')
    path = f"/Users/{owner['id']}"
    assert refused(await provider.patch(path, {"op": "replace", "path": "active", "value": False})) == (409, None)
    assert refused(await provider.client.delete(path)) == (409, None)
    refusal = await provider.client.post("/Groups", json={"displayName": "viewer", "members": [{"value": owner["id"]}]})
    assert refused(refusal) == (409, None)
    assert (await provider.user(owner))["role"] == "admin"
    assert (await provider.client.get("/Groups")).json()["totalResults"] == 0


async def test_of_two_creations_at_once_one_is_refused(provider: Provider) -> None:
    """A userName is unique, without regard to case, also in a race; so is an e-mail address."""
    bodies = [{"schemas": [USER], "userName": name} for name in ("eva@example.com", "EVA@example.com") * 3]
    answers = await asyncio.gather(*(provider.client.post("/Users", json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    assert {refused(answer) for answer in answers if answer.status_code == 409} == {(409, "uniqueness")}
    other = await provider.create("other@example.com")
    taken = await provider.patch(
        f"/Users/{other['id']}", {"op": "replace", "path": "userName", "value": "eva@example.com"}
    )
    assert refused(taken) == (409, "uniqueness")
    same = [{"value": "eva@example.com"}]
    assert refused(await provider.client.put(f"/Users/{other['id']}", json={"userName": "other", "emails": same})) == (
        409,
        "uniqueness",
    )


async def test_people_count_for_the_limit_of_users(provider: Provider) -> None:
    """A person beyond the limit is neither created nor activated; who is deactivated makes room, and who is created so needs none."""
    organization = (await provider.key.get("/v1/whoami")).json()["organizationId"]
    ben = await provider.create("ben@example.com")
    limit = await provider.key.patch(f"/v1/organizations/{organization}/limits", json={"users": 2})
    assert limit.status_code == 200, limit.text
    body = {"schemas": [USER], "userName": "eva@example.com"}
    assert refused(await provider.client.post("/Users", json=body)) == (403, None)
    assert await provider.found("/Users", 'userName eq "eva@example.com"') == []
    activity = {"op": "replace", "path": "active"}
    kai = await provider.create("kai@example.com", active=False)
    assert (kai["active"], (await provider.user(kai))["status"]) == (False, "disabled")
    assert refused(await provider.patch(f"/Users/{kai['id']}", {**activity, "value": True})) == (403, None)
    assert (await provider.patch(f"/Users/{ben['id']}", {**activity, "value": False})).status_code == 200
    await provider.create("eva@example.com")
    assert refused(await provider.patch(f"/Users/{ben['id']}", {**activity, "value": True})) == (403, None)


async def test_versions_protect_from_lost_changes(provider: Provider) -> None:
    """If-Match of another version is refused, and If-None-Match of this one returns nothing."""
    made = await provider.create("tag@example.com")
    path, version = f"/Users/{made['id']}", made["meta"]["version"]
    change = {"op": "replace", "path": "displayName", "value": "Tag"}
    assert refused(await provider.patch(path, change, **{"If-Match": 'W/"other"'})) == (412, None)
    changed = await provider.patch(path, change, **{"If-Match": version})
    assert changed.status_code == 200
    assert changed.headers["etag"] != version
    known = await provider.client.get(path, headers={"If-None-Match": changed.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    assert refused(await provider.client.delete(path, headers={"If-Match": version})) == (412, None)


async def test_lists_have_pages_and_attributes(provider: Provider) -> None:
    """Pages by startIndex and count, in a stable order; a response has only the attributes that are wanted."""
    made = [await provider.create(f"page{number}@example.com") for number in range(3)]
    pages = [(await provider.client.get("/Users", params={"startIndex": start, "count": 2})).json() for start in (1, 3)]
    assert [page["totalResults"] for page in pages] == [4, 4]
    assert [(page["startIndex"], page["itemsPerPage"]) for page in pages] == [(1, 2), (3, 2)]
    assert [one["id"] for page in pages for one in page["Resources"]][1:] == [one["id"] for one in made]
    assert (await provider.client.get("/Users", params={"count": 0})).json()["Resources"] == []
    few = (await provider.client.get(f"/Users/{made[0]['id']}", params={"attributes": "userName"})).json()
    assert set(few) == {"schemas", "id", "userName"}


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("GET", "/Users?filter=userName%20zz", None, (400, "invalidFilter")),
        ("GET", "/Users?filter=displayName%20co%20%22a%22", None, (400, "invalidFilter")),
        ("GET", "/Users/usr_nothing", None, (404, None)),
        ("GET", "/Nothing", None, (404, None)),
        ("PUT", "/Users", {}, (405, None)),
        ("POST", "/Users", {"schemas": [USER]}, (400, "invalidValue")),
        ("POST", "/Users", {"schemas": [USER], "userName": "x" * 300 + "@example.com"}, (400, "invalidValue")),
        ("POST", "/Users", {"schemas": [USER], "userName": "a\u0000@example.com"}, (400, "invalidSyntax")),
        ("POST", "/Users", [], (400, "invalidSyntax")),
        ("POST", "/Groups", {"displayName": "x", "members": [{"value": "usr_nothing"}]}, (400, "invalidValue")),
        ("POST", "/Groups", {"displayName": "x", "members": [{"value": "x", "type": "Group"}]}, (400, "invalidValue")),
        ("POST", "/.search", {}, (501, None)),
        ("POST", "/Bulk", {}, (501, None)),
    ],
)
async def test_errors_have_the_form_of_scim(
    provider: Provider, method: str, path: str, body: Any, expected: tuple[int, str | None]
) -> None:
    """Each refusal has a status and a keyword of RFC 7644."""
    assert refused(await provider.client.request(method, path, json=body)) == expected


async def test_the_body_has_a_type_and_a_size(provider: Provider) -> None:
    """Another content type and a large body are refused in the same form."""
    kind = {"Content-Type": "text/plain"}
    assert refused(await provider.client.post("/Users", content=b"{}", headers=kind)) == (415, None)
    assert refused(await provider.client.post("/Users", content=b" " * 1_100_000)) == (413, None)


async def test_a_token_reaches_its_organization_alone(api: Api, people: People, provider: Provider) -> None:
    """Users and groups of another organization do not exist, and neither kind of key is accepted for the other."""
    other = await provider_of(api, people, "Other")
    made = await other.create("secret@example.com")
    group = await other.group("editors", made)
    for path in (f"/Users/{made['id']}", f"/Groups/{group['id']}"):
        for method in ("GET", "PUT", "DELETE"):
            body = {"userName": "x@example.com", "displayName": "x"} if method == "PUT" else None
            assert refused(await provider.client.request(method, path, json=body)) == (404, None)
    assert await provider.found("/Users", 'userName eq "secret@example.com"') == []
    assert await provider.found("/Groups", 'displayName eq "editors"') == []
    joined = await provider.client.post("/Groups", json={"displayName": "x", "members": [{"value": made["id"]}]})
    assert refused(joined) == (400, "invalidValue")
    own = await provider.create("secret@example.com")
    assert own["id"] != made["id"]
    assert (await other.key.get(f"/v1/users/{own['id']}")).status_code == 404
    assert (await other.key.delete(f"/v1/scim-tokens/{provider.token['id']}")).status_code == 404
    authorization = {"Authorization": provider.key.headers["Authorization"]}
    assert refused(await provider.client.get("/Users", headers=authorization)) == (401, None)
    wrong = await provider.key.get("/v1/users", headers={"Authorization": provider.client.headers["Authorization"]})
    assert wrong.status_code == 401


async def test_a_token_ends(people: People, api: Api, clock: MovableClock) -> None:
    """A token is shown once, is refused after its end and after it was revoked; its use is recorded."""
    end = "2099-01-01T00:00:00.000Z"
    provider = await provider_of(api, people, expiresAt=end)
    await provider.client.get("/Users")
    (listed,) = (await provider.key.get("/v1/scim-tokens")).json()["items"]
    assert (listed["id"], listed["expiresAt"], listed["lastUsedAt"] is None) == (provider.token["id"], end, False)
    assert provider.client.headers["Authorization"].removeprefix("Bearer ") not in str(listed)
    past = await provider.key.post("/v1/scim-tokens", json={"name": "x", "expiresAt": "2020-01-01T00:00:00Z"})
    assert past.status_code == 422
    assert (await provider.key.delete(f"/v1/scim-tokens/{provider.token['id']}")).status_code == 200
    refusal = await provider.client.get("/Users")
    assert refused(refusal) == (401, None)
    assert refusal.headers["www-authenticate"] == "Bearer"
