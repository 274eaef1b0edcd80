"""Review links in the API: make, list and revoke, and who sees which."""

from datetime import timedelta

import pytest
from tests.clocks import MovableClock
from tests.links.review_flow import LINKS, ReviewFlow, page_of

from presswork.core.ids import new_id
from presswork.core.timestamps import write_instant


async def test_the_answer_has_the_address_once(flow: ReviewFlow, clock: MovableClock) -> None:
    """A retry returns the same address; the list has visits and decisions, but no address."""
    container = flow.project.image
    body = {
        "containerIds": [container, flow.project.video, container],
        "expiresInHours": 2,
        "canDecide": True,
        "recipientName": "Marta",
        "note": "Next week.",
    }
    headers = {"Idempotency-Key": "link-1"}
    made = await flow.project.client.post(LINKS, json=body, headers=headers)
    again = await flow.project.client.post(LINKS, json=body, headers=headers)
    assert (made.status_code, again.json()) == (201, made.json())
    link = made.json()
    expires_at = write_instant(clock.now() + timedelta(hours=2))
    assert link == {"id": link["id"], "url": link["url"], "expiresAt": expires_at}
    assert link["url"].startswith(f"{flow.project.world.api.base_url}/review/")
    assert made.headers["cache-control"] == "no-store"
    marta = await flow.person(link)
    await marta.browser.head(page_of(link))
    await marta.decide("approve", container)
    assert await flow.listed(link) == {
        "id": link["id"],
        "projectId": flow.project.project,
        "containerIds": [container, flow.project.video],
        "status": "active",
        "canDecide": True,
        "recipientName": "Marta",
        "note": "Next week.",
        "decisions": 1,
        "visits": 2,
        "lastVisitedAt": write_instant(clock.now()),
        "createdBy": (await flow.project.client.get("/v1/whoami")).json()["keyId"],
        "createdAt": write_instant(clock.now()),
        "expiresAt": expires_at,
        "revokedAt": None,
    }
    token = page_of(link).removeprefix("/review/")
    assert (
        await flow.project.pool.fetchval("SELECT count(*) FROM page_links l WHERE l::text LIKE $1", f"%{token}%") == 0
    )


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"containerIds": []}, "containerIds"),
        ({"containerIds": [f"cnt_{new_id()}" for _ in range(21)]}, "containerIds"),
        ({"containerIds": ["cnt_x"]}, "containerIds[0]"),
        ({"expiresInHours": 721}, "expiresInHours"),
        ({"expiresInHours": 0}, "expiresInHours"),
        ({"canDecide": "yes"}, "canDecide"),
        ({"canDecide": None}, "canDecide"),
        ({"recipientName": "x" * 101}, "recipientName"),
        ({"recipientName": " "}, "recipientName"),
        ({"note": "x" * 1025}, "note"),
        ({"color": "red"}, "color"),
    ],
)
async def test_a_wrong_field_is_named(flow: ReviewFlow, body: dict[str, object], path: str) -> None:
    """The limits of the fields hold, and nothing is written."""
    whole = {"containerIds": [flow.project.image], "expiresInHours": 1, "canDecide": True, **body}
    answer = await flow.project.client.post(LINKS, json=whole)
    assert answer.status_code == 422, answer.text
    assert [issue["path"] for issue in answer.json()["error"]["details"]["issues"]] == [path]
    assert (await flow.project.client.get(LINKS)).json()["items"] == []


async def test_a_link_shows_the_content_of_one_project(flow: ReviewFlow) -> None:
    """Content of another project is an issue; content that the key does not see is not found."""
    other = await flow.project.world.project("Other")
    foreign = await flow.project.world.api.client(organization="Foreign")
    theirs = (await foreign.post("/v1/projects", json={"name": "Theirs"})).json()["id"]
    declared = {"filename": "a.jpg", "contentType": "image/jpeg", "sizeBytes": 5}
    files = {"grouping": "per-file", "files": [declared]}
    opened = [
        await client.post(f"/v1/projects/{project}/content/uploads", json=files)
        for client, project in ((flow.project.client, other), (foreign, theirs))
    ]
    second, hidden = [one.json()["items"][0]["containerId"] for one in opened]
    body = {"expiresInHours": 1, "canDecide": True}
    mixed = await flow.project.client.post(LINKS, json={**body, "containerIds": [flow.project.image, second]})
    assert [issue["path"] for issue in mixed.json()["error"]["details"]["issues"]] == ["containerIds[1]"]
    for unseen in (hidden, f"cnt_{new_id()}"):
        answer = await flow.project.client.post(LINKS, json={**body, "containerIds": [flow.project.image, unseen]})
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")
    assert (await flow.project.client.get(LINKS)).json()["items"] == []


async def test_links_are_found_by_project_and_content(flow: ReviewFlow) -> None:
    """The newest is first, page by page; filters keep those of a project or of a container."""
    made = [(await flow.make(container))["id"] for container in (flow.project.image, flow.project.video)]
    first = (await flow.project.client.get(LINKS, params={"limit": 1})).json()
    second = (await flow.project.client.get(LINKS, params={"limit": 1, "cursor": first["nextCursor"]})).json()
    assert [one["id"] for one in first["items"] + second["items"]] == made[::-1]

    async def found(**filters: str) -> list[str]:
        answer = await flow.project.client.get(LINKS, params=filters)
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["items"]]

    assert await found(containerId=flow.project.image) == made[:1]
    assert await found(projectId=flow.project.project) == made[::-1]
    assert await found(projectId=f"prj_{new_id()}") == []
    assert await found(projectId=f"prj_{new_id()}", containerId=flow.project.image) == []
    assert await found(containerId=f"cnt_{new_id()}") == []


async def test_a_revoked_link_is_gone_at_once(flow: ReviewFlow) -> None:
    """Its page is that of an unknown link, and so is a decision that was about to be sent; revoking again changes nothing."""
    link = await flow.make()
    marta = await flow.person(link)
    revoked = await flow.project.client.delete(f"{LINKS}/{link['id']}")
    assert (revoked.status_code, revoked.json()["status"]) == (200, "revoked")
    assert (await marta.decide("approve")).status_code == 404
    assert (await marta.open()).status_code == 404
    assert (await flow.content())["approvalStatus"] == "pending"
    again = await flow.project.client.delete(f"{LINKS}/{link['id']}")
    assert again.json() == revoked.json()


async def test_the_scope_is_that_of_approval(flow: ReviewFlow) -> None:
    """A key that may write content can't make, list or revoke links that approve it."""
    link = await flow.make()
    writer = await flow.project.world.api.client(scopes=["content:read", "content:write"])
    answers = [
        await writer.post(LINKS, json={"containerIds": [flow.project.image], "expiresInHours": 1, "canDecide": False}),
        await writer.get(LINKS),
        await writer.delete(f"{LINKS}/{link['id']}"),
    ]
    assert [one.json()["error"]["details"]["requiredScope"] for one in answers] == ["content:approve"] * 3
    foreign = await flow.project.world.api.client(organization="Foreign")
    assert (await foreign.delete(f"{LINKS}/{link['id']}")).status_code == 404
    assert (await foreign.get(LINKS)).json()["items"] == []
