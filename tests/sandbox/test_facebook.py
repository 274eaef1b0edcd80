"""Instagram with Facebook Login: the dialog, user and Page tokens, publishing, and resumable uploads."""

import hashlib
import json
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from tests.every_row import every_row
from tests.sandbox.running_sandbox import BACK, FB_SCOPES, JSON, RunningSandbox, clip, picture, polls

DIALOG = "/sandbox/www.facebook.com/v25.0/dialog/oauth"
ASK = {"client_id": "1", "redirect_uri": BACK, "scope": FB_SCOPES, "state": "s"}


async def pages(sandbox: RunningSandbox, token: str, **params: object) -> list[JSON]:
    """Return the Pages that a token can access."""
    answer = await sandbox.facebook(token, "GET", "me/accounts", **params)
    assert answer.status_code == 200, answer.text
    found: list[JSON] = answer.json()["data"]
    return found


async def linked(sandbox: RunningSandbox, *handles: str) -> tuple[str, str]:
    """Connect accounts; return the user token, and the id of the first account as its Page shows it."""
    token = await sandbox.facebook_login(*handles)
    fields = "id,name,access_token,instagram_business_account"
    return token, str((await pages(sandbox, token, fields=fields))[-1]["instagram_business_account"]["id"])


async def container(sandbox: RunningSandbox, token: str, ig_id: str, **params: object) -> JSON:
    """Create a container and return the response."""
    answer = await sandbox.facebook(token, "POST", f"{ig_id}/media", **params)
    assert answer.status_code == 200, answer.text
    made: JSON = answer.json()
    return made


async def finished(sandbox: RunningSandbox, token: str, number: str) -> JSON:
    """Poll a container until it is no longer in progress."""
    await sandbox.advance(0)  # returns once the media is checked
    found: JSON = {}
    async for _ in polls():
        found = (await sandbox.facebook(token, "GET", number, fields="status_code,status,video_status")).json()
        if found["status_code"] != "IN_PROGRESS":
            break
    return found


async def upload(sandbox: RunningSandbox, token: str, uri: str, data: bytes, offset: int, size: int) -> httpx2.Response:
    """Upload bytes from an offset."""
    headers = {"authorization": f"OAuth {token}", "offset": str(offset), "file_size": str(size)}
    return await sandbox.http.post(uri, content=data, headers=headers)


async def resumable(sandbox: RunningSandbox, token: str, ig_id: str, **params: object) -> tuple[str, str]:
    """Create a container for a resumable upload; return its id and the upload URL."""
    made = await container(sandbox, token, ig_id, **{"media_type": "REELS", "upload_type": "resumable", **params})
    assert made["uri"] == f"{sandbox.address}/sandbox/rupload.facebook.com/ig-api-upload/v25.0/{made['id']}"
    return made["id"], made["uri"]


async def test_dialog_offers_accounts_and_permissions(sandbox: RunningSandbox) -> None:
    """The dialog lists accounts and permissions; approving redirects with a code, denying with access_denied."""
    await sandbox.account("instagram", "luna")
    await sandbox.account("instagram", "nova")
    page = (await sandbox.http.get(f"{DIALOG}?{urlencode(ASK)}")).text
    assert page.count('type="checkbox" name="account"') == 2
    assert "Facebook · sandbox" in page
    assert page.count('name="grant"') == 6
    form = [*ASK.items(), ("chosen", "1"), ("account", "luna"), ("account", "nova")]
    form += [("grant", "instagram_basic"), ("grant", "pages_show_list"), ("decision", "approve")]
    for version in ("/v25.0", ""):
        url = f"/sandbox/www.facebook.com{version}/dialog/oauth?{urlencode(form)}"
        place = (await sandbox.http.get(url)).headers["location"]
        assert place.startswith(BACK)
        assert place.endswith("#_=_")
        query = parse_qs(urlsplit(place).query)
        assert query["state"] == ["s"]
        token = (await sandbox.facebook_token(redirect_uri=BACK, code=query["code"][0])).json()["access_token"]
        granted = (await sandbox.facebook(token, "GET", "me/permissions")).json()["data"]
        assert [one["permission"] for one in granted] == ["public_profile", "instagram_basic", "pages_show_list"]
        assert {one["status"] for one in granted} == {"granted"}
        assert {page["name"] for page in await pages(sandbox, token)} == {"Luna", "Nova"}
    denied = (await sandbox.http.get(f"{DIALOG}?{urlencode({**ASK, 'decision': 'deny'})}")).headers["location"]
    assert parse_qs(urlsplit(denied).query)["error"] == ["access_denied"]


