"""Projects over HTTP: create, read, list, update and archive them, and their visibility."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.api_server import Api

from presswork.core.ids import new_id, parse_id

PROJECT = {"name": "Corner Bakery", "timezone": "Europe/Lisbon"}


def issues_of(answer: Any) -> dict[str, str]:
    """Return the issues of a 422 by path."""
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["code"] == "VALIDATION"
    return {issue["path"]: issue["code"] for issue in answer.json()["error"]["details"]["issues"]}


async def test_project_is_created_and_read(api: Any) -> None:
    """POST, GET and the list return a project as it was sent, with defaults."""
    client = await api.client()
    made = await client.post(
        "/v1/projects",
        json={**PROJECT, "customerExternalId": "crm-1", "metadata": {"plan": {"seats": 3}, "x": [1, None]}},
    )
    assert made.status_code == 201, made.text
    project = made.json()
    who = (await client.get("/v1/whoami")).json()
    assert project == {
        "id": project["id"],
        "organizationId": who["organizationId"],
        "environment": "test",
        "name": "Corner Bakery",
        "timezone": "Europe/Lisbon",
        "customerExternalId": "crm-1",
        "metadata": {"plan": {"seats": 3}, "x": [1, None]},
        "ownerEmail": None,
        "primaryLanguage": None,
        "appName": None,
        "appDescription": None,
        "branding": None,
        "variables": None,
        "utm": None,
        "budgets": None,
        "reviewLinks": False,
        "status": "active",
        "requiresApproval": False,
        "createdAt": project["createdAt"],
        "updatedAt": project["createdAt"],
        "archivedAt": None,
    }
    assert (await client.get(f"/v1/projects/{project['id']}")).json() == project
    assert (await client.get("/v1/projects")).json() == {"items": [project], "nextCursor": None}


async def test_the_profile_is_stored_and_returned(api: Any) -> None:
    """What a client says about the customer is returned as it was sent; PATCH changes single fields, null removes one."""
    client = await api.client()
    said = {
        "ownerEmail": "Marta <marta@bakery.example>",
        "primaryLanguage": "pt-PT",
        "appName": 'Corner "Bakery" \u2028',
        "appDescription": "Brød & café \\ 🥐\n" + "x" * 3980,
    }
    made = await client.post("/v1/projects", json={**PROJECT, **said})
    assert made.status_code == 201, made.text
    project = made.json()
    assert {name: project[name] for name in said} == said
    path = f"/v1/projects/{project['id']}"
    assert (await client.get(path)).json() == project
    changed = await client.patch(path, json={"appName": None, "primaryLanguage": "en"})
    assert changed.status_code == 200, changed.text
    later = {**said, "appName": None, "primaryLanguage": "en"}
    assert {name: changed.json()[name] for name in said} == later
    renamed = await client.patch(path, json={"name": "Bakery"})
    assert {name: renamed.json()[name] for name in said} == later
    (listed,) = (await client.get("/v1/projects")).json()["items"]
    assert listed == renamed.json()


async def test_the_time_zone_is_optional(api: Any) -> None:
    """A project without a time zone has UTC; PATCH changes it."""
    client = await api.client()
    made = await client.post("/v1/projects", json={"name": "Corner Bakery"})
    assert (made.status_code, made.json()["timezone"]) == (201, "UTC")
    changed = await client.patch(f"/v1/projects/{made.json()['id']}", json={"timezone": "Asia/Kathmandu"})
    assert changed.json()["timezone"] == "Asia/Kathmandu"


WRONG_FIELDS: list[tuple[dict[str, Any], str]] = [
    ({"name": " \t "}, "name"),
    ({"name": "x" * 201}, "name"),
    ({"name": "a\x00b"}, "name"),
    ({"name": None}, "name"),
    ({"timezone": "Europe/Atlantis"}, "timezone"),
    ({"timezone": "europe/lisbon"}, "timezone"),
    ({"timezone": "localtime"}, "timezone"),
    ({"timezone": "../../etc/passwd"}, "timezone"),
    ({"customerExternalId": "x" * 256}, "customerExternalId"),
    ({"customerExternalId": 7}, "customerExternalId"),
    ({"ownerEmail": "x" * 321}, "ownerEmail"),
    ({"primaryLanguage": ["en"]}, "primaryLanguage"),
    ({"appName": "a\x00b"}, "appName"),
    ({"appDescription": "x" * 4001}, "appDescription"),
    ({"metadata": []}, "metadata"),
    ({"metadata": {"text": "x" * 16_384}}, "metadata"),
    ({"metadata": {"numbers": [1e300] * 60}}, "metadata"),
    ({"metadata": {"numbers": [-1e-300] * 60}}, "metadata"),
    ({"metadata": {"deep": [{"no\x00pe": 1}]}}, "metadata"),
    ({"organizationId": "org_1"}, "organizationId"),
]


async def test_invalid_field_is_reported(api: Any) -> None:
    """Each invalid field is an issue with its name, in POST and PATCH."""
    client = await api.client()
    project = (await client.post("/v1/projects", json=PROJECT)).json()
    for change, path in WRONG_FIELDS:
        assert issues_of(await client.post("/v1/projects", json={**PROJECT, **change})).keys() == {path}, change
        assert issues_of(await client.patch(f"/v1/projects/{project['id']}", json=change)).keys() == {path}, change
    assert (await client.get("/v1/projects")).json()["items"] == [project]


async def test_variables_and_link_parameters_are_replaced_as_a_whole(api: Any) -> None:
    """Each is changed and removed alone; names, sizes and domains are checked."""
    client = await api.client()
    path = f"/v1/projects/{(await client.post('/v1/projects', json=PROJECT)).json()['id']}"
    utm = {"domains": ["Shop.Example.", "bücher.example", "shop.example"], "source": "{platform}"}
    read = {
        "domains": ["shop.example", "xn--bcher-kva.example"],
        "source": "{platform}",
        "medium": None,
        "campaign": None,
    }
    for change, variables, parameters in (
        ({"variables": {"a": "1", "B_2": ""}}, {"a": "1", "B_2": ""}, None),
        ({"utm": utm}, {"a": "1", "B_2": ""}, read),
        ({"variables": {}}, {}, read),
        ({"utm": None, "name": "Other"}, {}, None),
        ({"variables": None}, None, None),
    ):
        changed = (await client.patch(path, json=change)).json()
        assert (changed["variables"], changed["utm"]) == (variables, parameters)
        assert (await client.get(path)).json() == changed
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"variables": {"1a": "x"}}, "variables.1a"),
        ({"variables": {"a": "x" * 2_001}}, "variables.a"),
        ({"variables": {f"a{number}": "" for number in range(101)}}, "variables"),
        ({"utm": {"domains": [], "source": "x"}}, "utm.domains"),
        ({"utm": {"domains": ["https://a.example"], "source": "x"}}, "utm.domains[0]"),
        ({"utm": {"domains": ["a.example"]}}, "utm"),
    ]
    for change, field in wrong:
        issues = issues_of(await client.patch(path, json=change))
        assert [name for name in issues if name.startswith(field)], (change, issues)


async def test_all_issues_are_reported_together(api: Any) -> None:
    """One response contains the issues of all fields."""
    client = await api.client()
    answer = await client.post("/v1/projects", json={"name": "", "timezone": 7, "metadata": 1, "color": "red"})
    assert issues_of(answer).keys() == {"name", "timezone", "metadata", "color"}


async def test_metadata_rejects_non_finite_numbers(api: Any) -> None:
    """A number that can't be stored is an issue, not an internal error."""
    client = await api.client()
    for number in ("NaN", "1e400", "-Infinity"):
        body = f'{{"name": "x", "timezone": "UTC", "metadata": {{"a": [{number}]}}}}'
        answer = await client.post("/v1/projects", content=body, headers={"Content-Type": "application/json"})
        assert issues_of(answer).keys() == {"metadata"}


