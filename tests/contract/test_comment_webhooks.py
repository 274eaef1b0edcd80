"""Webhooks about comments that the sandbox sends: the subscription at the login, the handshake, and what the reader makes of them."""

from collections.abc import Sequence
from typing import Final

import pytest
from pydantic import JsonValue
from tests.clocks import JumpingClock
from tests.contract.control import SandboxControl
from tests.contract.in_process import OpenTransport
from tests.contract.on_platform import VERIFIER

from presswork.platforms.facebook_pages.description import Endpoints as FacebookPagesEndpoints
from presswork.platforms.facebook_pages.plugin import facebook_pages
from presswork.platforms.graph.login import METADATA, SUBSCRIBE
from presswork.platforms.instagram.description import Endpoints, FacebookEndpoints
from presswork.platforms.instagram.plugin import instagram, instagram_by_facebook
from presswork.platforms.port import AppCredentials, Platform, RetryPolicy
from presswork.platforms.transport import Transport

APP: Final = AppCredentials(client_id="1234567890", client_secret="app-secret")
TOKEN: Final = "chosen"
REDIRECT: Final = "https://presswork.test/oauth/callback/a"


def opened(
    name: str, sandbox: SandboxControl, transport: Transport, retry_policy: RetryPolicy, scopes: Sequence[str]
) -> Platform:
    """Return a platform of an operator who has registered webhooks."""
    graph, www, upload = (sandbox.host(f"{one}.facebook.com") for one in ("graph", "www", "rupload"))
    extra = tuple(scopes)
    if name == "instagram":
        return instagram(
            endpoints=Endpoints(
                graph=sandbox.host("graph.instagram.com"),
                api=sandbox.host("api.instagram.com"),
                www=sandbox.host("www.instagram.com"),
            ),
            app=APP,
            retry_policy=retry_policy,
            transport=transport,
            api_version="v25.0",
            verify_token=TOKEN,
        )
    if name == "instagram_by_facebook":
        return instagram_by_facebook(
            endpoints=FacebookEndpoints(graph=graph, www=www, upload=upload),
            app=APP,
            retry_policy=retry_policy,
            transport=transport,
            api_version="v25.0",
            extra_permissions=extra,
            verify_token=TOKEN,
        )
    return facebook_pages(
        endpoints=FacebookPagesEndpoints(
            graph=graph, www=www, upload=upload, video=sandbox.host("graph-video.facebook.com")
        ),
        app=APP,
        retry_policy=retry_policy,
        transport=transport,
        api_version="v26.0",
        extra_permissions=extra,
        verify_token=TOKEN,
    )


@pytest.mark.parametrize(
    ("name", "platform", "scopes", "subscribed"),
    [
        ("instagram", "instagram", [], 1),
        ("instagram_by_facebook", "instagram", [METADATA], 1),
        ("facebook", "facebook", [METADATA], 1),
        ("facebook", "facebook", [], 0),
    ],
)
@pytest.mark.parametrize("fault", [None, "http_500"])
async def test_a_login_subscribes_to_comments(
    name: str,
    platform: str,
    scopes: Sequence[str],
    subscribed: int,
    fault: str | None,
    sandbox: SandboxControl,
    clock: JumpingClock,
    retry_policy: RetryPolicy,
    open_transport: OpenTransport,
) -> None:
    """An account is subscribed once it is connected, where its permission is granted; an error of that ends no login."""
    async with open_transport(name=name) as transport:
        login = opened(name, sandbox, transport, retry_policy, scopes).login
        url = login.authorize_url(redirect_uri=REDIRECT, state="st_1", verifier=VERIFIER)
        handle = "brand"
        if fault is not None:
            await sandbox.fault(platform, SUBSCRIBE, fault, times=1)
        code = await sandbox.code(url, account=handle)
        grant = await login.connect(code=code, redirect_uri=REDIRECT, verifier=VERIFIER, now=clock.now())
        assert grant.external_id
    calls = [*await sandbox.requests("facebook", SUBSCRIBE), *await sandbox.requests("instagram", SUBSCRIBE)]
    statuses: list[JsonValue] = [call["status"] for call in calls]
    assert statuses == [200 if fault is None else 500] * subscribed