async def test_dialog_refuses_invalid_requests(sandbox: RunningSandbox) -> None:
    """An invalid authorize URL and a submission without an account show an error page."""
    rows: list[dict[str, str]] = [{"client_id": ""}, {"redirect_uri": "nowhere"}, {"scope": "instagram_business_basic"}]
    with every_row() as row:
        for change in rows:
            with row(change):
                answer = await sandbox.http.get(f"{DIALOG}?{urlencode({**ASK, **change})}")
                assert answer.status_code == 400
                assert "Something went wrong" in answer.text
                empty = {**ASK, "decision": "approve", "response_type": "code"}
                assert (await sandbox.http.get(f"{DIALOG}?{urlencode(empty)}")).status_code == 400


async def test_codes(sandbox: RunningSandbox) -> None:
    """A code works once, for an hour, for its app and redirect URI, and not at the endpoint of Instagram Login."""
    code = await sandbox.facebook_code("luna")
    wrong = await sandbox.facebook_token(redirect_uri=BACK + "/", code=code)
    assert (wrong.status_code, wrong.json()["error"]["error_subcode"]) == (400, 36008)
    other = await sandbox.facebook_token(redirect_uri=BACK, code=code, client_id="2")
    assert other.json()["error"]["code"] == 100
    form = {"client_id": "1", "client_secret": "x", "grant_type": "authorization_code", "redirect_uri": BACK}
    own = await sandbox.http.post("/sandbox/api.instagram.com/oauth/access_token", data=form | {"code": code})
    assert own.status_code == 400
    right = await sandbox.facebook_token(redirect_uri=BACK, code=code)
    assert (right.status_code, right.json()["token_type"]) == (200, "bearer")
    assert right.json()["access_token"].startswith("EAA")
    assert right.json()["expires_in"] == 7200
    again = await sandbox.facebook_token(redirect_uri=BACK, code=code)
    assert again.json()["error"]["error_subcode"] == 36009
    late = await sandbox.facebook_code("luna")
    await sandbox.advance(3601)
    assert (await sandbox.facebook_token(redirect_uri=BACK, code=late)).json()["error"]["error_subcode"] == 36007
    for missing, number in (("client_id", 101), ("redirect_uri", 191), ("code", 100)):
        full = {"redirect_uri": BACK, "code": "x", "client_id": "1"} | {missing: ""}
        assert (await sandbox.facebook_token(**full)).json()["error"]["code"] == number


async def test_long_lived_tokens(sandbox: RunningSandbox) -> None:
    """A short or long token is exchanged for a new one of 60 days; an expired one is refused."""
    short = await sandbox.facebook_login("luna", long=False)
    answer = await sandbox.facebook_token(grant_type="fb_exchange_token", fb_exchange_token=short)
    assert answer.json()["expires_in"] == 60 * 86_400
    long = answer.json()["access_token"]
    await sandbox.advance(7201)
    assert (await sandbox.facebook(short, "GET", "me")).json()["error"]["error_subcode"] == 463
    assert (await sandbox.facebook(long, "GET", "me")).status_code == 200
    fresh = await sandbox.facebook_token(grant_type="fb_exchange_token", fb_exchange_token=long)
    assert fresh.json()["access_token"] not in {short, long}
    dead = await sandbox.facebook_token(grant_type="fb_exchange_token", fb_exchange_token=short)
    assert dead.json()["error"]["code"] == 190
    page = (await pages(sandbox, long))[0]["access_token"]
    refused = await sandbox.facebook_token(grant_type="fb_exchange_token", fb_exchange_token=page)
    assert refused.json()["error"]["code"] == 190
    operations = [call["operation"] for call in await sandbox.calls(platform="instagram")]
    assert operations.count("refresh") == 1
    assert operations.count("exchange") == 3