async def test_a_project_with_long_stored_metadata_can_be_changed(api: Api) -> None:
    """Metadata that is larger as it is stored than a client may send it does not hinder other changes."""
    client = await api.client()
    project = (await client.post("/v1/projects", json=PROJECT)).json()
    await api.context.pool.execute("UPDATE projects SET metadata = $1", json.dumps({"numbers": [1e300] * 60}))
    path = f"/v1/projects/{project['id']}"
    renamed = await client.patch(path, json={"name": "Bakery"})
    assert (renamed.status_code, renamed.json()["metadata"]) == (200, {"numbers": [10**300] * 60})
    assert (await client.patch(path, json={"metadata": None})).json()["metadata"] == {}


async def test_absent_is_not_null(api: Any, clock: Any) -> None:
    """PATCH does not change absent fields; null removes optional ones; an empty PATCH changes nothing."""
    client = await api.client()
    body = {**PROJECT, "customerExternalId": "crm-1", "metadata": {"a": 1}}
    project = (await client.post("/v1/projects", json=body)).json()
    path = f"/v1/projects/{project['id']}"
    clock.advance(timedelta(minutes=1))
    assert (await client.patch(path, json={})).json() == project
    renamed = (await client.patch(path, json={"name": "Bakery", "timezone": "Asia/Tokyo"})).json()
    assert renamed == {**project, "name": "Bakery", "timezone": "Asia/Tokyo", "updatedAt": renamed["updatedAt"]}
    assert renamed["updatedAt"] > project["updatedAt"]
    emptied = (await client.patch(path, json={"customerExternalId": None, "metadata": None})).json()
    assert emptied == {**renamed, "customerExternalId": None, "metadata": {}}


