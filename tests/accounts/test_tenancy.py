"""Who sees which accounts and logins: the key's own organization and environment, and nobody else."""

import httpx2
import pytest
from tests.accounts.conftest import new_project
from tests.accounts.scene import RETURN_URL, Scene

FOREIGN = ({"organization": "Rival"}, {"environment": "live"})


@pytest.fixture(params=FOREIGN, ids=["organization", "environment"])
async def foreigner(scene: Scene, request: pytest.FixtureRequest) -> httpx2.AsyncClient:
    """A key that may do everything, elsewhere."""
    return await scene.api.client(**request.param)


async def test_a_foreign_key_sees_nothing(scene: Scene, foreigner: httpx2.AsyncClient) -> None:
    """Logins, accounts and projects of others are 404, and giving an account back changes nothing."""
    login = await scene.begin("tiktok")
    account = await scene.connect("tiktok", "bakery")
    account_id = account["socialAccountId"]
    answers = [
        await foreigner.get(f"/v1/social/oauth-status/{login['state']}"),
        await foreigner.get(f"/v1/social-accounts/{account_id}"),
        await foreigner.get(f"/v1/projects/{scene.project_id}/social-accounts"),
        await foreigner.delete(f"/v1/social-accounts/{account_id}"),
        await foreigner.post(
            f"/v1/projects/{scene.project_id}/social/oauth-url",
            json={"platform": "tiktok", "returnUrl": RETURN_URL},
        ),
        await foreigner.post(
            f"/v1/projects/{scene.project_id}/social/reauth-url",
            json={"socialAccountId": account_id, "returnUrl": RETURN_URL},
        ),
        await foreigner.post(
            f"/v1/projects/{await new_project(foreigner)}/social/reauth-url",
            json={"socialAccountId": account_id, "returnUrl": RETURN_URL},
        ),
    ]
    assert [(answer.status_code, answer.json()["error"]["code"]) for answer in answers] == [(404, "NOT_FOUND")] * 7
    assert await scene.account(account_id) == account


async def test_an_account_of_another_project_is_not_connected_again_here(scene: Scene) -> None:
    """reauth-url takes accounts of its own project only."""
    account = await scene.connect("tiktok", "bakery")
    answer = await scene.client.post(
        f"/v1/projects/{await new_project(scene.client)}/social/reauth-url",
        json={"socialAccountId": account["socialAccountId"], "returnUrl": RETURN_URL},
    )
    assert answer.status_code == 404


async def test_another_key_of_the_organization_sees_the_login(scene: Scene) -> None:
    """What one key began, the organization's other keys may ask about."""
    login = await scene.begin("tiktok")
    colleague = await scene.api.client(scopes=["social:read"])
    assert (await colleague.get(f"/v1/social/oauth-status/{login['state']}")).json()["status"] == "pending"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/social/oauth-status/x",
        "/v1/social/oauth-status/st_01KAW2V3M8T5R7W1X4Y6Z0ABCD",
        "/v1/social/oauth-status/st_%00",
        "/v1/social-accounts/x",
        "/v1/social-accounts/sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
        "/v1/projects/x/social-accounts",
        "/v1/projects/prj_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55/social-accounts",
    ],
)
async def test_what_is_malformed_or_unknown_is_not_found(scene: Scene, path: str) -> None:
    """There is no telling the two apart."""
    answer = await scene.client.get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/v1/projects/{project}/social-accounts", "social:read"),
        ("GET", "/v1/social-accounts/{account}", "social:read"),
        ("GET", "/v1/social/oauth-status/{state}", "social:read"),
        ("DELETE", "/v1/social-accounts/{account}", "social:write"),
        ("POST", "/v1/projects/{project}/social/oauth-url", "social:write"),
        ("POST", "/v1/projects/{project}/social/reauth-url", "social:write"),
    ],
)
async def test_each_route_asks_for_its_scope(scene: Scene, method: str, path: str, scope: str) -> None:
    """A key with every other scope is refused before anything is looked at; one without any key even sooner."""
    other = "social:read" if scope == "social:write" else "social:write"
    path = path.format(project=scene.project_id, account="x", state="x")
    answer = await (await scene.api.client(scopes=[other, "publish:write"])).request(method, path)
    assert (answer.status_code, answer.json()["error"]["details"]["requiredScope"]) == (403, scope)
    assert (await scene.browser.request(method, path)).status_code == 401
