"""Facebook Pages: what the dialog offers, which Pages a person has, and what their tokens may do."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from tests.sandbox.facebook_pages import PAGE_SCOPES, connect, error_of
from tests.sandbox.running_sandbox import BACK, FB_SCOPES, JSON, RunningSandbox

DIALOG = "/sandbox/www.facebook.com/v26.0/dialog/oauth"
ASK = {"client_id": "1", "redirect_uri": BACK, "scope": PAGE_SCOPES, "state": "s"}


async def pages(sandbox: RunningSandbox, token: str, path: str = "me/accounts", **params: object) -> list[JSON]:
    """Return the Pages of a list."""
    answer = await sandbox.facebook(token, "GET", path, **params)
    assert answer.status_code == 200, answer.text
    found: list[JSON] = answer.json()["data"]
    return found


async def test_the_dialog_offers_pages(sandbox: RunningSandbox) -> None:
    """With permissions for Pages and none for Instagram, Pages are listed, and several can be chosen, or none be approved."""
    await sandbox.account("facebook", "luna")
    await sandbox.account("facebook", "nova")
    await sandbox.account("instagram", "stella")
    page = (await sandbox.http.get(f"{DIALOG}?{urlencode(ASK)}")).text
    assert page.count('type="checkbox" name="account"') == 2
    assert "<legend>Pages</legend>" in page
    assert "stella" not in page
    form = [*ASK.items(), ("chosen", "1"), ("account", "luna"), ("account", "nova"), ("decision", "approve")]
    form += [("grant", "pages_show_list"), ("grant", "pages_read_engagement")]
    place = (await sandbox.http.get(f"{DIALOG}?{urlencode(form)}")).headers["location"]
    code = parse_qs(urlsplit(place).query)["code"][0]
    token = (await sandbox.facebook_token(redirect_uri=BACK, code=code)).json()["access_token"]
    assert [one["name"] for one in await pages(sandbox, token)] == ["Nova", "Luna"]
    granted = (await sandbox.facebook(token, "GET", "me/permissions")).json()["data"]
    assert [one["permission"] for one in granted] == ["public_profile", "pages_show_list", "pages_read_engagement"]
    denied = (await sandbox.http.get(f"{DIALOG}?{urlencode({**ASK, 'decision': 'deny'})}")).headers["location"]
    assert parse_qs(urlsplit(denied).query)["error"] == ["access_denied"]
    assert [one["platform"] for one in await sandbox.items("accounts")] == ["facebook", "facebook", "instagram"]


async def test_an_unknown_handle_becomes_a_page(sandbox: RunningSandbox) -> None:
    """The Page of a new handle has the account's id, a username and a link, and no Instagram account."""
    page = await connect(sandbox, "luna.bakery")
    [account] = await sandbox.items("accounts")
    assert (account["platform"], account["id"]) == ("facebook", page.id)
    fields = "id,name,username,link,tasks,instagram_business_account"
    found = await page.get("me", fields=fields)
    assert found["username"] == "luna.bakery"
    assert found["link"] == f"https://www.facebook.com/{page.id}"
    assert "CREATE_CONTENT" in found["tasks"]
    assert "instagram_business_account" not in found
    assert await page.get(page.id, fields="name") == {"name": "Luna Bakery", "id": page.id}


async def test_instagram_and_pages_in_one_dialog(sandbox: RunningSandbox) -> None:
    """With permissions for both, the Page of an Instagram account can be posted to, and its token reaches both."""
    await sandbox.account("instagram", "luna")
    scope = f"{FB_SCOPES},pages_manage_posts"
    listed = (await sandbox.http.get(f"{DIALOG}?{urlencode({**ASK, 'scope': scope})}")).text
    assert "Instagram accounts and their Pages" in listed
    token = await sandbox.facebook_login("luna", scope=scope)
    fields = "id,access_token,instagram_business_account{id,username}"
    [page] = await pages(sandbox, token, fields=fields)
    accounts = {one["platform"]: one["id"] for one in await sandbox.items("accounts")}
    assert page["id"] == accounts["facebook"]
    assert page["instagram_business_account"] == {"id": accounts["instagram"], "username": "luna"}
    post = await sandbox.facebook(page["access_token"], "POST", f"{page['id']}/feed", message="Hello")
    assert post.status_code == 200
    mine = await sandbox.facebook(page["access_token"], "GET", accounts["instagram"], fields="username")
    assert mine.json()["username"] == "luna"
    platforms = {call["operation"]: call["platform"] for call in await sandbox.calls()}
    assert (platforms["feed"], platforms["me"]) == ("facebook", "instagram")


