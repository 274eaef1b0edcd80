"""Connecting a Bluesky account through the API: the pushed request, the issuer of the redirect, and a refresh."""

from datetime import timedelta

import pytest
from tests.accounts.login_flow import RETURN_URL, LoginFlow, error_of, uuid_of

from presswork.accounts.tokens import access_token
from presswork.core.enums import Environment
from presswork.platforms.names import LoginName

HANDLE = "luna.bsky.social"


async def test_connect_and_connect_again(login_flow: LoginFlow) -> None:
    """The sandbox reads the client's documents at this service's address, and the account keeps its id."""
    account = await login_flow.connect("bluesky", HANDLE)
    assert (account["handle"], account["status"]) == (HANDLE, "connected")
    assert account["readiness"]["publish"]["ready"]
    begun = await login_flow.begin_again(account["socialAccountId"])
    assert await login_flow.finish(begun, HANDLE) == RETURN_URL
    assert len(await login_flow.accounts()) == 1


async def test_another_account_is_not_the_one_to_connect_again(login_flow: LoginFlow) -> None:
    """The owner returned with another account."""
    account = await login_flow.connect("bluesky", HANDLE)
    begun = await login_flow.begin_again(account["socialAccountId"])
    assert error_of(await login_flow.finish(begun, "sol.bsky.social")) == "account_mismatch"


@pytest.mark.parametrize("issuer", ["https://evil.example.com", "", None])
async def test_a_redirect_of_another_server_connects_nothing(login_flow: LoginFlow, issuer: str | None) -> None:
    """The redirect names another authorization server, or none: the code is not sent anywhere."""
    callback = await login_flow.decide(await login_flow.begin("bluesky"), HANDLE)
    own = [part for part in callback.partition("?")[2].split("&") if part.startswith("iss=")]
    assert len(own) == 1
    forged = callback.replace(own[0], "x=1" if issuer is None else f"iss={issuer}")
    answer = await login_flow.come_back(forged)
    assert error_of(answer.headers["location"]) == "exchange_failed"
    assert await login_flow.calls("bluesky", "token") == []
    assert await login_flow.accounts() == []


async def test_declined(login_flow: LoginFlow) -> None:
    """The owner did not agree."""
    begun = await login_flow.begin("bluesky")
    assert error_of(await login_flow.finish(begun, HANDLE, decision="deny")) == "access_denied"


async def test_a_platform_that_does_not_take_the_request_begins_no_login(login_flow: LoginFlow) -> None:
    """The request can't be pushed: 503, and no login is left behind."""
    await login_flow.fault("bluesky", "par", "http_500", times=-1)
    answer = await login_flow.client.post(
        f"/v1/projects/{login_flow.project_id}/social/oauth-url", json={"platform": "bluesky"}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "UNAVAILABLE")


async def test_access_is_refreshed_and_no_refresh_token_is_used_twice(login_flow: LoginFlow) -> None:
    """After an hour the access is refreshed, again and again, and the account stays connected."""
    account = await login_flow.connect("bluesky", HANDLE)
    context = login_flow.api.context
    platform = context.platforms.get(LoginName.BLUESKY, Environment.TEST)
    seen = set()
    for _ in range(3):
        await login_flow.pass_time(timedelta(hours=2))
        seen.add(await access_token(context.pool, context.keyring, platform, uuid_of(account), clock=login_flow.clock))
    assert len(seen) == 3
    assert len(await login_flow.calls("bluesky", "refresh")) >= 3
    assert (await login_flow.account(account["socialAccountId"]))["status"] == "connected"


async def test_disconnect_revokes(login_flow: LoginFlow) -> None:
    """Disconnecting an account revokes its access at Bluesky."""
    account = await login_flow.connect("bluesky", HANDLE)
    answer = await login_flow.client.delete(f"/v1/social-accounts/{account['socialAccountId']}")
    assert answer.status_code == 200, answer.text
    assert await login_flow.calls("bluesky", "revoke")