async def test_pages_and_their_tokens(sandbox: RunningSandbox) -> None:
    """A Page of a personal account has no Instagram account; a Page token never expires and accesses one account."""
    await sandbox.account("instagram", "private", tier="personal")
    token = await sandbox.facebook_login("luna", "nova", "private")
    found = {page["name"]: page for page in await pages(sandbox, token)}
    assert set(found["Luna"]) == {"access_token", "category", "category_list", "name", "id", "tasks"}
    fields = "id,name,access_token,instagram_business_account{id,username}"
    found = {page["name"]: page for page in await pages(sandbox, token, fields=fields)}
    assert "instagram_business_account" not in found["Private"]
    account = (await sandbox.items("accounts?handle=luna"))[0]
    assert found["Luna"]["instagram_business_account"] == {"id": account["id"], "username": "luna"}
    one = await sandbox.facebook(token, "GET", found["Luna"]["id"], fields="instagram_business_account")
    assert one.json() == {"id": found["Luna"]["id"], "instagram_business_account": {"id": account["id"]}}
    page_token = found["Luna"]["access_token"]
    assert page_token in {page["access_token"] for page in await pages(sandbox, token)}
    await sandbox.advance(61 * 86_400)
    assert (await sandbox.facebook(token, "GET", "me/accounts")).json()["error"]["error_subcode"] == 463
    assert (await sandbox.facebook(page_token, "GET", "me")).json() == {"name": "Luna", "id": found["Luna"]["id"]}
    mine = await sandbox.facebook(page_token, "GET", account["id"], fields="id,username")
    assert mine.json() == {"id": account["id"], "username": "luna"}
    nova = found["Nova"]["instagram_business_account"]["id"]
    foreign = await sandbox.facebook(page_token, "GET", f"{nova}/media")
    assert (foreign.json()["error"]["code"], foreign.json()["error"]["error_subcode"]) == (100, 33)


async def test_page_token_expires_with_its_short_token(sandbox: RunningSandbox) -> None:
    """A Page token that was issued to a short-lived user token expires with that token."""
    short = await sandbox.facebook_login("luna", long=False)
    page = (await pages(sandbox, short))[0]["access_token"]
    assert (await pages(sandbox, short))[0]["access_token"] == page
    await sandbox.advance(7201)
    assert (await sandbox.facebook(page, "GET", "me")).json()["error"]["code"] == 190


async def test_pages_are_paged(sandbox: RunningSandbox) -> None:
    """The list of Pages is paginated, and following the absolute `next` URLs returns all of them."""
    token = await sandbox.facebook_login("a", "b", "c", "d", "e")
    answer = await sandbox.facebook(token, "GET", "me/accounts", limit=2, fields="name")
    names: list[str] = []
    for _ in range(5):
        names += [page["name"] for page in answer.json()["data"]]
        following = answer.json()["paging"].get("next")
        if following is None:
            break
        assert following.startswith(f"{sandbox.address}/sandbox/graph.facebook.com/")
        answer = await sandbox.http.get(following, headers={"authorization": f"Bearer {token}"})
    assert names == ["E", "D", "C", "B", "A"]


async def test_debug_token(sandbox: RunningSandbox) -> None:
    """debug_token returns type, scopes and expiry; a Page token of a long token never expires; a dead one is invalid."""
    token, _ = await linked(sandbox, "luna")
    app = (await sandbox.facebook_token(grant_type="client_credentials")).json()["access_token"]
    page = (await pages(sandbox, token))[0]["access_token"]

    async def debug(asked: str, by: str) -> JSON:
        answer = await sandbox.facebook(by, "GET", "debug_token", input_token=asked)
        assert answer.status_code == 200, answer.text
        data: JSON = answer.json()["data"]
        return data

    user = await debug(token, app)
    assert (user["type"], user["is_valid"], user["app_id"]) == ("USER", True, "1")
    assert user["scopes"] == ["public_profile", *FB_SCOPES.split(",")]
    assert user["expires_at"] - user["issued_at"] == 60 * 86_400
    assert ((await debug(page, token))["type"], (await debug(page, token))["expires_at"]) == ("PAGE", 0)
    await sandbox.facebook(token, "DELETE", "me/permissions")
    dead = await debug(token, app)
    assert (dead["is_valid"], dead["error"]["code"], dead["error"]["subcode"]) == (False, 190, 458)
    assert (await sandbox.facebook(token, "GET", "debug_token", input_token=page)).json()["error"]["code"] == 190


