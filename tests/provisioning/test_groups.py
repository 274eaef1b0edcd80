"""Groups of an identity provider, and the roles that they give."""

from typing import Any

from tests.api_server import serving
from tests.clocks import MovableClock
from tests.people.people import People, user_id_of
from tests.provisioning.conftest import Provider, provider_of, refused

from presswork.platforms.settings import Settings


async def _role(provider: Provider, user: dict[str, Any]) -> str:
    return str((await provider.user(user))["role"])


async def test_groups_give_roles(provider: Provider) -> None:
    """A group that is named as a role gives it, of several the highest; without one, a person is a viewer."""
    ana, rui = [await provider.create(f"{name}@example.com") for name in ("ana", "rui")]
    marketing = await provider.group("Marketing", ana, rui)
    assert [await _role(provider, one) for one in (ana, rui)] == ["viewer", "viewer"]
    authors = await provider.group("Author", ana)
    publishers = await provider.group("publisher")
    assert await _role(provider, ana) == "author"
    path = f"/Groups/{publishers['id']}"
    added = await provider.patch(
        path, {"op": "Add", "path": "members", "value": [{"value": ana["id"]}, {"value": rui["id"]}]}
    )
    assert (added.status_code, added.content) == (204, b"")
    assert [await _role(provider, one) for one in (ana, rui)] == ["publisher", "publisher"]
    listed = (await provider.key.get("/v1/scim-groups")).json()["items"]
    assert [(one["displayName"], one["role"], one["members"]) for one in listed] == [
        ("Marketing", None, 2),
        ("Author", "author", 1),
        ("publisher", "publisher", 2),
    ]
    await provider.patch(path, {"op": "remove", "path": f'members[value eq "{ana["id"]}"]'})
    assert [await _role(provider, one) for one in (ana, rui)] == ["author", "publisher"]
    await provider.patch(path, {"op": "Remove", "path": "members", "value": [{"value": rui["id"]}]})
    assert await _role(provider, rui) == "viewer"
    renamed = await provider.patch(
        f"/Groups/{marketing['id']}", {"op": "replace", "value": {"displayName": "approver"}}
    )
    assert renamed.status_code == 204, renamed.text
    assert [await _role(provider, one) for one in (ana, rui)] == ["approver", "approver"]
    shown = (await provider.client.get(f"/Users/{ana['id']}")).json()["groups"]
    assert {one["display"] for one in shown} == {"approver", "Author"}
    assert (await provider.client.delete(f"/Groups/{marketing['id']}")).status_code == 204
    assert await _role(provider, ana) == "author"
    replaced = await provider.client.put(f"/Groups/{authors['id']}", json={"displayName": "Author", "members": []})
    assert (replaced.status_code, replaced.json().get("members")) == (200, None)
    assert await _role(provider, ana) == "viewer"


async def test_a_group_is_found_without_its_members(provider: Provider) -> None:
    """By name, by external id and by member, as Okta and Entra look; a name is unique without regard to case."""
    ana = await provider.create("ana@example.com")
    group = await provider.group("Editors", ana, externalId="g-1")
    for condition in (
        'displayName eq "editors"',
        'externalId eq "g-1"',
        f'id eq "{group["id"]}" and members eq "{ana["id"]}"',
        f'members.value eq "{ana["id"]}"',
    ):
        assert [one["id"] for one in await provider.found("/Groups", condition)] == [group["id"]], condition
    params = {"excludedAttributes": "members", "filter": 'displayName eq "Editors"'}
    (found,) = (await provider.client.get("/Groups", params=params)).json()["Resources"]
    assert "members" not in found
    assert refused(await provider.client.post("/Groups", json={"displayName": "EDITORS"})) == (409, "uniqueness")


async def test_what_an_administrator_chose_stays(people: People, provider: Provider) -> None:
    """The role and the projects of a person stay until a group says otherwise; the projects stay with another role."""
    project = (await provider.key.post("/v1/projects", json={"name": "One", "timezone": "UTC"})).json()["id"]
    browser = await people.signed_in("approver", email="eva@example.com", project_ids=[project])
    eva = {"id": await user_id_of(browser)}
    plain = await provider.group("Plain", eva)
    assert await _role(provider, eva) == "approver"
    await provider.client.delete(f"/Groups/{plain['id']}")
    assert await _role(provider, eva) == "approver"
    await provider.group("publisher", eva)
    user = await provider.user(eva)
    assert (user["role"], user["projectIds"]) == ("publisher", [project])
    admins = await provider.group("admin", eva)
    user = await provider.user(eva)
    assert (user["role"], user["projectIds"]) == ("admin", None)
    assert (await browser.get("/v1/users")).status_code == 200
    await provider.client.delete(f"/Groups/{admins['id']}")
    assert (await browser.get("/v1/users")).status_code == 403


async def test_other_names_follow_the_map_of_roles(settings: Settings, dsn: str, clock: MovableClock) -> None:
    """The setting of OpenID Connect maps groups whose names are no roles."""
    mapped = settings.model_copy(update={"oidc_role_map": "leads=approver"})
    async with serving(mapped, dsn=dsn, clock=clock) as api:
        provider = await provider_of(api, People(api))
        ana = await provider.create("ana@example.com")
        await provider.group("leads", ana)
        assert await _role(provider, ana) == "approver"
