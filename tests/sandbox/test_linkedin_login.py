"""LinkedIn's login: who signs in, what a token may do, and how it ends; versions, encoding and quotas of the API."""

from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from tests.sandbox.linkedin_client import (
    API,
    MEMBER_SCOPES,
    PAGE_SCOPES,
    WWW,
    LinkedIn,
    exchanged,
    member,
    page,
    redirected,
    token_of,
)
from tests.sandbox.running_sandbox import BACK, RunningSandbox

MISMATCH = "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code."


async def test_a_member_signs_in(sandbox: RunningSandbox) -> None:
    """A code is exchanged for a token of 60 days without a refresh token; its scopes come sorted, with commas."""
    await sandbox.account("linkedin", "mira", tier="creator", displayName="Mira Okafor")
    back = await redirected(sandbox, "mira", MEMBER_SCOPES)
    assert back["state"] == "s"
    answer = await exchanged(sandbox, back["code"])
    body = answer.json()
    assert body.pop("access_token").startswith("AQX")
    assert body == {"expires_in": 5_184_000, "scope": "openid,profile,w_member_social", "token_type": "Bearer"}
    client = LinkedIn(sandbox, (await token_of(sandbox, "mira", MEMBER_SCOPES))["access_token"])
    info = (await client.call("GET", "v2/userinfo")).json()
    assert (info["name"], info["given_name"], info["family_name"]) == ("Mira Okafor", "Mira", "Okafor")
    assert info["picture"].startswith(f"{sandbox.address}/sandbox/media/avatar/mira")
    assert len(info["sub"]) == 10
    assert "email" not in info
    only_id = LinkedIn(sandbox, (await token_of(sandbox, "mira", "openid email"))["access_token"])
    info = (await only_id.call("GET", "v2/userinfo")).json()
    assert sorted(info) == ["email", "email_verified", "sub"]


async def test_a_person_and_their_pages(sandbox: RunningSandbox) -> None:
    """The member who is named signs in, whatever the order; the pages that are named are theirs to post for."""
    await sandbox.account("linkedin", "mira", tier="personal")
    scope = f"{MEMBER_SCOPES} {PAGE_SCOPES}"
    client = LinkedIn(sandbox, (await token_of(sandbox, "brand,other.brand,mira", scope))["access_token"])
    me = await client.me()
    acls = (await client.call("GET", "rest/organizationAcls?q=roleAssignee&state=APPROVED")).json()
    assert acls["paging"]["total"] == 2
    first, second = acls["elements"]
    assert (first["role"], first["state"], first["roleAssignee"]) == ("ADMINISTRATOR", "APPROVED", me)
    number = first["organization"].rpartition(":")[2]
    shown = (await client.call("GET", f"rest/organizations/{number}")).json()
    assert (shown["id"], shown["localizedName"], shown["vanityName"]) == (int(number), "Brand", "brand")
    other = second["organization"].rpartition(":")[2]
    found = (await client.call("GET", f"rest/organizations?ids=List({number},{other},5)")).json()["results"]
    assert sorted(found) == sorted([number, other])
    assert (await client.call("GET", "rest/organizations/5")).status_code == 404
    assert (await client.call("GET", "rest/organizations")).status_code == 400
    await client.posted(me, "As myself")
    await client.posted(first["organization"], "As the page")
    posts = {post["handle"]: post["caption"] for post in await sandbox.items("posts?platform=linkedin")}
    assert posts == {"mira": "As myself", "brand": "As the page"}