async def test_revoking_ends_every_token_of_the_grant(sandbox: RunningSandbox) -> None:
    """DELETE /me/permissions invalidates the user tokens and the Page tokens."""
    token, ig_id = await linked(sandbox, "luna")
    page = (await pages(sandbox, token))[0]["access_token"]
    assert (await sandbox.facebook(token, "DELETE", "me/permissions")).json() == {"success": True}
    for dead in (token, page):
        assert (await sandbox.facebook(dead, "GET", ig_id)).json()["error"]["error_subcode"] == 458


async def test_publishing_with_a_user_or_page_token(sandbox: RunningSandbox, reel: bytes) -> None:
    """A picture, a reel and a carousel go live over graph.facebook.com with a user token and with a Page token."""
    user, ig_id = await linked(sandbox, "luna")
    page = (await pages(sandbox, user))[0]["access_token"]
    url = sandbox.media.put("a.jpg", picture())
    for token in (user, page):
        made = await container(sandbox, token, ig_id, image_url=url, caption="Hello")
        assert (await finished(sandbox, token, made["id"]))["status_code"] == "FINISHED"
        answer = await sandbox.facebook(token, "POST", f"{ig_id}/media_publish", creation_id=made["id"])
        media_id = answer.json()["id"]
        found = await sandbox.facebook(token, "GET", media_id, fields="permalink,caption,media_product_type")
        assert found.json()["permalink"].startswith("https://www.instagram.com/p/")
        assert (await sandbox.facebook(token, "POST", f"{media_id}/comments", message="First")).status_code == 200
        comments = await sandbox.facebook(token, "GET", f"{media_id}/comments")
        assert [comment["text"] for comment in comments.json()["data"]] == ["First"]
    children = [(await container(sandbox, user, ig_id, image_url=url, is_carousel_item=True))["id"] for _ in range(2)]
    parent = await container(sandbox, user, ig_id, media_type="CAROUSEL", children=",".join(children))
    await finished(sandbox, user, parent["id"])
    assert (await sandbox.facebook(user, "POST", f"{ig_id}/media_publish", creation_id=parent["id"])).status_code == 200
    made = await container(sandbox, user, ig_id, media_type="REELS", video_url=sandbox.media.put("c.mp4", reel))
    assert (await finished(sandbox, user, made["id"]))["status_code"] == "FINISHED"
    await sandbox.facebook(user, "POST", f"{ig_id}/media_publish", creation_id=made["id"])
    assert [post["kind"] for post in await sandbox.items("posts")] == ["feed_image", "feed_image", "carousel", "reel"]
    listed = await sandbox.facebook(user, "GET", f"{ig_id}/media", fields="id", limit=3)
    assert len(listed.json()["data"]) == 3
    assert "/sandbox/graph.facebook.com/" in listed.json()["paging"]["next"]
    limit = await sandbox.facebook(page, "GET", f"{ig_id}/content_publishing_limit")
    assert limit.json() == {"data": [{"quota_usage": 4}]}
    handles = {call["handle"] for call in await sandbox.calls() if call["operation"] == "media_publish"}
    assert handles == {"luna"}


async def test_one_account_two_logins(sandbox: RunningSandbox) -> None:
    """Both logins access the same account and posts; a token of one login is invalid on the host of the other."""
    facebook, ig_id = await linked(sandbox, "luna")
    instagram = await sandbox.graph_login("luna")
    media_id = await sandbox.post_picture(instagram, caption="Both")
    assert (await sandbox.facebook(facebook, "GET", media_id, fields="caption")).json()["caption"] == "Both"
    me = (await sandbox.graph(instagram, "GET", "me", fields="id,user_id")).json()
    assert (me["user_id"], me["id"] == ig_id) == (ig_id, False)
    assert (await sandbox.facebook(instagram, "GET", "me")).json()["error"]["code"] == 190
    assert (await sandbox.graph(facebook, "GET", "me")).json()["error"]["code"] == 190


