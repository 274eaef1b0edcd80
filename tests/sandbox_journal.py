"""The sandbox's journal as a whole: the control surface returns it in pages, newest first."""

from typing import Any, Protocol


class Get(Protocol):
    """Reads a URL, as the clients of the tests do."""

    async def __call__(self, url: str, *, params: dict[str, str]) -> Any:  # Any: the response of whichever client it is
        """Return the response."""
        ...


async def read_journal(
    get: Get, url: str = "/sandbox/control/requests", **filters: str
) -> list[dict[str, Any]]:  # Any: the calls of any platform
    """Return all calls that the sandbox recorded and that match, oldest first."""
    calls: list[dict[str, Any]] = []
    query = {**filters, "limit": "200"}
    while True:
        answer = await get(url, params=query)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        calls += page["items"]
        if page["nextCursor"] is None:
            return calls[::-1]
        query["cursor"] = page["nextCursor"]