async def test_a_login_that_names_pages_only(sandbox: RunningSandbox) -> None:
    """It is the administrator who signs in, for the page alone. With nothing about pages to grant, they post as a member, and
    that stands in the page's feed, labelled.
    """
    granted = await token_of(sandbox, "brand", f"{MEMBER_SCOPES} {PAGE_SCOPES}")
    assert "w_member_social" not in granted["scope"].split(",")
    client = LinkedIn(sandbox, granted["access_token"])
    brand = await client.page()
    await client.posted(brand, "The page writes")
    client = LinkedIn(sandbox, (await token_of(sandbox, "brand", MEMBER_SCOPES))["access_token"])
    me = await client.me()
    urn = await client.posted(me, "A person writes")
    posts = await sandbox.items("posts?platform=linkedin&handle=brand")
    assert [post["params"]["author"] for post in posts] == [brand, me]
    shown = await sandbox.http.get(f"/sandbox/www.linkedin.com/feed/update/{urn}/")
    assert "By the administrator as a member" in shown.text


async def test_denied_and_invalid_logins(sandbox: RunningSandbox) -> None:
    """A person who cancels, scopes that do not exist, and scopes that the app's products do not include."""
    back = await redirected(sandbox, "mira", MEMBER_SCOPES, decision="deny")
    assert back == {
        "error": "user_cancelled_authorize",
        "error_description": "The user cancelled the authorization",
        "state": "s",
    }
    ask = {"client_id": "app", "redirect_uri": BACK, "response_type": "code", "scope": MEMBER_SCOPES, "state": "s"}

    async def link_back(**change: str) -> dict[str, list[str]]:
        answer = await sandbox.http.get(f"{WWW}/oauth/v2/authorization?{urlencode(ask | change)}")
        assert answer.status_code == 400
        link = answer.text.partition('class="button" href="')[2].partition('"')[0].replace("&amp;", "&")
        return parse_qs(urlsplit(link).query)

    assert (await link_back(scope="openid r_member_social"))["error"] == ["invalid_scope_error"]
    assert (await link_back(response_type="token"))["error"] == ["unsupported_response_type"]
    await sandbox.control("POST", "linkedin", {"scopes": ["openid", "profile", "w_member_social"]})
    unauthorized = await link_back(scope=f"{MEMBER_SCOPES} w_organization_social")
    assert unauthorized["error"] == ["unauthorized_scope_error"]
    assert "w_organization_social" in unauthorized["error_description"][0]
    assert "code" in await redirected(sandbox, "mira", MEMBER_SCOPES)


async def test_the_authorize_page(sandbox: RunningSandbox) -> None:
    """A person chooses accounts and permissions on a page; what is not ticked is not granted."""
    await sandbox.account("linkedin", "mira", tier="creator")
    ask = {"client_id": "app", "redirect_uri": BACK, "response_type": "code", "scope": MEMBER_SCOPES}
    shown = await sandbox.http.get(f"{WWW}/oauth/v2/authorization?{urlencode(ask)}")
    assert shown.status_code == 200
    for words in ("LinkedIn", "mira", "Create, modify, and delete posts on your behalf"):
        assert words in shown.text
    assert "Instagram" not in shown.text
    query = urlencode(ask | {"account": "mira", "chosen": "1", "grant": "profile", "decision": "approve"})
    answer = await sandbox.http.get(f"{WWW}/oauth/v2/authorization?{query}")
    code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
    assert (await exchanged(sandbox, code)).json()["scope"] == "openid,profile"