async def test_deleting_media(sandbox: RunningSandbox) -> None:
    """A post or story is deleted with a user token or a Page token that has the permission; it still counts for the quota."""
    instagram = await sandbox.graph_login("luna")
    made = [await sandbox.post_picture(instagram, caption=str(number)) for number in range(2)]
    made.append(await sandbox.post_picture(instagram, media_type="STORIES"))
    url = sandbox.media.put("a.jpg", picture())
    children = [await sandbox.container(instagram, image_url=url, is_carousel_item=True) for _ in range(2)]
    album = await sandbox.container(instagram, media_type="CAROUSEL", children=",".join(children))
    await sandbox.finished(instagram, album)
    made.append((await sandbox.publish(instagram, album)).json()["id"])
    refused = await sandbox.graph(instagram, "DELETE", made[0])
    assert refused.status_code == 400
    assert refused.json()["error"]["message"].startswith("Unsupported delete request")
    without = await sandbox.facebook_login("luna")
    assert (await sandbox.facebook(without, "DELETE", made[0])).json()["error"]["code"] == 10
    scope = f"{FB_SCOPES},instagram_manage_contents"
    other, user = [await sandbox.facebook_login(handle, scope=scope) for handle in ("nova", "luna")]
    page = (await pages(sandbox, user))[0]["access_token"]
    both = await sandbox.facebook_login("luna", scope=f"{scope},pages_manage_posts")
    linked_page = (await pages(sandbox, both))[0]["access_token"]
    [item, _] = (await sandbox.facebook(user, "GET", made[3], fields="children{id}")).json()["children"]["data"]
    for token, media_id in ((other, made[0]), (user, item["id"]), (user, "12345")):
        assert (await sandbox.facebook(token, "DELETE", media_id)).json()["error"]["error_subcode"] == 33
    assert len(await sandbox.items("posts")) == 4
    for token, media_id in zip((user, page, linked_page, user), made, strict=True):
        answer = await sandbox.facebook(token, "DELETE", media_id)
        assert answer.json() == {"success": True, "deleted_id": media_id}
        for method in ("GET", "DELETE"):
            gone = await sandbox.facebook(token, method, media_id)
            assert (gone.status_code, gone.json()["error"]["error_subcode"]) == (400, 33)
    assert await sandbox.items("posts?platform=instagram") == []
    assert (await sandbox.facebook(user, "GET", "me/accounts")).status_code == 200
    calls = await sandbox.calls(operation="media_delete")
    assert {(call["platform"], call["handle"]) for call in calls} >= {("instagram", "luna"), ("instagram", "nova")}
    assert len(calls) == 13
    usage = (await sandbox.graph(instagram, "GET", "me/content_publishing_limit")).json()
    assert usage == {"data": [{"quota_usage": 4}]}
    await sandbox.account("instagram", "luna", grantedScopes=["instagram_basic"])
    assert (await sandbox.facebook(user, "DELETE", made[0])).json()["error"]["code"] == 10


async def test_each_call_needs_its_scopes(sandbox: RunningSandbox) -> None:
    """Publishing needs its scope and one for Pages, comments need theirs; without pages_show_list no Page is listed."""
    none = await sandbox.facebook_login("luna", scope="instagram_basic,instagram_content_publish")
    assert await pages(sandbox, none) == []
    ig_id = (await sandbox.items("accounts"))[0]["id"]
    url = sandbox.media.put("a.jpg", picture())
    refused = await sandbox.facebook(none, "POST", f"{ig_id}/media", image_url=url)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, 10)
    reading = await sandbox.facebook_login("luna", scope="instagram_basic,pages_show_list")
    assert (await sandbox.facebook(reading, "GET", ig_id)).status_code == 200
    assert (await sandbox.facebook(reading, "POST", f"{ig_id}/media", image_url=url)).status_code == 403
    bare = await sandbox.facebook_login("luna", scope="pages_show_list")
    hidden = await sandbox.facebook(bare, "GET", "me/accounts", fields="instagram_business_account")
    assert hidden.status_code == 403
    await sandbox.account("instagram", "luna", grantedScopes=["pages_show_list"])
    listed = (await sandbox.facebook(reading, "GET", "me/permissions")).json()["data"]
    assert {one["permission"]: one["status"] for one in listed}["instagram_basic"] == "declined"