async def test_status_can_only_become_archived(api: Any) -> None:
    """A project can be archived and not be made active again."""
    client = await api.client()
    project = (await client.post("/v1/projects", json=PROJECT)).json()
    for status in ("active", "gone", None, 1):
        answer = await client.patch(f"/v1/projects/{project['id']}", json={"status": status})
        assert issues_of(answer).keys() == {"status"}


async def test_archiving_cancels_queued_posts_and_is_final(api: Any) -> None:
    """Archiving cancels only the project's queued posts; archiving again changes nothing, other changes are rejected."""
    client = await api.client()
    project = (await client.post("/v1/projects", json=PROJECT)).json()
    other = (await client.post("/v1/projects", json=PROJECT)).json()
    queued = [await insert_post(api, project, "queued"), await insert_post(api, project, "queued")]
    kept = [await insert_post(api, project, "published"), await insert_post(api, other, "queued")]
    path = f"/v1/projects/{project['id']}"
    archived = await client.patch(path, json={"status": "archived", "name": "Closed Bakery"})
    assert archived.status_code == 200
    assert archived.json()["status"] == "archived"
    assert archived.json()["name"] == "Closed Bakery"
    assert archived.json()["archivedAt"] is not None
    statuses = dict(await api.context.pool.fetch("SELECT id, status FROM scheduled_posts ORDER BY id LIMIT 10"))
    assert [statuses[post] for post in queued] == ["canceled", "canceled"]
    assert [statuses[post] for post in kept] == ["published", "queued"]
    assert (await client.patch(path, json={"status": "archived"})).json() == archived.json()
    refused = await client.patch(path, json={"name": "Open again"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "CONFLICT")
    assert refused.json()["error"]["details"]["status"] == "archived"
    assert (await client.get(path)).json() == archived.json()


async def test_pages_contain_every_project_once(api: Any, clock: Any) -> None:
    """Both sort orders return each project once, with equal instants and inserts between pages."""
    client = await api.client()
    made = []
    for number in range(7):
        made.append((await client.post("/v1/projects", json={**PROJECT, "name": str(number)})).json()["name"])
        if number % 3 == 2:
            clock.advance(timedelta(milliseconds=1))
    for order, wanted in (("desc", made[::-1]), ("asc", made)):
        seen, cursor = [], None
        while True:
            page = (
                await client.get(
                    "/v1/projects", params={"limit": 2, "order": order, **({"cursor": cursor} if cursor else {})}
                )
            ).json()
            seen += [project["name"] for project in page["items"] if project["name"] != "late"]
            cursor = page["nextCursor"]
            if cursor is None:
                break
            await client.post("/v1/projects", json={**PROJECT, "name": "late"})
        assert sorted(seen) == sorted(wanted)
        assert len(seen) == 7


async def test_lists_are_filtered(api: Any) -> None:
    """Filters by status and customer id work; an invalid value is rejected or finds nothing."""
    client = await api.client()
    one = (await client.post("/v1/projects", json={**PROJECT, "customerExternalId": "a"})).json()
    two = (await client.post("/v1/projects", json={**PROJECT, "customerExternalId": "b"})).json()
    await client.patch(f"/v1/projects/{two['id']}", json={"status": "archived"})

    async def ids(**params: str) -> list[str]:
        return [project["id"] for project in (await client.get("/v1/projects", params=params)).json()["items"]]

    assert await ids(status="active") == [one["id"]]
    assert await ids(status="archived") == [two["id"]]
    assert await ids(customerExternalId="a") == [one["id"]]
    assert await ids(customerExternalId="a", status="archived") == []
    for params in (
        {"status": "gone"},
        {"customerExternalId": "\x00"},
        {"cursor": "!"},
        {"limit": "0"},
        {"limit": "201"},
    ):
        assert issues_of(await client.get("/v1/projects", params=params)).keys() == set(params)


async def test_another_tenant_sees_nothing(api: Any) -> None:
    """Keys of another organization or environment get 404 and empty lists."""
    client = await api.client()
    project = (await client.post("/v1/projects", json=PROJECT)).json()
    for stranger in (await api.client(organization="Other"), await api.client(environment="live")):
        path = f"/v1/projects/{project['id']}"
        for answer in (await stranger.get(path), await stranger.patch(path, json={"name": "Mine"})):
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")
        assert (await stranger.get("/v1/projects")).json()["items"] == []
    assert (await client.get(f"/v1/projects/{project['id']}")).json() == project


async def test_malformed_id_is_not_found(api: Any) -> None:
    """A malformed id in a path returns 404, like an unknown one."""
    client = await api.client()
    for text in ("nonsense", "cnt_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55", "0191f3a27c1e7b609d0a3f6a2f1c8e55"):
        assert (await client.get(f"/v1/projects/{text}")).status_code == 404
        assert (await client.patch(f"/v1/projects/{text}", json={})).status_code == 404


async def test_scopes_are_checked(api: Any) -> None:
    """Reads and writes require their scopes; whoami requires only a key."""
    reader = await api.client(scopes=["projects:read"])
    writer = await api.client(scopes=["projects:write"])
    project = (await writer.post("/v1/projects", json=PROJECT)).json()
    path = f"/v1/projects/{project['id']}"
    for answer in (await reader.post("/v1/projects", json=PROJECT), await reader.patch(path, json={})):
        assert answer.status_code == 403
        assert answer.json()["error"]["details"] == {"requiredScope": "projects:write"}
    for answer in (await writer.get("/v1/projects"), await writer.get(path)):
        assert answer.status_code == 403
        assert answer.json()["error"]["details"] == {"requiredScope": "projects:read"}
    assert (await reader.get(path)).status_code == 200
    anonymous = await api.anonymous()
    assert (await anonymous.get("/v1/whoami")).status_code == 401
    assert (await anonymous.post("/v1/projects", json=PROJECT)).status_code == 401


async def test_whoami_describes_the_key(api: Any) -> None:
    """The response has organization, environment, key and permissions, and no secret."""
    client = await api.client(
        scopes=["publish:read", "content:read"], environment="live", return_domains=["App.example"]
    )
    answer = (await client.get("/v1/whoami")).json()
    parse_id("org", answer.pop("organizationId"))
    parse_id("key", answer.pop("keyId"))
    assert answer == {
        "organizationName": "Acme",
        "environment": "live",
        "scopes": ["content:read", "publish:read"],
        "tier": "unlimited",
        "returnDomains": ["app.example"],
        "operatorId": None,
        "userId": None,
    }


async def test_retried_request_creates_one_project(api: Any) -> None:
    """Concurrent requests and a later retry create one project and return the same bytes; another body is a conflict."""
    client = await api.client()
    headers = {"Idempotency-Key": "make-1"}
    twins = await asyncio.gather(*(client.post("/v1/projects", json=PROJECT, headers=headers) for _ in range(5)))
    assert {twin.status_code for twin in twins} == {201}
    assert len({twin.content for twin in twins}) == 1
    assert sum("Idempotent-Replayed" in twin.headers for twin in twins) == 4
    assert len((await client.get("/v1/projects")).json()["items"]) == 1
    conflict = await client.post("/v1/projects", json={**PROJECT, "name": "Other"}, headers=headers)
    assert (conflict.status_code, conflict.json()["error"]["code"]) == (409, "IDEMPOTENCY_CONFLICT")


async def test_a_bare_and_a_prefixed_id_are_one_resource(api: Any) -> None:
    """A retry with the same key is a replay for both forms of the id in the path."""
    client = await api.client()
    project = (await client.post("/v1/projects", json=PROJECT)).json()
    headers = {"Idempotency-Key": "rename-1"}
    first = await client.patch(f"/v1/projects/{project['id']}", json={"name": "New"}, headers=headers)
    bare = project["id"].removeprefix("prj_")
    again = await client.patch(f"/v1/projects/{bare}", json={"name": "New"}, headers=headers)
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"


async def insert_post(api: Any, project: dict[str, Any], status: str) -> UUID:
    """Insert a post of a project into the database."""
    post_id, now = new_id(), api.context.clock.now()
    await api.context.pool.execute(
        """INSERT INTO scheduled_posts (id, project_id, organization_id, environment, container_id, social_account_id,
               platform, mode, status, scheduled_for, run_at, platform_state, error_count, version, created_at, updated_at)
           VALUES ($1, $2, $3, 'test', $4, $5, 'instagram', 'publish', $6, $7, $7, '{}', 0, 1, $7, $7)""",
        post_id,
        parse_id("prj", project["id"]),
        parse_id("org", project["organizationId"]),
        new_id(),
        new_id(),
        status,
        now,
    )
    return post_id