async def test_codes(sandbox: RunningSandbox) -> None:
    """A code serves once, for thirty minutes, its app and its redirect; what is missing is named."""
    used = (await redirected(sandbox, "mira", MEMBER_SCOPES))["code"]
    assert (await exchanged(sandbox, used)).status_code == 200
    codes = [(await redirected(sandbox, "mira", MEMBER_SCOPES))["code"] for _ in range(3)]
    wrong = [
        await exchanged(sandbox, used),
        await exchanged(sandbox, codes[0], client_id="other"),
        await exchanged(sandbox, codes[0], redirect_uri=f"{BACK}/x"),
        await exchanged(sandbox, codes[1], code_verifier="x"),
    ]
    await sandbox.advance(1800)
    wrong.append(await exchanged(sandbox, codes[2]))
    for answer in wrong:
        body = answer.json()
        assert (answer.status_code, body["error"]) == (400, "invalid_redirect_uri")
        assert body["error_description"].startswith(MISMATCH)
    unknown = await exchanged(sandbox, "none")
    assert (unknown.status_code, unknown.json()["error"]) == (401, "invalid_request")
    assert (await exchanged(sandbox, "")).json()["error_description"] == 'A required parameter "code" is missing'
    for name in ("grant_type", "redirect_uri", "client_id", "client_secret"):
        missing = await exchanged(sandbox, "x", **{name: ""})
        assert missing.json()["error_description"] == f'A required parameter "{name}" is missing'
    as_json = await sandbox.http.post(f"{WWW}/oauth/v2/accessToken", json={"grant_type": "authorization_code"})
    assert as_json.json()["error_description"] == 'A required parameter "grant_type" is missing'
    assert (await exchanged(sandbox, "x", grant_type="password")).json()["error"] == "unsupported_grant_type"
    await sandbox.control("POST", "settings", {"requireSecret": "right"})
    assert (await exchanged(sandbox, used)).status_code == 401


async def test_a_challenge_has_no_place_in_this_login(sandbox: RunningSandbox) -> None:
    """A login that began with a code challenge gets no token."""
    code = (await redirected(sandbox, "mira", MEMBER_SCOPES, code_challenge="x", code_challenge_method="S256"))["code"]
    assert (await exchanged(sandbox, code, code_verifier="x")).status_code == 400
    assert (await exchanged(sandbox, code)).status_code == 400


async def test_tokens_end_after_sixty_days(sandbox: RunningSandbox) -> None:
    """Expired, revoked, unknown and missing tokens have a code of LinkedIn each."""
    client, me = await member(sandbox)
    await sandbox.advance(59 * 86_400)
    assert (await client.call("GET", "v2/userinfo")).status_code == 200
    await sandbox.advance(86_400)
    expired = (await client.post(me, "x")).json()
    assert (expired["status"], expired["serviceErrorCode"], expired["code"]) == (401, 65602, "EXPIRED_ACCESS_TOKEN")
    unknown = (await LinkedIn(sandbox, "AQXnone").call("GET", "v2/userinfo")).json()
    assert (unknown["serviceErrorCode"], unknown["code"]) == (65600, "INVALID_ACCESS_TOKEN")
    missing = await sandbox.http.get(f"{API}/v2/userinfo")
    assert (missing.status_code, missing.json()["code"]) == (401, "EMPTY_ACCESS_TOKEN")
    other, _ = await member(sandbox)
    form = {"client_id": "app", "client_secret": "x", "token": other.token}
    assert (await sandbox.http.post(f"{WWW}/oauth/v2/revoke", data=form | {"client_id": "y"})).status_code == 400
    revoked = await sandbox.http.post(f"{WWW}/oauth/v2/revoke", data=form)
    assert (revoked.status_code, revoked.content) == (200, b"")
    dead = (await other.call("GET", "v2/userinfo")).json()
    assert (dead["serviceErrorCode"], dead["code"]) == (65601, "REVOKED_ACCESS_TOKEN")
    again, _ = await member(sandbox)
    await sandbox.control("POST", "revoke", {"platform": "linkedin", "handle": "mira"})
    assert (await again.call("GET", "v2/userinfo")).json()["code"] == "REVOKED_ACCESS_TOKEN"


async def test_other_scopes_end_earlier_tokens(sandbox: RunningSandbox) -> None:
    """The same scopes leave earlier tokens alone, others revoke those of the same app."""
    first, _ = await member(sandbox)
    second, _ = await member(sandbox)
    assert (await first.call("GET", "v2/userinfo")).status_code == 200
    await member(sandbox, scope="openid profile")
    for client in (first, second):
        assert (await client.call("GET", "v2/userinfo")).json()["code"] == "REVOKED_ACCESS_TOKEN"


async def test_ordinary_apps_can_not_refresh(sandbox: RunningSandbox) -> None:
    """Without the setting there is no refresh token, and the endpoint refuses to take one."""
    body = await token_of(sandbox, "mira", MEMBER_SCOPES)
    assert "refresh_token" not in body
    answer = await refreshed(sandbox, "AQWx")
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