async def test_paths_and_methods(sandbox: RunningSandbox) -> None:
    """A version is optional but must exist; unknown objects and paths are refused; a missing token is code 104."""
    token, ig_id = await linked(sandbox, "luna")
    headers = {"authorization": f"Bearer {token}"}
    base = "/sandbox/graph.facebook.com"
    assert (await sandbox.http.get(f"{base}/me", headers=headers)).status_code == 200
    assert (await sandbox.http.get(f"{base}//v27.0//me/", headers=headers)).status_code == 200
    assert (await sandbox.http.get(f"{base}/v5.0/me", headers=headers)).json()["error"]["code"] == 2500
    assert (await sandbox.http.get(f"{base}/me/media", headers=headers)).json()["error"]["code"] == 2500
    assert (await sandbox.http.get(f"{base}/12345", headers=headers)).json()["error"]["error_subcode"] == 33
    assert (await sandbox.http.get(f"{base}/12345/media", headers=headers)).json()["error"]["error_subcode"] == 33
    assert (await sandbox.http.get(f"{base}/{ig_id}")).json()["error"]["code"] == 104
    assert (await sandbox.http.get(f"{base}/me/businesses", headers=headers)).json() == {"data": []}
    unread = await sandbox.http.post(f"{base}/{ig_id}/media", content=b"{", headers=headers)
    assert unread.json()["error"]["code"] == 100


async def test_faults_apply_to_both_hosts(sandbox: RunningSandbox) -> None:
    """A fault for an operation and a handle applies on graph.facebook.com as on graph.instagram.com."""
    token, ig_id = await linked(sandbox, "luna")
    made = await container(sandbox, token, ig_id, image_url=sandbox.media.put("a.jpg", picture()))
    await finished(sandbox, token, made["id"])
    await sandbox.fault("instagram", "media_publish", "drop_after_effect", handle="luna")
    with pytest.raises(httpx2.TransportError):
        await sandbox.facebook(token, "POST", f"{ig_id}/media_publish", creation_id=made["id"])
    assert len(await sandbox.items("posts")) == 1
    assert (await finished(sandbox, token, made["id"]))["status_code"] == "PUBLISHED"
    await sandbox.fault("instagram", "token", "http_500")
    broken = await sandbox.facebook_token(redirect_uri=BACK, code="x")
    assert (broken.status_code, broken.json()["error"]["code"]) == (500, 2)
    await sandbox.fault("instagram", "me", "token_expired")
    assert (await sandbox.facebook(token, "GET", ig_id)).json()["error"]["error_subcode"] == 463
    fresh = await sandbox.facebook_token(grant_type="fb_exchange_token", fb_exchange_token=token)
    assert (await sandbox.facebook(fresh.json()["access_token"], "GET", ig_id)).status_code == 200
    text = (await sandbox.http.get("/sandbox/control/requests?limit=200")).text
    assert token not in text
    assert fresh.json()["access_token"] not in text


async def test_upload_in_one_request(sandbox: RunningSandbox, reel: bytes) -> None:
    """An uploaded video is processed and published like one that was fetched from a URL."""
    token, ig_id = await linked(sandbox, "luna")
    number, uri = await resumable(sandbox, token, ig_id, caption="Bytes")
    assert (await sandbox.facebook(token, "GET", number, fields="status_code")).json()["status_code"] == "IN_PROGRESS"
    early = await sandbox.facebook(token, "POST", f"{ig_id}/media_publish", creation_id=number)
    assert early.json()["error"]["error_subcode"] == 2207027
    answer = await upload(sandbox, token, uri, reel, 0, len(reel))
    assert (answer.status_code, answer.json()["success"]) == (200, True)
    over = await finished(sandbox, token, number)
    assert over["status_code"] == "FINISHED"
    assert over["video_status"]["uploading_phase"] == {"status": "complete", "bytes_transfered": len(reel)}
    assert (await sandbox.facebook(token, "POST", f"{ig_id}/media_publish", creation_id=number)).status_code == 200
    (post,) = await sandbox.items("posts")
    assert (post["kind"], post["caption"]) == ("reel", "Bytes")
    assert post["media"][0]["sha256"] == hashlib.sha256(reel).hexdigest()
    assert (await upload(sandbox, token, uri, reel, 0, len(reel))).status_code == 400


