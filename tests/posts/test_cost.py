"""What a target costs in a publish call, counted in calls of functions, which depend on neither machine nor load."""

import json
import sys
from types import FrameType

from tests.posts.conftest import ReadyProject, insert_account

MOST_PER_TARGET = 45
"""Calls of functions, of Python and of C, for each further target of a call."""


async def counted(ready: ReadyProject, accounts: list[str]) -> int:
    """Publish to accounts, and return the number of function calls meanwhile: of the API, the client and the driver."""
    body = json.dumps({"targets": [{"socialAccountId": account, "mode": "publish"} for account in accounts]}).encode()
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        response = await ready.client.post(
            f"/v1/content/{ready.image}/publish", content=body, headers={"Content-Type": "application/json"}
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
    assert (many - few) / 40 <= MOST_PER_TARGET
