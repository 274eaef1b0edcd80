"""The content review policy: reading and setting it, and the count for `review_first_n`."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from tests.databases import until_waiting

JPEG = "image/jpeg"


async def set_policy(content_client: Any, **body: Any) -> Any:
    """PATCH …/content-review-policy."""
    return await content_client.client.patch(
        f"/v1/projects/{content_client.project_id}/content-review-policy", json=body
    )


async def policy(content_client: Any) -> dict[str, Any]:
    """GET …/content-review-policy."""
    response = await content_client.client.get(f"/v1/projects/{content_client.project_id}/content-review-policy")
    assert response.status_code == 200, response.text
    return dict(response.json())


async def create_container(content_client: Any) -> tuple[str, str]:
    """Create a completed container without media and return its id and approval status."""
    opened = (await content_client.open(("a.jpg", JPEG, 5))).json()["items"][0]["containerId"]
    await content_client.api.context.pool.execute(
        "UPDATE content_containers SET status = 'completed' WHERE id = $1::text::uuid", opened.removeprefix("cnt_")
    )
    return opened, (await content_client.client.get(f"/v1/content/{opened}")).json()["approvalStatus"]


async def decide(content_client: Any, container: str, *, approving: bool) -> int:
    """Approve or reject, and return the status."""
    path = f"/v1/content/{container}/{'approve' if approving else 'reject'}"
    response = await content_client.client.post(path, json={} if approving else {"reason": "No."})
    return int(response.status_code)


async def test_the_policy_is_read_and_set(content_client: Any) -> None:
    """The default is auto_approve without a date; a set policy is read back, and projects show whether approval is needed."""
    assert await policy(content_client) == {
        "projectId": content_client.project_id,
        "policy": "auto_approve",
        "covers": "content",
        "pendingCount": 0,
    }
    response = await set_policy(content_client, policy="review_first_n", firstN=3)
    assert (response.status_code, response.json()) == (200, await policy(content_client))
    assert {**response.json(), "updatedAt": None} == {
        "projectId": content_client.project_id,
        "policy": "review_first_n",
        "firstN": 3,
        "covers": "content",
        "pendingCount": 0,
        "updatedAt": None,
    }
    project = f"/v1/projects/{content_client.project_id}"
    assert (await content_client.client.get(project)).json()["requiresApproval"] is True
    back = (await set_policy(content_client, policy="auto_approve")).json()
    assert ("firstN" in back, "updatedAt" in back) == (False, True)
    assert (await content_client.client.get(project)).json()["requiresApproval"] is False


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"policy": "review_first_n"}, "firstN"),
        ({"policy": "review_first_n", "firstN": None}, "firstN"),
        ({"policy": "review_first_n", "firstN": 0}, "firstN"),
        ({"policy": "review_first_n", "firstN": 51}, "firstN"),
        ({"policy": "review_first_n", "firstN": "3"}, "firstN"),
        ({"policy": "review_all", "firstN": 3}, "firstN"),
        ({"policy": "auto_approve", "firstN": 1}, "firstN"),
        ({"policy": "review_none"}, "policy"),
        ({"firstN": 3}, "policy"),
    ],
)
async def test_an_invalid_policy_is_refused(content_client: Any, body: dict[str, Any], path: str) -> None:
    """`firstN` is 1–50 with review_first_n only, and the issue is at its path."""
    response = await set_policy(content_client, **body)
    assert (response.status_code, response.json()["error"]["code"]) == (422, "VALIDATION")
    assert [issue["path"] for issue in response.json()["error"]["details"]["issues"]] == [path]
    assert (await policy(content_client))["policy"] == "auto_approve"


async def test_a_policy_affects_new_content_only(content_client: Any) -> None:
    """Pending content stays pending, other content is not changed; only completed content is counted."""
    free, _ = await create_container(content_client)
    await set_policy(content_client, policy="review_all")
    waiting, status = await create_container(content_client)
    await content_client.open(("unfinished.jpg", JPEG, 5))
    assert (status, (await policy(content_client))["pendingCount"]) == ("pending", 1)
    await set_policy(content_client, policy="auto_approve")
    read = [
        (await content_client.client.get(f"/v1/content/{each}")).json()["approvalStatus"] for each in (free, waiting)
    ]
    assert (read, (await policy(content_client))["pendingCount"]) == (["not_required", "pending"], 1)
    assert await decide(content_client, waiting, approving=True) == 200
    assert (await policy(content_client))["pendingCount"] == 0


async def test_first_n_counts_decisions_only(content_client: Any) -> None:
    """Approvals and rejections count; content approved at creation does not, so a higher number requires approval again."""
    await set_policy(content_client, policy="review_first_n", firstN=2)
    waiting = [await create_container(content_client) for _ in range(3)]
    assert [status for _, status in waiting] == ["pending"] * 3
    assert await decide(content_client, waiting[0][0], approving=False) == 200
    assert (await create_container(content_client))[1] == "pending"
    assert await decide(content_client, waiting[1][0], approving=True) == 200
    assert [(await create_container(content_client))[1] for _ in range(4)] == ["approved"] * 4
    await set_policy(content_client, policy="review_first_n", firstN=3)
    assert (await create_container(content_client))[1] == "pending"
    assert await decide(content_client, waiting[2][0], approving=True) == 200
    assert (await create_container(content_client))[1] == "approved"


async def test_concurrent_creations_and_decisions_are_counted_correctly(content_client: Any) -> None:
    """Content created after N decisions is approved, and before it is not, whatever the order of concurrent calls.

    Each round decides the last missing time beside creations: a creation that began after the decision's response is
    approved, and none is approved while fewer than N decisions are stored.
    """
    await set_policy(content_client, policy="review_first_n", firstN=5)
    waiting = [(await create_container(content_client))[0] for _ in range(8)]
    statuses: list[str] = []

    async def make() -> None:
        statuses.extend([await initial_status(content_client) for _ in range(6)])

    responses = await asyncio.gather(
        make(), *(decide(content_client, each, approving=True) for each in waiting[:4]), make()
    )
    assert (Counter(statuses), [response for response in responses if response]) == (Counter(pending=12), [200] * 4)
    twice = await asyncio.gather(*(decide(content_client, waiting[4], approving=number == 0) for number in range(4)))
    assert sorted(twice) == [200, 409, 409, 409]
    assert await asyncio.gather(*(initial_status(content_client) for _ in range(6))) == ["approved"] * 6


async def initial_status(content_client: Any) -> str:
    """Create a container and return its approval status."""
    return (await create_container(content_client))[1]


async def test_a_policy_change_waits_for_content_being_created(content_client: Any) -> None:
    """A concurrent container follows the old or the new policy, as stored."""
    pool = content_client.api.context.pool
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM projects FOR SHARE")
        change = asyncio.create_task(set_policy(content_client, policy="review_all"))
        await until_waiting(pool)
        assert not change.done()
    assert (await change).status_code == 200
    assert (await create_container(content_client))[1] == "pending"


async def test_archived_projects_keep_their_policy(content_client: Any) -> None:
    """An archived project gets no new content, so its policy can't be changed."""
    await content_client.client.patch(f"/v1/projects/{content_client.project_id}", json={"status": "archived"})
    response = await set_policy(content_client, policy="review_all")
    assert (response.status_code, response.json()["error"]["code"]) == (409, "CONFLICT")
    assert (await policy(content_client))["policy"] == "auto_approve"


async def test_setting_the_policy_requires_the_approve_scope(content_client: Any) -> None:
    """Reading requires content:read, setting content:approve."""
    path = f"/v1/projects/{content_client.project_id}/content-review-policy"
    reader = await content_client.api.client(scopes=["content:read", "content:write", "projects:write"])
    assert (await reader.get(path)).status_code == 200
    response = await reader.patch(path, json={"policy": "auto_approve"})
    assert (response.status_code, response.json()["error"]["details"]) == (403, {"requiredScope": "content:approve"})
