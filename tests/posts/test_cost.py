"""What a target costs in a publish call, counted in calls of functions, which depend on neither machine nor load."""

import json
import sys
from types import FrameType

import pytest
from tests.posts.conftest import ReadyProject, insert_account

MAX_PER_TARGET = 40
"""Calls of functions, of Python and of C, for each further target of a call; eight of them are the driver's, for its arrays."""


async def counted(ready: ReadyProject, accounts: list[str], *, of: str | None = None, key: str = "") -> int:
    """Publish to accounts, and return the number of function calls meanwhile: of the API, the client and the driver.

    `of`: only those of the function with this name.
    """
    body = json.dumps({"targets": [{"socialAccountId": account, "mode": "publish"} for account in accounts]}).encode()
    calls = 0

    def count(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        if of is None:
            calls += event in {"call", "c_call"}
        else:
            calls += event == "call" and frame.f_code.co_name == of

    sys.setprofile(count)
    try:
        response = await ready.client.post(
            f"/v1/content/{ready.image}/publish",
            content=body,
            headers={"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {}),
        )
    finally:
        sys.setprofile(None)
    assert response.status_code == 200, response.text
    return calls


async def test_a_further_target_costs_few_function_calls(ready_project: ReadyProject) -> None:
    """50 targets instead of 10: what is the same for all targets of a call is not computed again for each of them."""
    pool, project = ready_project.pool, ready_project.project
    accounts = [await insert_account(pool, project, "tiktok", ["video.publish"]) for _ in range(50)]
    await counted(ready_project, accounts)  # opens connections, and fills caches
    few = min([await counted(ready_project, accounts[:10]) for _ in range(3)])
    many = min([await counted(ready_project, accounts) for _ in range(3)])
    assert (many - few) / 40 <= MAX_PER_TARGET


@pytest.mark.parametrize("key", ["", "a-key"])
async def test_the_reply_is_built_once(ready_project: ReadyProject, key: str) -> None:
    """The reply that is sent is the one that was stored; without a key none is built to be stored."""
    assert await counted(ready_project, [ready_project.tiktok], of="reply_of", key=key) == 1
