"""Connecting Mastodon accounts through the API: at a server that a person names, as an app that is registered there once."""

from tests.accounts.login_flow import RETURN_URL, LoginFlow, error_of

from presswork.accounts.server_apps import UNUSED_FOR


async def _begin(flow: LoginFlow, host: str | None) -> dict[str, str]:
    body = {"platform": "mastodon", "returnUrl": RETURN_URL, **({} if host is None else {"host": host})}
    answer = await flow.client.post(f"/v1/projects/{flow.project_id}/social/oauth-url", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_each_server_has_its_accounts_and_one_app(login_flow: LoginFlow) -> None:
    """The same name at two servers is two accounts; the app is registered once, and again while it was never used."""
    for host in ("chaos.example", "https://Long.example/@luna", "chaos.example"):
        assert await login_flow.finish(await _begin(login_flow, host), "luna") == RETURN_URL
    accounts = await login_flow.accounts()
    assert {one["handle"] for one in accounts} == {"luna@chaos.example", "luna@long.example"}
    assert all(one["readiness"]["publish"]["ready"] for one in accounts)
    assert len(await login_flow.calls("mastodon", "apps")) == 2
    begun = await login_flow.begin_again(accounts[0]["socialAccountId"])
    assert f"/sandbox/{accounts[0]['handle'].partition('@')[2]}/oauth/authorize" in begun["authorizeUrl"]
    assert error_of(await login_flow.finish(begun, "sol")) == "account_mismatch"
    await _begin(login_flow, "new.example")
    login_flow.clock.advance(UNUSED_FOR)
    await _begin(login_flow, "new.example")
    assert len(await login_flow.calls("mastodon", "apps")) == 4


async def test_a_host_that_is_none(login_flow: LoginFlow) -> None:
    """It is refused by the field's name, also for a platform without servers; an internal address is none that is called."""
    url = f"/v1/projects/{login_flow.project_id}/social/oauth-url"
    for platform, host in (("mastodon", "localhost"), ("mastodon", "10.0.0.1"), ("bluesky", "chaos.example")):
        answer = await login_flow.client.post(url, json={"platform": platform, "host": host})
        assert answer.status_code == 422
        assert answer.json()["error"]["details"]["issues"][0]["path"] == "host"
    await login_flow.fault("mastodon", "apps", "platform_error", value={"code": "404"}, times=1)
    answer = await login_flow.client.post(url, json={"platform": "mastodon", "host": "none.example"})
    assert answer.status_code == 422