async def refreshed(sandbox: RunningSandbox, token: str, **more: str) -> httpx2.Response:
    """Call the token endpoint with a refresh token."""
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "app", "client_secret": "x"}
    return await sandbox.http.post(f"{WWW}/oauth/v2/accessToken", data=form | more)


async def test_partners_refresh_for_a_year(sandbox: RunningSandbox) -> None:
    """A refresh token gives access tokens for 365 days from the login; it stays the same, and its end too."""
    await sandbox.control("POST", "linkedin", {"refreshTokens": True})
    body = await token_of(sandbox, "brand", PAGE_SCOPES)
    assert body["refresh_token_expires_in"] == 365 * 86_400
    await sandbox.advance(61 * 86_400)
    assert (await LinkedIn(sandbox, body["access_token"]).call("GET", "rest/organizationAcls")).status_code == 401
    fresh = (await refreshed(sandbox, body["refresh_token"])).json()
    assert fresh["refresh_token"] == body["refresh_token"]
    assert 303 * 86_400 < fresh["refresh_token_expires_in"] <= 304 * 86_400
    await LinkedIn(sandbox, fresh["access_token"]).page()
    for token, more in (("AQWx", {}), (body["refresh_token"], {"client_id": "other"}), (fresh["access_token"], {})):
        assert (await refreshed(sandbox, token, **more)).json()["error"] == "invalid_grant"
    await sandbox.advance(304 * 86_400)
    assert (await refreshed(sandbox, body["refresh_token"])).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("handles", "scope", "path", "resource"),
    [
        ("mira", "w_member_social", "v2/userinfo", "userinfo.GET.NO_VERSION"),
        (
            "mira",
            MEMBER_SCOPES,
            "rest/organizationAcls?q=roleAssignee",
            "organizationAcls.FINDER-roleAssignee.20261101",
        ),
        ("mira", MEMBER_SCOPES, "rest/organizations/5", "organizations.GET.20261101"),
    ],
)
async def test_missing_permissions(sandbox: RunningSandbox, handles: str, scope: str, path: str, resource: str) -> None:
    """Each call needs its permission; the error names the resource and the version."""
    client = LinkedIn(sandbox, (await token_of(sandbox, handles, scope))["access_token"])
    answer = await client.call("GET", path)
    assert (answer.status_code, answer.json()["message"]) == (403, f"Not enough permissions to access: {resource}")


async def test_a_person_who_grants_less(sandbox: RunningSandbox) -> None:
    """grantedScopes of an account limits what a login gets, and what its tokens may do."""
    await sandbox.account("linkedin", "mira", tier="creator", grantedScopes=["openid", "profile"])
    body = await token_of(sandbox, "mira", MEMBER_SCOPES)
    assert body["scope"] == "openid,profile"
    client = LinkedIn(sandbox, body["access_token"])
    denied = await client.post(await client.me(), "x")
    assert denied.json()["message"] == "Not enough permissions to access: partnerApiPostsExternal.CREATE.20261101"


async def test_versions(sandbox: RunningSandbox) -> None:
    """A missing version is 400; one that is over, unknown or still to come is 426, in LinkedIn's words."""
    client, _ = await page(sandbox)
    path = "rest/organizationAcls?q=roleAssignee"
    missing = await client.call("GET", path, LinkedIn_Version="")
    assert (missing.status_code, missing.json()["code"]) == (400, "VERSION_MISSING")
    for version, shown in (("202501", "20250101"), ("202613", "20261301"), ("209901", "20990101"), ("v2", "v2")):
        answer = await client.call("GET", path, LinkedIn_Version=version)
        message = f"Requested version {shown} is not active"
        assert answer.status_code == 426
        assert answer.json() == {"status": 426, "code": "NONEXISTENT_VERSION", "message": message}
    for version in ("202512", "202609", "202611"):
        assert (await client.call("GET", path, LinkedIn_Version=version)).status_code == 200
    await sandbox.control("POST", "linkedin", {"oldestVersion": "202612"})
    assert (await client.call("GET", path)).status_code == 426
    assert (await client.call("GET", "v2/userinfo", LinkedIn_Version="")).status_code == 403


