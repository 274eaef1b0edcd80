"""The HTTP client of the platforms: what it does once it is closed, and that it goes only where it is sent."""

from datetime import timedelta

import pytest
from tests.safe_http.hostile import OUTSIDE, answers, on_stage

from presswork.platforms.transport import CallFailed, Transport


async def test_a_closed_transport_opens_nothing() -> None:
    """A call that comes after the end fails as one that was not sent, and leaves no connection behind."""
    transport = Transport(name="test")
    await transport.aclose()
    with pytest.raises(CallFailed) as failed:
        await transport.call("GET", "http://127.0.0.1:1/", operation="test", timeout=timedelta(seconds=1))
    assert (failed.value.was_sent, failed.value.reason) == (False, "this process is stopping")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_platform_sends_nobody_elsewhere(status: int) -> None:
    """A redirect is an answer like any other: a token or a file goes to no place that an answer names."""
    async with on_stage(answers()) as elsewhere:
        location = f"Location: http://{OUTSIDE}:{elsewhere.port}/"
        async with on_stage(answers(f"{status} Go", location)) as stage, Transport(name="test") as transport:
            url = f"http://{OUTSIDE}:{stage.port}/"
            reply = await transport.call(
                "POST", url, operation="test", timeout=timedelta(seconds=10), token="secret", data=b"file"
            )
    assert (reply.status, elsewhere.connections) == (status, 0)
