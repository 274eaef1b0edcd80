"""Lists of accounts."""

from datetime import timedelta

from tests.accounts.login_flow import LoginFlow, uuid_of


async def test_a_list_is_filtered_by_platform_and_status(login_flow: LoginFlow) -> None:
    """Each filter, both together, and none, which includes disconnected accounts, return the right accounts."""
    first = await login_flow.connect("instagram", "bakery")
    second = await login_flow.connect("tiktok", "bakery")
    third = await login_flow.connect("tiktok", "florist")
    await login_flow.client.delete(f"/v1/social-accounts/{second['socialAccountId']}")

    async def ids(**query: str) -> list[str]:
        return [account["socialAccountId"] for account in await login_flow.accounts(**query)]

    one, two, three = (account["socialAccountId"] for account in (first, second, third))
    assert await ids() == [one, two, three]
    assert await ids(platform="tiktok") == [two, three]
    assert await ids(status="connected") == [one, three]
    assert await ids(status="disconnected", platform="tiktok") == [two]
    assert await ids(status="reauth_required") == []
    answer = await login_flow.client.get(
        f"/v1/projects/{login_flow.project_id}/social-accounts",
        params={"platform": "myspace", "status": "y", "limit": "0"},
    )
    paths = sorted(issue["path"] for issue in answer.json()["error"]["details"]["issues"])
    assert (answer.status_code, paths) == (422, ["limit", "platform", "status"])


async def test_pages_are_stable_while_accounts_are_connected(login_flow: LoginFlow) -> None:
    """Every account appears exactly once although one is connected again between pages."""
    made = [(await login_flow.connect("tiktok", f"shop{number}"))["socialAccountId"] for number in range(5)]
    path = f"/v1/projects/{login_flow.project_id}/social-accounts"
    seen: list[str] = []
    query = {"limit": "2"}
    for _ in range(4):
        page = (await login_flow.client.get(path, params=query)).json()
        seen += [account["socialAccountId"] for account in page["items"]]
        if page["nextCursor"] is None:
            break
        query = {"limit": "2", "cursor": page["nextCursor"]}
        login_flow.clock.advance(timedelta(minutes=1))
        await login_flow.connect("tiktok", "shop0")
    assert seen == made


async def test_a_disconnected_account_is_ready_for_nothing(login_flow: LoginFlow) -> None:
    """The readiness of a disconnected account has the reason for every mode."""
    account = await login_flow.connect("tiktok", "bakery")
    await login_flow.client.delete(f"/v1/social-accounts/{account['socialAccountId']}")
    gone = await login_flow.account(account["socialAccountId"])
    assert (gone["readiness"]["publish"]["reason"], gone["tokenExpiresAt"]) == ("disconnected", None)
    assert gone["disconnectedReason"] == "user_requested"


async def test_accounts_of_a_newer_version_are_left_out(login_flow: LoginFlow) -> None:
    """Of a platform or a login that this version does not know: lists have the others, on full pages; it alone is unknown."""
    made = [await login_flow.connect("tiktok", f"shop{number}") for number in range(5)]
    one, newer, two, also_newer, three = (account["socialAccountId"] for account in made)
    rename = "UPDATE social_accounts SET platform = $2, login = $3 WHERE id = $1"
    pool, client = login_flow.api.context.pool, login_flow.client
    await pool.execute(rename, uuid_of(made[1]), "friendster", "friendster")
    await pool.execute(rename, uuid_of(made[3]), "tiktok", "tiktok_business")
    project = login_flow.project_id
    for path, query in (
        (f"/v1/projects/{project}/social-accounts", {}),
        ("/v1/social-accounts", {}),
        ("/v1/social-accounts", {"projectId": project}),
        ("/v1/social-accounts", {"projectId": project, "q": "shop"}),
    ):
        seen: list[list[str]] = []
        cursor = None
        while cursor is not None or not seen:
            answer = await client.get(path, params={**query, "limit": "2", **({"cursor": cursor} if cursor else {})})
            assert answer.status_code == 200, answer.text
            seen.append([account["socialAccountId"] for account in answer.json()["items"]])
            cursor = answer.json()["nextCursor"]
        assert seen == [[one, two], [three]]
    for account in (newer, also_newer):
        for method in ("GET", "DELETE"):
            assert (await client.request(method, f"/v1/social-accounts/{account}")).status_code == 404
    assert await pool.fetchval("SELECT count(*) FROM social_accounts WHERE status = 'connected'") == 5
