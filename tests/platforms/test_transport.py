"""The HTTP client of the platforms: what it does once it is closed."""

from datetime import timedelta

import pytest

from presswork.platforms.transport import CallFailed, Transport


async def test_a_closed_transport_opens_nothing() -> None:
    """A call that comes after the end fails as one that was not sent, and leaves no connection behind."""
    transport = Transport(name="test")
    await transport.aclose()
    with pytest.raises(CallFailed) as failed:
        await transport.call("GET", "http://127.0.0.1:1/", operation="test", timeout=timedelta(seconds=1))
    assert (failed.value.was_sent, failed.value.reason) == (False, "this process is stopping")
