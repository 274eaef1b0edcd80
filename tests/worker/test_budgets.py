"""Budgets of projects for platforms that charge for posts: what a call and the worker count, and what they refuse."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from tests.worker.conftest import WorkerWorld

POST = 0.015
LINK = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A project with an account of a platform that charges for posts."""

    on: WorkerWorld
    project: str
    account: str

    async def budget(self, usd: float | None) -> None:
        """Set the budget of a month."""
        budgets = None if usd is None else {"x": {"monthlyUsd": usd}}
        answer = await self.on.world.client.patch(f"/v1/projects/{self.project}", json={"budgets": budgets})
        assert answer.status_code == 200, answer.text
        assert answer.json()["budgets"] == budgets

    async def text(self, text: str | None = None, **more: object) -> str:
        """Make a text, and return its id."""
        body = more if text is None else {"text": text, **more}
        answer = await self.on.world.client.post(f"/v1/projects/{self.project}/content", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def send(self, container: str, call: str = "publish", **more: object) -> httpx2.Response:
        """Publish a text, or schedule it."""
        targets = [{"socialAccountId": self.account, "mode": "publish"}]
        return await self.on.world.client.post(f"/v1/content/{container}/{call}", json={"targets": targets, **more})

    async def publish(self, text: str, **more: object) -> httpx2.Response:
        """Make and publish a text."""
        return await self.send(await self.text(text, **more))

    async def preflight(self, container: str) -> dict[str, Any]:
        """Return the verdict about a text."""
        answer = await self.send(container, "preflight")
        return dict(answer.json())

    async def spent(self) -> tuple[int, int]:
        """Return what is held and what is settled, in thousandths of a dollar."""
        sql = "SELECT sum(amount)::bigint AS amount, sum(settled)::bigint AS settled FROM project_spending"
        row = await self.on.world.api.context.pool.fetchrow(sql)
        assert row is not None
        return (row["amount"] or 0) // 1000, (row["settled"] or 0) // 1000

    async def ends(self) -> list[str]:
        """Return how all posts ended, in the order of their times."""
        answer = await self.on.world.client.get("/v1/scheduled-posts?order=asc")
        return [one["lastError"]["code"] if one["lastError"] else one["status"] for one in answer.json()["items"]]


@pytest.fixture
async def priced(worker_world: WorkerWorld) -> Priced:
    """A project without a budget."""
    project = await worker_world.world.project()
    return Priced(on=worker_world, project=project, account=await worker_world.world.account(project, "x", "luna"))


def reason(answer: httpx2.Response) -> tuple[int, str, str]:
    """Return why a call was refused."""
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["details"].get("reason", "")


BUDGET = (422, "SOCIAL_ACCOUNT_NOT_PUBLISH_READY", "budget")


async def test_preflight_says_what_posts_cost(priced: Priced) -> None:
    """Each part, a link and the first comment count; what the budget has no room for is refused, by preflight and by the call."""
    thread = await priced.text(parts=[{"text": "One"}, {"text": "Two: https://bread.example"}], firstComment="Three")
    cost = {"amount": 2 * POST + LINK, "currency": "USD"}
    verdict = await priced.preflight(thread)
    assert (verdict["ok"], verdict["estimatedCost"], verdict["targets"][0]["estimatedCost"]) == (True, cost, cost)
    await priced.budget(0.22)
    verdict = await priced.preflight(thread)
    [error] = verdict["targets"][0]["errors"]
    assert (error["details"]["reason"], error["details"]["estimatedCost"], verdict["ok"]) == ("budget", cost, False)
    assert "monthly budget for X, posts" in error["message"]
    assert reason(await priced.send(thread)) == BUDGET
    assert (await priced.publish("A short one")).status_code == 200
    await priced.on.worker.work_until_idle()
    assert (await priced.ends(), await priced.spent()) == (["published"], (15, 15))


async def test_calls_that_arrive_together_do_not_overspend(priced: Priced) -> None:
    """Of ten calls at once, those go out that the budget has room for."""
    await priced.budget(0.05)
    texts = [await priced.text(f"Loaf {number}") for number in range(10)]
    answers = await asyncio.gather(*(priced.send(text) for text in texts))
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [422] * 7
    assert {reason(answer) for answer in answers if answer.status_code == 422} == {BUDGET}
    await priced.on.worker.work_until_idle()
    assert (await priced.ends(), await priced.spent()) == (["published"] * 3, (45, 45))


async def test_a_lower_budget_stops_what_is_queued(priced: Priced) -> None:
    """The worker counts what is live: the post that has no room fails, and gives back what was held for it."""
    for text in ("One", "Two"):
        assert (await priced.publish(text)).status_code == 200
    await priced.budget(0.02)
    await priced.on.worker.work_until_idle()
    assert (await priced.ends(), await priced.spent()) == (["published", "PLATFORM_LIMIT"], (15, 15))


@pytest.mark.exhaustive
async def test_what_ends_otherwise(priced: Priced) -> None:
    """A canceled post and a refused one cost nothing; one whose outcome is unknown counts as spent."""
    later = (datetime.now(UTC) + timedelta(minutes=30)).isoformat()
    answer = await priced.send(await priced.text("Later"), "schedule", scheduledFor=later)
    assert answer.status_code == 200, answer.text
    (post_id,) = answer.json()["scheduledPostIds"]
    assert await priced.spent() == (15, 0)
    assert (await priced.on.world.client.delete(f"/v1/scheduled-posts/{post_id}")).status_code == 200
    await priced.on.world.fault(
        platform="x", operation="tweets", fault="platform_error", value={"code": "403"}, times=1
    )
    assert (await priced.publish("Refused")).status_code == 200
    await priced.on.worker.work_until_idle()
    assert await priced.spent() == (0, 0)
    await priced.on.world.fault(platform="x", operation="tweets", fault="drop_after_effect", times=1)
    await priced.on.world.fault(platform="x", operation="user_tweets", fault="http_500", times=-1)
    assert (await priced.publish("Unknown")).status_code == 200
    await priced.on.worker.work_until_idle()
    assert sorted(await priced.ends()) == ["OUTCOME_UNKNOWN", "PLATFORM_REJECTED", "canceled"]
    assert await priced.spent() == (15, 15)


async def test_free_platforms_have_no_budget(priced: Priced) -> None:
    """A budget for one of them is refused."""
    body = {"budgets": {"bluesky": {"monthlyUsd": 1}}}
    answer = await priced.on.world.client.patch(f"/v1/projects/{priced.project}", json=body)
    assert answer.status_code == 422
    message = answer.json()["error"]["message"]
    assert message == "`budgets.bluesky` charges nothing for posts. Omit it."
