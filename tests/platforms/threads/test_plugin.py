"""Setting up Threads from the settings."""

from datetime import timedelta

import pytest
from pydantic import SecretStr

from presswork.core.errors import Unavailable
from presswork.core.setting_values import LIVE_CALL_SETTLES_WITHIN
from presswork.platforms.port import Mode
from presswork.platforms.sandbox_access import SandboxAccess, SandboxTokens
from presswork.platforms.settings import Settings
from presswork.platforms.threads import plugin
from presswork.platforms.transport import Transport


async def test_sandbox_needs_no_settings() -> None:
    """A test project's Threads is the sandbox's, whatever settings are missing."""
    async with Transport(name="threads") as transport:
        sandbox = SandboxAccess(
            url="http://127.0.0.1:1/sandbox", tokens=SandboxTokens.random(), service_url="http://127.0.0.1:1"
        )
        platform = plugin.PLUGIN.open_test(Settings(), sandbox, transport)
    url = platform.login.authorize_url(redirect_uri="http://localhost/back", state="s", verifier="v")
    assert url.startswith("http://127.0.0.1:1/sandbox/threads.com/oauth/authorize?client_id=")
    assert platform.required_scopes == {Mode.PUBLISH: {"threads_basic", "threads_content_publish"}}


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        (Settings(threads_client_secret=SecretStr("s")), "PRESSWORK_THREADS_CLIENT_ID"),
        (Settings(threads_client_id="k"), "PRESSWORK_THREADS_CLIENT_SECRET"),
    ],
)
async def test_live_names_what_is_missing(settings: Settings, missing: str) -> None:
    """Without the operator's app there is no live Threads, and the error names the setting."""
    async with Transport(name="threads") as transport:
        with pytest.raises(Unavailable, match=missing):
            plugin.PLUGIN.open_live(settings, transport)


async def test_live_waits_longer_for_the_call_that_publishes() -> None:
    """With both settings the real site is used; the call may take two minutes, and is repeated only after it has ended."""
    settings = Settings(
        threads_client_id="k",
        threads_client_secret=SecretStr("s"),
        threads_extra_scopes="threads_share_to_instagram",
    )
    async with Transport(name="threads") as transport:
        platform = plugin.PLUGIN.open_live(settings, transport)
    url = platform.login.authorize_url(redirect_uri="https://x/back", state="s", verifier="v")
    assert url.startswith("https://threads.com/oauth/authorize?client_id=k&")
    assert "threads_delete%2Cthreads_share_to_instagram" in url
    longest = platform.retry_policy.timeouts.live_call
    assert longest == timedelta(seconds=120)
    assert platform.retry_policy.republish_after >= settings.worker_lease + longest + LIVE_CALL_SETTLES_WITHIN
