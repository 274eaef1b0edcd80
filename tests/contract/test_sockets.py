"""What the calls in the process leave out: each connector over sockets, and that calls fail alike in both ways."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Final

import pytest
from pydantic import JsonValue
from tests.contract.control import SandboxControl
from tests.contract.faults import Fault, assert_consistent
from tests.contract.in_process import InProcessTransport, OpenTransport, SandboxApp
from tests.contract.job import Sample, picture
from tests.contract.on_managed import OnManaged
from tests.contract.on_platform import OnPlatform
from tests.contract.on_sms import OnSMS
from tests.tiers import sampled

from presswork.platforms.port import Present
from presswork.platforms.transport import CallFailed, Transport
from presswork.worker.reconciliation import Unknown

LIVE_CALLS: Final = {
    "by_instagram": "media_publish",
    "by_facebook": "media_publish",
    "on_threads": "threads_publish",
    "on_facebook": "feed",
    "on_tiktok": "upload",
    "on_youtube": "videos_update",
    "as_page": "posts",
    "on_bluesky": "put_record",
    "on_mastodon": "statuses",
    "on_x": "tweets",
    "on_telegram": "send_photo",
    "on_pinterest": "pins",
}
"""The call of each platform that makes a post live."""
UNREADABLE: Final = {"on_telegram"}
"""Where a lost response leaves the outcome unknown."""
VIDEO: Final = {"on_tiktok", "on_youtube"}
LOST: Final = sampled([None, "drop_before_effect", "drop_after_effect"], "drop_after_effect")
MINUTE: Final = timedelta(minutes=1)


@pytest.fixture
async def open_transport(sandbox_app: SandboxApp) -> OpenTransport:
    """Open the HTTP client that production uses, on the sandbox behind a server."""
    await sandbox_app.serve()
    return Transport


@pytest.fixture(params=LIVE_CALLS)
def fixture_name(request: pytest.FixtureRequest) -> str:
    """Each platform."""
    name: str = request.param
    return name


@pytest.fixture
def on_platform(request: pytest.FixtureRequest, fixture_name: str) -> OnPlatform:
    """The connector of each platform against the sandbox."""
    on_platform: OnPlatform = request.getfixturevalue(fixture_name)
    return on_platform


@pytest.mark.parametrize("fault", LOST)
async def test_a_post_is_live_once(
    on_platform: OnPlatform, fixture_name: str, sample_clip: Sample, fault: str | None
) -> None:
    """The response arrives, or the connection is cut before or after the effect: one post is live."""
    job = await on_platform.job(sample_clip if fixture_name in VIDEO else picture())
    if fault is not None:
        await on_platform.fault(LIVE_CALLS[fixture_name], fault)
    end = await on_platform.drive(job)
    assert isinstance(end, Unknown if fault is not None and fixture_name in UNREADABLE else Present), repr(end)
    assert_consistent(end, await on_platform.live())


@pytest.mark.parametrize("fault", LOST)
async def test_a_post_is_dispatched_once(on_managed: OnManaged, fault: str | None) -> None:
    """The same with a provider."""
    if fault is not None:
        await on_managed.sandbox.fault("provider", "dispatch", fault)
    assert isinstance(await on_managed.drive(on_managed.job(picture())), Present)
    assert len(await on_managed.sandbox.dispatches()) == 1


@pytest.mark.parametrize("fault", LOST)
async def test_a_draft_is_texted_once(on_sms: OnSMS, fault: str | None) -> None:
    """The same with a text message."""
    if fault is not None:
        await on_sms.fault("messages", fault)
    assert isinstance(await on_sms.drive(await on_sms.job(picture())), Present)
    assert len(await on_sms.sandbox.messages()) == 1


async def called(transport: Transport, sandbox: SandboxControl, **more: object) -> object:
    """Return the response to one call, or how it failed."""
    request = {
        "timeout": MINUTE,
        "headers": {"Authorization": "Basic QUMxOnRva2Vu"},
        "form": {"To": "+15551230001", "From": "+15005550006", "Body": "Hi"},
    } | more
    url = f"{sandbox.host('api.twilio.com')}/2010-04-01/Accounts/AC1/Messages.json"
    try:
        reply = await transport.call("POST", url, operation="messages", **request)  # type: ignore[arg-type]  # of `request`
    except CallFailed as failed:
        return failed.reason, failed.was_sent
    return reply.status, reply.header("content-type"), reply.json_object() is not None


@pytest.fixture
async def both(sandbox_app: SandboxApp, open_transport: OpenTransport) -> AsyncIterator[Mapping[str, Transport]]:
    """A client in the process, and one over sockets."""
    async with InProcessTransport(sandbox_app, name="sms") as near, open_transport(name="sms") as far:
        yield {"in the process": near, "over sockets": far}


async def test_calls_fail_alike(both: Mapping[str, Transport], sandbox: SandboxControl) -> None:
    """Under every fault, a call in the process has the response or the failure that it has over sockets."""
    faults = [
        Fault("http_500"),
        Fault("html_502"),
        Fault("malformed_json"),
        Fault("drop_before_effect"),
        Fault("drop_after_effect"),
        Fault("platform_error", {"code": 21610}),
        Fault("latency", {"ms": 1}),
    ]
    seen: dict[str, list[object]] = {}
    for name, transport in both.items():
        seen[name] = [await called(transport, sandbox)]
        for fault in faults:
            await sandbox.fault("sms", "messages", fault.name, **fault.more(times=1))
            seen[name].append((str(fault), await called(transport, sandbox), len(await sandbox.messages())))
        await sandbox.reset()
    assert seen["in the process"] == seen["over sockets"]
    lost = ("the connection broke", True)
    assert [one for one in seen["over sockets"] if isinstance(one, tuple) and lost in one] == [
        ("drop_before_effect", lost, 2),
        ("drop_after_effect", lost, 3),
    ]


async def test_a_client_stops_waiting_alike(both: Mapping[str, Transport], sandbox: SandboxControl) -> None:
    """A response that takes four times as long as the client waits: the failure is the same, and the call has its effect."""
    for name, transport in both.items():
        await called(transport, sandbox)  # connects
        await sandbox.fault("sms", "messages", "latency", value={"ms": 1000})
        seen = await called(transport, sandbox, timeout=timedelta(milliseconds=250))
        assert (name, seen) == (name, ("no answer came in time", True))
        while len(await sandbox.messages()) < 2:  # noqa: ASYNC110  the sandbox reports no event
            await asyncio.sleep(0.05)
        await sandbox.reset()


async def test_a_body_breaks_off_alike(both: Mapping[str, Transport], sandbox: SandboxControl) -> None:
    """A file that can't be read to its end: the failure is the same."""

    async def broken() -> AsyncIterator[bytes]:
        yield b"To=%2B15551230001"
        raise ConnectionResetError("the line broke")

    for name, transport in both.items():
        headers: dict[str, JsonValue] = {"Content-Length": "100", "Content-Type": "application/x-www-form-urlencoded"}
        seen = await called(transport, sandbox, form=None, data=broken(), headers=headers)
        assert (name, seen) == (name, ("the connection broke", True))
        assert await sandbox.messages() == []