async def test_upload_resumes_at_the_offset(sandbox: RunningSandbox, reel: bytes) -> None:
    """After an interruption the received bytes are kept, the offset is returned, and the remaining bytes complete it."""
    token, ig_id = await linked(sandbox, "luna")
    number, uri = await resumable(sandbox, token, ig_id)
    half = len(reel) // 2
    first = await upload(sandbox, token, uri, reel[:half], 0, len(reel))
    problem = first.json()["debug_info"]
    assert (first.status_code, problem["type"], problem["retriable"]) == (400, "PartialRequestError", True)
    status = (await sandbox.facebook(token, "GET", number, fields="video_status")).json()
    assert status["video_status"]["uploading_phase"] == {"status": "in_progress", "bytes_transfered": half}
    asked = await sandbox.http.get(uri, headers={"authorization": f"OAuth {token}"})
    assert asked.json() == {"offset": half}
    wrong = await upload(sandbox, token, uri, reel, 0, len(reel))
    assert wrong.json()["debug_info"]["type"] == "OffsetInvalidError"
    other = await upload(sandbox, token, uri, reel[half:], half, len(reel) + 1)
    assert other.json()["debug_info"]["type"] == "ProcessingFailedError"
    assert (await upload(sandbox, token, uri, reel[half:], half, len(reel))).json()["success"] is True
    assert (await finished(sandbox, token, number))["status_code"] == "FINISHED"


async def test_aborted_upload_keeps_received_bytes(sandbox: RunningSandbox, reel: bytes) -> None:
    """If the client closes the connection, the bytes received so far count."""
    token, ig_id = await linked(sandbox, "luna")
    number, uri = await resumable(sandbox, token, ig_id)

    async def hanging_up() -> AsyncIterator[bytes]:
        yield reel[:1000]
        raise ConnectionError

    headers = {"authorization": f"OAuth {token}", "offset": "0", "file_size": str(len(reel))}
    with pytest.raises(ConnectionError):
        await sandbox.http.post(uri, content=hanging_up(), headers=headers)
    stored = 0
    async for _ in polls():
        stored = (await sandbox.http.get(uri, headers={"authorization": f"OAuth {token}"})).json()["offset"]
        if stored:
            break
    assert stored == 1000
    assert (await upload(sandbox, token, uri, reel[stored:], stored, len(reel))).json()["success"] is True
    assert (await finished(sandbox, token, number))["status_code"] == "FINISHED"


async def test_upload_from_a_url(sandbox: RunningSandbox, reel: bytes) -> None:
    """With a file_url header Meta fetches the video; an invalid URL ends in ERROR."""
    token, ig_id = await linked(sandbox, "luna")
    for url, code in ((sandbox.media.put("c.mp4", reel), "FINISHED"), (f"{sandbox.media.address}/none", "ERROR")):
        number, uri = await resumable(sandbox, token, ig_id)
        headers = {"authorization": f"OAuth {token}", "file_url": url + "?signature=s3cret"}
        assert (await sandbox.http.post(uri.replace("/v25.0", ""), headers=headers)).json()["success"] is True
        assert (await finished(sandbox, token, number))["status_code"] == code
    number, uri = await resumable(sandbox, token, ig_id)
    headers = {"authorization": f"OAuth {token}", "file_url": "nowhere"}
    assert (await sandbox.http.post(uri, headers=headers)).status_code == 400
    assert "s3cret" not in (await sandbox.http.get("/sandbox/control/requests?limit=200")).text