async def test_urns_are_percent_encoded(sandbox: RunningSandbox) -> None:
    """With Rest.li 2.0.0, a colon as it is in a path or a query is refused; with 1.0.0 and without a header it is not."""
    client, brand = await page(sandbox)
    urn = await client.posted(brand, "x")
    raw = await client.call("GET", f"rest/posts/{urn}")
    assert (raw.status_code, raw.json()["message"]) == (400, "Syntax exception in path variables")
    author = await client.call("GET", f"rest/posts?q=author&author={brand}")
    assert (author.status_code, author.json()["message"]) == (400, "Invalid query parameters passed to request")
    assert (await client.call("GET", f"rest/posts/{urn}", X_Restli_Protocol_Version="1.0.0")).status_code == 200
    odd = await client.call("GET", "rest/organizationAcls?q=roleAssignee", X_Restli_Protocol_Version="3")
    assert odd.status_code == 400


async def test_unknown_paths_and_bodies(sandbox: RunningSandbox) -> None:
    """Unknown resources are 404, bodies of other types 415, broken ones 400, and lists need sound numbers."""
    client, _ = await page(sandbox)
    for method, path in (("GET", "rest/images"), ("PUT", "rest/posts"), ("POST", "rest/images"), ("GET", "x")):
        assert (await client.call(method, path)).status_code == 404
    for headers, data, status in (({"content-type": "text/plain"}, b"{}", 415), ({}, b"{}", 415)):
        answer = await sandbox.http.post(f"{API}/rest/posts", content=data, headers=client.headers | headers)
        assert answer.status_code == status
    headers = client.headers | {"content-type": "application/json"}
    assert (await sandbox.http.post(f"{API}/rest/posts", content=b"{", headers=headers)).status_code == 400
    for query in ("start=x", "count=-1", "q=organization"):
        assert (await client.call("GET", f"rest/organizationAcls?q=roleAssignee&{query}")).status_code == 400
    assert (await sandbox.http.get(f"{WWW}/oauth/v2/accessToken")).status_code == 404


async def test_daily_quotas(sandbox: RunningSandbox) -> None:
    """A member has 150 calls a day, or as many as the account says; the app has its own; both begin again at midnight."""
    await sandbox.account("linkedin", "mira", quotaTotal=3)
    client, _ = await member(sandbox)
    assert (await client.call("GET", "v2/userinfo")).status_code == 200
    assert (await client.call("GET", "v2/userinfo")).status_code == 200
    throttled = await client.call("GET", "v2/userinfo")
    body = throttled.json()
    assert (throttled.status_code, body["code"], body["serviceErrorCode"]) == (429, "TOO_MANY_REQUESTS", 101)
    assert "MEMBER DAY limit" in body["message"]
    await sandbox.control("POST", "linkedin", {"appCallsPerDay": 4})
    other, _ = await member(sandbox, "jonas")
    body = (await other.call("GET", "v2/userinfo")).json()
    assert body["message"] == "Resource level throttle APPLICATION DAY limit for calls to this resource is reached."
    await sandbox.advance(86_400)
    for one in (client, other):
        assert (await one.call("GET", "v2/userinfo")).status_code == 200


