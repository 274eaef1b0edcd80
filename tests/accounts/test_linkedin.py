"""LinkedIn accounts: members and pages by one login, and access that ends after 60 days."""

from datetime import timedelta

from tests.accounts.login_flow import RETURN_URL, Json, LoginFlow, error_of
from tests.accounts.test_facebook import choices, choose, offered
from tests.accounts.test_result_page import text_of
from tests.worker.refresher import refresh_round

from presswork.accounts.account_jobs import RefreshJobs


async def connect(login_flow: LoginFlow, kind: str) -> Json:
    """Log in as a member with a page and choose the account whose platform id has this kind: person or organization."""
    await login_flow.sandbox("POST", "accounts", {"platform": "linkedin", "handle": "ana", "tier": "creator"})
    login = await login_flow.begin("linkedin")
    page = await offered(login_flow, login, "ana,brand")
    [value] = [value for value in choices(page).values() if value.startswith(f"urn:li:{kind}:")]
    answer = await choose(login_flow, login, value, "linkedin")
    assert answer.headers["location"] == RETURN_URL
    return await login_flow.account((await login_flow.status(login))["socialAccountId"])


async def test_member_and_page_are_two_accounts(login_flow: LoginFlow) -> None:
    """Each is chosen from the same login, and both can publish."""
    accounts = [await connect(login_flow, kind) for kind in ("person", "organization")]
    assert len({account["socialAccountId"] for account in accounts}) == 2
    assert [account["readiness"]["publish"]["ready"] for account in accounts] == [True, True]
    assert all(account["tokenExpiresAt"] for account in accounts)


async def test_accounts_are_named_without_an_at_sign(login_flow: LoginFlow) -> None:
    """LinkedIn writes nothing before a name: neither does the page of the choice, nor the one at the end."""
    await login_flow.sandbox("POST", "accounts", {"platform": "linkedin", "handle": "ana", "tier": "creator"})
    login = await login_flow.begin("linkedin", None)
    found = choices(await offered(login_flow, login, "ana,brand"))
    assert [text.split(" ")[0] for text in found] == ["Ana", "brand", "None"]
    [value] = [value for value in found.values() if value.startswith("urn:li:person:")]
    ended = text_of(await choose(login_flow, login, value, "linkedin"), 200)
    assert "Ana on LinkedIn is connected." in ended
    assert "@" not in ended


async def test_access_that_ends_needs_a_new_login(login_flow: LoginFlow) -> None:
    """When the 60 days are over, the account is `reauth_required` without a call of LinkedIn; a login keeps its id."""
    account = await connect(login_flow, "person")
    context = login_flow.api.context
    jobs = RefreshJobs(context.pool, context.keyring, context.platforms, login_flow.clock)
    await login_flow.pass_time(timedelta(days=59, hours=23))
    assert await refresh_round(jobs) == 0
    assert (await login_flow.account(account["socialAccountId"]))["status"] == "connected"
    await login_flow.pass_time(timedelta(hours=2))
    assert await refresh_round(jobs) == 1
    ended = await login_flow.account(account["socialAccountId"])
    assert ended["status"] == "reauth_required"
    assert ended["readiness"]["publish"]["reason"] == "reauth_required"
    assert await login_flow.calls("linkedin", "refresh") == []
    assert await refresh_round(jobs) == 0
    again = await login_flow.begin_again(account["socialAccountId"])
    assert await login_flow.finish(again, "ana") == RETURN_URL
    assert (await login_flow.account(account["socialAccountId"]))["status"] == "connected"


async def test_cancelled_login(login_flow: LoginFlow) -> None:
    """LinkedIn's own code for a person who does not agree is reported as every platform's."""
    login = await login_flow.begin("linkedin")
    assert error_of(await login_flow.finish(login, "brand", decision="deny")) == "access_denied"


async def test_disconnecting_one_of_two_keeps_the_other(login_flow: LoginFlow) -> None:
    """Both have the person's access: it is revoked with the last one."""
    accounts = [await connect(login_flow, kind) for kind in ("person", "organization")]
    revoked = []
    for account in accounts:
        await login_flow.client.delete(f"/v1/social-accounts/{account['socialAccountId']}")
        revoked.append(len(await login_flow.calls("linkedin", "revoke")))
    assert revoked == [0, 1]