async def test_without_pages_manage_posts_pages_stay_links(sandbox: RunningSandbox) -> None:
    """A login for Instagram makes no Page that can be posted to."""
    token = await sandbox.facebook_login("luna")
    [page] = await pages(sandbox, token)
    assert [one["platform"] for one in await sandbox.items("accounts")] == ["instagram"]
    answer = await sandbox.facebook(page["access_token"], "POST", f"{page['id']}/feed", message="Hello")
    assert error_of(answer)[1] == 2500


async def test_login_calls_are_facebooks(sandbox: RunningSandbox) -> None:
    """The calls of a login for Pages are in the journal of facebook, with the Page's handle and no secret."""
    page = await connect(sandbox)
    await page.sandbox.facebook_token(grant_type="fb_exchange_token", fb_exchange_token=page.user_token)
    await sandbox.facebook(page.user_token, "GET", "me")
    calls = await sandbox.calls(platform="facebook")
    assert [call["operation"] for call in calls] == ["token", "exchange", "accounts", "refresh", "person"]
    assert {call["handle"] for call in calls} == {"luna"}
    assert await sandbox.calls(platform="instagram") == []
    assert page.token not in str(calls)
    assert page.user_token not in str(calls)


async def test_page_tokens(sandbox: RunningSandbox) -> None:
    """A Page's token from a long one has no end; the person's ends after 60 days; a revoked grant ends both with 190/458."""
    page = await connect(sandbox)
    await sandbox.advance(61 * 86_400)
    assert error_of(await sandbox.facebook(page.user_token, "GET", "me/accounts")) == (400, 190, 463)
    assert (await page.get("me"))["id"] == page.id
    again = await connect(sandbox)
    person = (await sandbox.facebook(again.user_token, "GET", "me")).json()["id"]
    revoked = await sandbox.facebook(again.user_token, "DELETE", f"{person}/permissions")
    assert revoked.json() == {"success": True}
    assert error_of(await again.call("GET", "me")) == (400, 190, 458)


async def test_one_permission_can_be_revoked(sandbox: RunningSandbox) -> None:
    """DELETE /me/permissions/{permission} takes that one from every token of the grant."""
    page = await connect(sandbox)
    assert (await sandbox.facebook(page.user_token, "DELETE", "me/permissions/pages_manage_posts")).status_code == 200
    assert error_of(await page.call("POST", f"{page.id}/feed", message="Hello")) == (403, 200, None)
    assert (await page.call("GET", f"{page.id}/published_posts")).status_code == 200


async def test_pages_are_paged(sandbox: RunningSandbox) -> None:
    """Following `next` returns every Page once; without pages_show_list there is none."""
    token = await sandbox.facebook_login("a", "b", "c", scope=PAGE_SCOPES)
    answer = await sandbox.facebook(token, "GET", "me/accounts", limit=2, fields="username")
    names = [page["username"] for page in answer.json()["data"]]
    following = answer.json()["paging"]["next"]
    assert following.startswith(f"{sandbox.address}/sandbox/graph.facebook.com/")
    rest = await sandbox.http.get(following, headers={"authorization": f"Bearer {token}"})
    names += [page["username"] for page in rest.json()["data"]]
    assert names == ["c", "b", "a"]
    blind = await sandbox.facebook_login("a", scope="pages_manage_posts,pages_read_engagement")
    assert await pages(sandbox, blind) == []