async def test_upload_needs_the_token_of_its_owner(sandbox: RunningSandbox, reel: bytes) -> None:
    """A missing token, one of another user or of Instagram Login, and an unknown container are unauthorized."""
    token, ig_id = await linked(sandbox, "luna")
    number, uri = await resumable(sandbox, token, ig_id)
    others = ["nonsense", await sandbox.facebook_login("nova"), await sandbox.graph_login("luna")]
    for other in others:
        answer = await upload(sandbox, other, uri, reel, 0, len(reel))
        problem = answer.json()["debug_info"]
        assert (answer.status_code, problem["retriable"], problem["type"]) == (400, False, "ProcessingFailedError")
        assert json.loads(problem["message"]) == {"success": False, "error": {"message": "unauthorized user request"}}
    gone = await upload(sandbox, token, uri.replace(number, "123"), reel, 0, len(reel))
    assert gone.status_code == 400
    assert (await upload(sandbox, token, uri, reel, 0, 10**9)).status_code == 400
    assert (await upload(sandbox, token, uri, reel + b"x", 0, len(reel))).status_code == 400
    refused = await sandbox.graph(others[2], "POST", "me/media", media_type="REELS", upload_type="resumable")
    assert refused.json()["error"]["code"] == 100


async def test_invalid_upload_types_are_refused(sandbox: RunningSandbox) -> None:
    """upload_type is valid only for videos without a URL."""
    rows: list[dict[str, str]] = [
        {"media_type": "IMAGE"},
        {"media_type": "CAROUSEL"},
        {"media_type": "REELS", "video_url": "http://x/y"},
    ]
    with every_row() as row:
        for params in rows:
            with row(params):
                token, ig_id = await linked(sandbox, "luna")
                answer = await sandbox.facebook(token, "POST", f"{ig_id}/media", upload_type="resumable", **params)
                assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)


async def test_invalid_uploads_end_in_error(sandbox: RunningSandbox) -> None:
    """A file that is not a video, or one that Instagram does not accept, ends in ERROR; faults apply to uploads too."""
    token, ig_id = await linked(sandbox, "luna")
    for data in (b"no video", clip(1.0)):
        number, uri = await resumable(sandbox, token, ig_id)
        assert (await upload(sandbox, token, uri, data, 0, len(data))).json()["success"] is True
        assert "2207026" in (await finished(sandbox, token, number))["status"]
    number, uri = await resumable(sandbox, token, ig_id)
    await sandbox.fault("instagram", "upload", "media_error", value={"subcode": 2207082})
    data = clip(1.0)
    await upload(sandbox, token, uri, data, 0, len(data))
    assert "2207082" in (await finished(sandbox, token, number))["status"]
    await sandbox.fault("instagram", "upload", "drop_before_effect")
    number, uri = await resumable(sandbox, token, ig_id)
    with pytest.raises(httpx2.TransportError):
        await upload(sandbox, token, uri, data, 0, len(data))
    assert (await sandbox.http.get(uri, headers={"authorization": f"OAuth {token}"})).json() == {"offset": 0}


async def test_story_and_carousel_video_by_upload(sandbox: RunningSandbox, reel: bytes) -> None:
    """Videos of stories and carousels can be uploaded too."""
    token, ig_id = await linked(sandbox, "luna")
    number, uri = await resumable(sandbox, token, ig_id, media_type="STORIES")
    await upload(sandbox, token, uri, reel, 0, len(reel))
    assert (await finished(sandbox, token, number))["status_code"] == "FINISHED"
    number, uri = await resumable(sandbox, token, ig_id, media_type="VIDEO", is_carousel_item=True)
    await upload(sandbox, token, uri, reel, 0, len(reel))
    assert (await finished(sandbox, token, number))["status_code"] == "FINISHED"
    other = await container(
        sandbox, token, ig_id, image_url=sandbox.media.put("a.jpg", picture()), is_carousel_item=True
    )
    parent = await container(sandbox, token, ig_id, media_type="CAROUSEL", children=f"{number},{other['id']}")
    assert (await finished(sandbox, token, parent["id"]))["status_code"] == "FINISHED"
