"""Accounts and logins are visible only to keys of the same organization and environment."""

import httpx2
import pytest
from tests.accounts.conftest import new_project
from tests.accounts.login_flow import RETURN_URL, LoginFlow

FOREIGN = ({"organization": "Rival"}, {"environment": "live"})


@pytest.fixture(params=FOREIGN, ids=["organization", "environment"])
async def foreigner(login_flow: LoginFlow, request: pytest.FixtureRequest) -> httpx2.AsyncClient:
    """A client with all scopes of another organization or environment."""
    return await login_flow.api.client(**request.param)


async def test_a_foreign_key_sees_nothing(login_flow: LoginFlow, foreigner: httpx2.AsyncClient) -> None:
    """Foreign logins, accounts and projects return 404, and disconnecting one changes nothing."""
    login = await login_flow.begin("tiktok")
    account = await login_flow.connect("tiktok", "bakery")
    account_id = account["socialAccountId"]
    answers = [
        await foreigner.get(f"/v1/social/oauth-status/{login['state']}"),
        await foreigner.get(f"/v1/social-accounts/{account_id}"),
        await foreigner.get(f"/v1/projects/{login_flow.project_id}/social-accounts"),
        await foreigner.delete(f"/v1/social-accounts/{account_id}"),
        await foreigner.post(
            f"/v1/projects/{login_flow.project_id}/social/oauth-url",
            json={"platform": "tiktok", "returnUrl": RETURN_URL},
        ),
        await foreigner.post(
            f"/v1/projects/{login_flow.project_id}/social/reauth-url",
            json={"socialAccountId": account_id, "returnUrl": RETURN_URL},
        ),
        await foreigner.post(
            f"/v1/projects/{await new_project(foreigner)}/social/reauth-url",
            json={"socialAccountId": account_id, "returnUrl": RETURN_URL},
        ),
    ]
    assert [(answer.status_code, answer.json()["error"]["code"]) for answer in answers] == [(404, "NOT_FOUND")] * 7
    assert await login_flow.account(account_id) == account


async def test_an_account_of_another_project_is_not_connected_again_here(login_flow: LoginFlow) -> None:
    """reauth-url accepts only accounts of its project."""
    account = await login_flow.connect("tiktok", "bakery")
    answer = await login_flow.client.post(
        f"/v1/projects/{await new_project(login_flow.client)}/social/reauth-url",
        json={"socialAccountId": account["socialAccountId"], "returnUrl": RETURN_URL},
    )
    assert answer.status_code == 404


async def test_another_key_of_the_organization_sees_the_login(login_flow: LoginFlow) -> None:
    """Other keys of the organization can read the status of a login."""
    login = await login_flow.begin("tiktok")
    colleague = await login_flow.api.client(scopes=["social:read"])
    assert (await colleague.get(f"/v1/social/oauth-status/{login['state']}")).json()["status"] == "pending"


async def test_malformed_and_unknown_ids_are_not_found(login_flow: LoginFlow) -> None:
    """Malformed and unknown ids return the same response."""
    for path in (
        "/v1/social/oauth-status/x",
        "/v1/social/oauth-status/st_01KAW2V3M8T5R7W1X4Y6Z0ABCD",
        "/v1/social/oauth-status/st_%00",
        "/v1/social-accounts/x",
        "/v1/social-accounts/sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
        "/v1/projects/x/social-accounts",
        "/v1/projects/prj_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55/social-accounts",
    ):
        answer = await login_flow.client.get(path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


async def test_each_route_requires_its_scope(login_flow: LoginFlow) -> None:
    """A key with all other scopes gets 403 before the object is read; a request without key gets 401."""
    for method, path, scope, other in (
        ("GET", f"/v1/projects/{login_flow.project_id}/social-accounts", "social:read", "social:write"),
        ("GET", "/v1/social-accounts/x", "social:read", "social:write"),
        ("GET", "/v1/social/oauth-status/x", "social:read", "social:write"),
        ("DELETE", "/v1/social-accounts/x", "social:write", "social:read"),
        ("POST", f"/v1/projects/{login_flow.project_id}/social/oauth-url", "social:write", "social:read"),
        ("POST", f"/v1/projects/{login_flow.project_id}/social/reauth-url", "social:write", "social:read"),
    ):
        answer = await (await login_flow.api.client(scopes=[other, "publish:write"])).request(method, path)
        assert (answer.status_code, answer.json()["error"]["details"]["requiredScope"]) == (403, scope)
        assert (await login_flow.browser.request(method, path)).status_code == 401