async def test_pages_of_a_business(sandbox: RunningSandbox) -> None:
    """A Page that the person has through a business is not in /me/accounts but among the business's own Pages."""
    await sandbox.account("facebook", "corp", businessOnly=True)
    token = await sandbox.facebook_login("luna", "corp", scope=PAGE_SCOPES)
    assert [page["name"] for page in await pages(sandbox, token)] == ["Luna"]
    [business] = await pages(sandbox, token, "me/businesses")
    [owned] = await pages(sandbox, token, f"{business['id']}/owned_pages", fields="name,access_token")
    assert owned["name"] == "Corp"
    assert await pages(sandbox, token, f"{business['id']}/client_pages") == []
    posted = await sandbox.facebook(owned["access_token"], "POST", f"{owned['id']}/feed", message="Hello")
    assert posted.status_code == 200
    without = await sandbox.facebook_login("luna", "corp", scope="pages_show_list,pages_manage_posts")
    assert error_of(await sandbox.facebook(without, "GET", "me/businesses"))[:2] == (403, 10)


@pytest.mark.parametrize(
    ("scope", "path", "code"),
    [
        ("pages_show_list,pages_manage_posts", "feed", 200),
        ("pages_show_list,pages_read_engagement,pages_manage_engagement", "feed", 200),
        ("pages_show_list,pages_manage_posts", "published_posts", 10),
    ],
)
async def test_each_call_needs_its_permissions(sandbox: RunningSandbox, scope: str, path: str, code: int) -> None:
    """Publishing needs pages_manage_posts and pages_read_engagement, reading the second one."""
    scope = scope if "pages_manage_posts" in scope else f"{scope},pages_manage_posts"
    await sandbox.account("facebook", "luna", grantedScopes=[one for one in scope.split(",") if "_posts" not in one])
    if "pages_read_engagement" not in scope:
        await sandbox.account("facebook", "luna", grantedScopes=scope.split(","))
    page = await connect(sandbox, scope=scope)
    answer = await page.call("POST" if path == "feed" else "GET", f"{page.id}/{path}", message="Hello")
    assert error_of(answer)[:2] == (403, code)


async def test_publishing_needs_the_token_of_the_page(sandbox: RunningSandbox) -> None:
    """The token of the person, that of another Page, and that of Instagram Login publish nothing."""
    page, other = await connect(sandbox), await connect(sandbox, "nova")
    instagram = await sandbox.graph_login("luna")
    for token, expected in (
        (page.user_token, (403, 210, None)),
        (other.token, (400, 100, 33)),
        (instagram, (400, 190, None)),
        ("EAA.nonsense", (400, 190, None)),
    ):
        answer = await sandbox.facebook(token, "POST", f"{page.id}/feed", message="Hello")
        assert error_of(answer) == expected
    without = await sandbox.http.post(f"/sandbox/graph.facebook.com/{page.id}/feed", data={"message": "Hello"})
    assert error_of(without) == (400, 104, None)
    assert await sandbox.items("posts") == []


async def test_tasks_of_the_person(sandbox: RunningSandbox) -> None:
    """Without the task CREATE_CONTENT nothing can be published, without MODERATE no comment be written."""
    page = await connect(sandbox)
    post = await page.post(message="Hello")
    await sandbox.account("facebook", "luna", tasks=["ANALYZE"])
    [listed] = await pages(sandbox, page.user_token, fields="tasks")
    assert listed["tasks"] == ["ANALYZE"]
    for path, params in (
        (f"{page.id}/feed", {"message": "No"}),
        (f"{page.id}/photos", {"url": "http://x/y"}),
        (f"{page.id}/video_reels", {"upload_phase": "start"}),
        (f"{post}/comments", {"message": "No"}),
    ):
        assert error_of(await page.call("POST", path, **params)) == (403, 200, None)
    await sandbox.account("facebook", "luna", tasks=None)
    assert (await page.call("POST", f"{post}/comments", message="Yes")).status_code == 200


async def test_account_settings_are_checked(sandbox: RunningSandbox) -> None:
    """The settings of Pages have types, and belong to Pages only."""
    for body in ({"tasks": "ANALYZE"}, {"businessOnly": "yes"}, {"listDelaySeconds": -1}):
        answer = await sandbox.control("POST", "accounts", {"platform": "facebook", "handle": "luna", **body})
        assert answer.status_code == 400
    wrong = {"platform": "tiktok", "handle": "luna", "tasks": []}
    assert (await sandbox.control("POST", "accounts", wrong)).status_code == 400
