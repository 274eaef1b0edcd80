"""Under `content_and_text` no text goes out that was not approved, in whatever order people and workers act."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final

import httpx2
import pytest
from tests.tiers import exhaustive
from tests.worker.conftest import WorkerWorld

from presswork.core.timestamps import write_instant

ROUNDS: Final = 5
CALLS: Final = 15


class Newsroom:
    """One container whose reviewer edits and approves it, while authors publish it and a worker works."""

    def __init__(self, worker_world: WorkerWorld, container: str, accounts: list[str], seed: int) -> None:
        """`seed` decides who does what next."""
        self._worker_world: Final = worker_world
        self._client: Final = worker_world.world.client
        self._path: Final = f"/v1/content/{container}"
        self._accounts: Final = accounts
        self._random: Final = random.Random(seed)  # noqa: S311  a test's order, not a secret
        self._is_over = False
        self.approved: Final[set[tuple[str, str]]] = set()
        """The caption and first comment of each approval."""
        self.answers: Final[set[tuple[str, int]]] = set()
        """The calls that were made, and how they were answered."""

    async def review(self) -> None:
        """Edit and approve; between the two nothing goes out."""
        try:
            for round_ in range(ROUNDS):
                texts = {"caption": f"Caption {round_}", "firstComment": f"Comment {round_}"}
                while (edited := await self._edit(texts)).status_code == 409:
                    assert edited.json()["error"]["details"]["reason"] == "posts_in_flight"
                live = await self._live()
                assert edited.json()["approvalStatus"] == "pending"
                await self._step()
                assert (await self._publish({"socialAccountId": self._accounts[0], "mode": "publish"})) == 403
                assert await self._live() == live
                self.approved.add((texts["caption"], texts["firstComment"]))
                body = {"revision": edited.json()["revision"]}
                answer = await self._client.post(f"{self._path}/approve", json=body)
                assert answer.status_code == 200, answer.text
            assert (await self._publish({"socialAccountId": self._accounts[0], "mode": "publish"})) == 200
        finally:
            self._is_over = True

    async def publish(self) -> None:
        """Publish or schedule, with texts of any round, while there is a reviewer."""
        for _ in range(CALLS):
            await self._step()
            if self._is_over:
                return
            target: dict[str, Any] = {"socialAccountId": self._random.choice(self._accounts), "mode": "publish"}
            if self._random.random() < 0.5:
                target["captionOverride"] = f"Caption {self._random.randrange(ROUNDS)}"
            if self._random.random() < 0.5:
                await self._publish(target)
            else:
                target.pop("captionOverride", None)  # a call that waits would have its override approved
                body = {"targets": [target], "scheduledFor": write_instant(datetime.now(UTC))}
                answer = await self._client.post(f"{self._path}/schedule", json=body)
                self.answers.add(("schedule", answer.status_code))

    async def _publish(self, target: dict[str, Any]) -> int:
        answer = await self._client.post(f"{self._path}/publish", json={"targets": [target]})
        self.answers.add(("publish", answer.status_code))
        return answer.status_code

    async def work(self) -> None:
        """Publish what is due."""
        while not self._is_over:
            await self._worker_world.worker.work_until_idle()

    async def _edit(self, texts: dict[str, str]) -> httpx2.Response:
        await self._step()
        edited = await self._client.patch(self._path, json=texts)
        self.answers.add(("edit", edited.status_code))
        return edited

    async def _step(self) -> None:
        """Let the others do something: one to six calls of the service."""
        for _ in range(self._random.randint(1, 6)):
            await self._client.get(self._path)

    async def _live(self) -> int:
        return len(await self._worker_world.world.live())


@pytest.mark.parametrize("seed", [1, *exhaustive([2])])
async def test_no_text_goes_out_that_was_not_approved(worker_world: WorkerWorld, picture: bytes, seed: int) -> None:
    """Each live post has the caption and comment of one approval, and none went out between an edit and the approval."""
    world = worker_world.world
    project = await world.project()
    accounts = [await world.account(project, "instagram", f"brand{n}") for n in range(2)]
    policy = {"policy": "review_all", "covers": "content_and_text"}
    answer = await world.client.patch(f"/v1/projects/{project}/content-review-policy", json=policy)
    assert answer.status_code == 200, answer.text
    container = await world.content(project, picture, caption="Born", comment="Born")
    newsroom = Newsroom(worker_world, container, accounts, seed)
    newsroom.approved.add(("Born", "Born"))
    assert (await world.client.post(f"/v1/content/{container}/approve")).status_code == 200
    actors: list[Callable[[], Awaitable[None]]] = [newsroom.review, newsroom.publish, newsroom.publish, newsroom.work]
    await asyncio.gather(*(actor() for actor in actors))
    await worker_world.worker.work_until_idle()
    live = await world.live()
    assert live
    captions = {caption for caption, _ in newsroom.approved}
    assert {post["caption"] for post in live} <= captions
    pairs = {(post["caption"], comment) for post in live for comment in post["comments"]}
    assert pairs <= newsroom.approved
    assert {status for _, status in newsroom.answers} <= {200, 202, 403, 409}
    assert newsroom.answers >= {("edit", 200), ("publish", 200), ("publish", 403)}