async def test_settings_are_checked(sandbox: RunningSandbox) -> None:
    """GET shows them, POST changes some, null and DELETE restore the defaults; wrong ones name what is allowed."""
    defaults = (await sandbox.control("GET", "linkedin")).json()
    changed = (await sandbox.control("POST", "linkedin", {"finderLagSeconds": 9})).json()
    assert changed == defaults | {"finderLagSeconds": 9}
    assert (await sandbox.control("POST", "linkedin", {"finderLagSeconds": None})).json() == defaults
    for wrong in (
        {"x": 1},
        {"refreshTokens": 1},
        {"appCallsPerDay": -1},
        {"scopes": "openid"},
        {"oldestVersion": "2026"},
        {"duplicateWindowSeconds": "1"},
    ):
        assert (await sandbox.control("POST", "linkedin", wrong)).status_code == 400, wrong
    await sandbox.control("POST", "linkedin", {"ghostDuplicates": True})
    assert (await sandbox.control("DELETE", "linkedin")).json() == defaults
    assert (
        await sandbox.control("POST", "accounts", {"platform": "linkedin", "handle": "a", "pageRole": 1})
    ).status_code == 400


async def test_profiles_lead_to_feeds(sandbox: RunningSandbox) -> None:
    """Addresses of members and companies lead to their feeds."""
    await sandbox.account("linkedin", "mira", tier="creator")
    for path in ("in/mira", "company/mira/"):
        answer = await sandbox.http.get(f"{WWW}/{path}")
        assert answer.headers["location"] == "/sandbox/feed/linkedin/mira"
    assert (await sandbox.http.get(f"{WWW}/feed/update/urn:li:share:1/")).status_code == 404


ODD: list[object] = [None, 1, -1, 1.5, "x", "", [], {}, [1], {"a": 1}, True, 10**30, ["urn:li:share:1"]]


async def test_bodies_of_any_shape_are_refused_in_order(sandbox: RunningSandbox) -> None:
    """Whatever JSON a field has, the answer is an error of LinkedIn's, never a failure of the sandbox."""
    await sandbox.account("linkedin", "mira", tier="creator", quotaTotal=100_000)
    client = LinkedIn(
        sandbox, (await token_of(sandbox, "mira,brand", f"{MEMBER_SCOPES} {PAGE_SCOPES}"))["access_token"]
    )
    me = await client.me()
    urn = await client.posted(me, "x")
    post: dict[str, object] = {
        "author": me,
        "commentary": "y",
        "visibility": "PUBLIC",
        "lifecycleState": "PUBLISHED",
        "distribution": {},
    }
    message: dict[str, object] = {"actor": me, "object": urn, "message": {"text": "x"}}
    bodies: dict[str, list[dict[str, object]]] = {
        "rest/posts": [post | {name: odd} for name in (*post, "isReshareDisabledByAuthor") for odd in ODD],
        "rest/videos?action=initializeUpload": [
            {"initializeUploadRequest": {"owner": me, "fileSizeBytes": odd}} for odd in ODD if odd != 1
        ],
        "rest/images?action=initializeUpload": [{"initializeUploadRequest": odd} for odd in ODD],
        "rest/videos?action=finalizeUpload": [
            {"finalizeUploadRequest": inner}
            for odd in ODD
            for inner in (odd, {"video": odd, "uploadToken": odd, "uploadedPartIds": odd})
        ],
        f"rest/socialActions/{urn.replace(':', '%3A')}/comments": [
            message | {name: odd} for name in ("actor", "object", "message") for odd in ODD
        ],
    }
    whole = post | {"distribution": {"feedDistribution": "MAIN_FEED"}}
    contents: list[object] = [{kind: odd} for kind in ("media", "multiImage", "article", "poll") for odd in ODD]
    for odd in ODD:
        contents += [{"media": {"id": odd}}, {"multiImage": {"images": [odd, odd]}}]
        contents.append({"poll": {"question": "?", "options": [odd, odd], "settings": odd}})
        if not isinstance(odd, str):
            contents.append({"article": {"source": odd, "title": odd, "thumbnail": odd}})
    bodies["rest/posts"] += [whole | {"content": content} for content in contents]
    for path, sent in bodies.items():
        for body in sent:
            answer = await client.call("POST", path, body)
            assert answer.status_code in {400, 403, 404, 422}, (path, body, answer.status_code)
            assert answer.json()["status"] == answer.status_code
