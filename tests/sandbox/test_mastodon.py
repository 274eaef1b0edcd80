"""Mastodon: apps and logins of each server, files, posts with keys, threads, edits, and the limits that a server sets."""

import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import httpx2
from tests.every_row import every_row
from tests.sandbox.mastodon_client import APP, HOST, SCOPES, Mastodon, authorize, exchange, login, register
from tests.sandbox.running_sandbox import BACK, JSON, RunningSandbox, clip, picture

OTHER = "social.example"
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
HOUR, DAY = 3_600, 86_400


async def rules(sandbox: RunningSandbox, **changes: object) -> None:
    """Set rules of a server, or of all without `host`."""
    answer = await sandbox.control("POST", "mastodon", changes)
    assert answer.status_code == 200, answer.text


def error(answer: httpx2.Response) -> tuple[int, str]:
    """Return status and message of a refused call."""
    return answer.status_code, answer.json()["error"]


async def test_an_app_belongs_to_its_server(sandbox: RunningSandbox) -> None:
    """A client id of one server is refused by the others, at the page and at the token endpoint; so is its token."""
    app: JSON = (await register(sandbox)).json()
    assert (app["name"], app["redirect_uris"], app["scopes"]) == ("Bakery", [BACK], APP["scopes"].split())
    code = await authorize(sandbox, app["client_id"], "luna", code_challenge=CHALLENGE, code_challenge_method="S256")
    elsewhere = await exchange(sandbox, app, code, OTHER, code_verifier=VERIFIER)
    assert (elsewhere.status_code, elsewhere.json()["error"]) == (401, "invalid_client")
    wrong = await exchange(sandbox, app | {"client_secret": "x"}, code, code_verifier=VERIFIER)
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    assert (await exchange(sandbox, app, code)).json()["error"] == "invalid_grant"  # without the verifier
    answer = await exchange(sandbox, app, code, code_verifier=VERIFIER)
    token: JSON = answer.json()
    assert (set(token), token["scope"]) == ({"access_token", "token_type", "scope", "created_at"}, SCOPES)
    assert (await exchange(sandbox, app, code, code_verifier=VERIFIER)).json()["error"] == "invalid_grant"
    mastodon = Mastodon(sandbox, app, token["access_token"])
    me = await mastodon.read("accounts/verify_credentials")
    assert (me["acct"], me["url"]) == ("luna", f"https://{HOST}/@luna")
    foreign = Mastodon(sandbox, app, token["access_token"], OTHER)
    assert error(await foreign.call("GET", "accounts/verify_credentials")) == (401, "The access token is invalid")
    ask = {"client_id": app["client_id"], "redirect_uri": BACK, "response_type": "code", "state": "s"}
    for host, more in ((OTHER, {}), (HOST, {"redirect_uri": "https://other.example/"}), (HOST, {"scope": "push"})):
        page = await sandbox.http.get(f"/sandbox/{host}/oauth/authorize", params=ask | more)
        assert page.status_code == 400, (host, more)
    denied = await sandbox.consent(f"{HOST}/oauth/authorize", ask | {"scope": "read", "decision": "deny"})
    assert (denied["error"], denied["state"]) == ("access_denied", "s")
    form = {name: app[name] for name in ("client_id", "client_secret")} | {"token": mastodon.token}
    revoked = await sandbox.http.post(f"/sandbox/{HOST}/oauth/revoke", data=form)
    assert (revoked.status_code, revoked.json()) == (200, {})
    assert error(await mastodon.call("GET", "accounts/verify_credentials")) == (401, "The access token was revoked")


async def test_any_client_id_that_no_server_gave_out_is_accepted(sandbox: RunningSandbox) -> None:
    """As on the other platforms, a client without registration gets through, with any secret."""
    app = {"client_id": "mine", "client_secret": "x"}
    code = await authorize(sandbox, "mine", "luna@mastodon.example")
    assert (await exchange(sandbox, app, code)).status_code == 200
    assert [one["handle"] for one in await sandbox.items(f"accounts?platform=mastodon&handle=luna@{HOST}")] == ["luna"]


async def test_registrations_that_are_refused(sandbox: RunningSandbox) -> None:
    """A name, an absolute redirect URI and known scopes are required."""
    with every_row() as row:
        for wrong in ({"client_name": " "}, {"redirect_uris": "/back"}, {"redirect_uris": ""}, {"scopes": "admin"}):
            with row(wrong):
                answer = await register(sandbox, **wrong)
                assert (answer.status_code, answer.json()["error"][:19]) == (422, "Validation failed: ")


async def test_what_a_server_says_about_itself(sandbox: RunningSandbox) -> None:
    """Limits and version are those of the server; before 4.3 there is neither metadata nor the scope `profile`."""
    await rules(sandbox, host=OTHER, maxCharacters=5000, version="4.2.17")
    found = {host: (await sandbox.http.get(f"/sandbox/{host}/api/v2/instance")).json() for host in (HOST, OTHER)}
    limits = {host: one["configuration"]["statuses"]["max_characters"] for host, one in found.items()}
    assert limits == {HOST: 500, OTHER: 5000}
    assert [found[host]["api_versions"]["mastodon"] for host in (HOST, OTHER)] == [7, 2]
    first = (await sandbox.http.get(f"/sandbox/{OTHER}/api/v1/instance/")).json()
    assert (first["uri"], first["version"]) == (OTHER, "4.2.17")
    metadata = await sandbox.http.get(f"/sandbox/{HOST}/.well-known/oauth-authorization-server")
    assert metadata.json()["token_endpoint"] == f"{sandbox.address}/sandbox/{HOST}/oauth/token"
    old = await sandbox.http.get(f"/sandbox/{OTHER}/.well-known/oauth-authorization-server")
    assert old.status_code == 404
    ask = {"client_id": "1", "redirect_uri": BACK, "response_type": "code", "scope": "profile"}
    assert (await sandbox.http.get(f"/sandbox/{OTHER}/oauth/authorize", params=ask)).status_code == 400
    shown = (await sandbox.http.get(f"/sandbox/control/mastodon?host={OTHER}")).json()
    assert (shown["host"], shown["maxCharacters"]) == (OTHER, 5000)
    assert (await sandbox.control("POST", "mastodon", {"maxCharacters": "many"})).status_code == 400
    assert (await sandbox.control("DELETE", "mastodon")).json()["maxCharacters"] == 500


async def test_a_post_with_pictures(sandbox: RunningSandbox) -> None:
    """Pictures are ready at once, keep alt text and focus, and belong to one post; a page shows the post."""
    mastodon = await login(sandbox)
    uploads = [await mastodon.upload(picture(hue=hue), description=f"Cat {hue}", focus="0.5,-1") for hue in (1, 2)]
    assert [answer.status_code for answer in uploads] == [200, 200]
    ids = [answer.json()["id"] for answer in uploads]
    assert uploads[0].json()["meta"]["focus"] == {"x": 0.5, "y": -1.0}
    changed = await mastodon.call("PUT", f"media/{ids[0]}", {"description": "A cat"})
    assert changed.json()["description"] == "A cat"
    post = await mastodon.posted("Two cats", media_ids=ids, visibility="unlisted", spoiler_text="Cats", language="de")
    assert [one["id"] for one in post["media_attachments"]] == ids
    assert (post["url"], post["sensitive"]) == (f"https://{HOST}/@luna/{post['id']}", True)
    assert (post["visibility"], post["application"]["name"]) == ("unlisted", "Bakery")
    assert error(await mastodon.call("GET", f"media/{ids[0]}")) == (404, "Record not found")
    again = await mastodon.post("Once more", media_ids=ids)
    assert error(again) == (422, f"Media {ids[0]}, {ids[1]} not found or already attached to another post")
    [shown] = await sandbox.items("posts?platform=mastodon")
    assert (shown["kind"], shown["caption"], len(shown["media"])) == ("mastodon_post", "Two cats", 2)
    assert shown["params"]["media_ids"] == ids
    page = (await sandbox.http.get("/sandbox/" + post["url"].removeprefix("https://"))).text
    assert all(word in page for word in ("Two cats", "A cat", "Quiet public", "Sensitive", HOST))
    assert "@luna" in (await sandbox.http.get(f"/sandbox/{HOST}/@luna", follow_redirects=True)).text


async def test_a_form_with_lists(sandbox: RunningSandbox) -> None:
    """A form carries ids as `media_ids[]`, and the token in a header."""
    mastodon = await login(sandbox)
    media_id = (await mastodon.upload(picture())).json()["id"]
    form = {"status": "Form", "media_ids[]": [media_id]}
    headers = {"authorization": f"Bearer {mastodon.token}"}
    answer = await sandbox.http.post(f"/sandbox/{HOST}/api/v1/statuses", data=form, headers=headers)
    assert [one["id"] for one in answer.json()["media_attachments"]] == [media_id]


async def test_a_video_is_processed(sandbox: RunningSandbox, reel: bytes) -> None:
    """202 and 206 until it is ready, by status calls or by the clock; a post before that is refused."""
    mastodon = await login(sandbox)
    answer = await mastodon.upload(reel, description="A reel")
    video = answer.json()
    assert (answer.status_code, video["type"], video["url"]) == (202, "video", None)
    early = await mastodon.post("x", media_ids=[video["id"]])
    assert error(early) == (422, "Cannot attach files that have not finished processing. Try again in a moment!")
    statuses = [(await mastodon.call("GET", f"media/{video['id']}")).status_code for _ in range(2)]
    assert statuses == [206, 200]
    image = (await mastodon.upload(picture())).json()["id"]
    mixed = await mastodon.post("x", media_ids=[video["id"], image])
    assert error(mixed) == (422, "Cannot attach a video to a post that already contains images")
    post = await mastodon.posted("", media_ids=[video["id"]])
    assert post["media_attachments"][0]["url"] is not None
    headers = {"authorization": f"Bearer {mastodon.token}"}
    url = f"/sandbox/{HOST}/api/v1/media"
    at_once = await sandbox.http.post(url, files={"file": ("reel", reel)}, headers=headers)
    assert (at_once.status_code, at_once.json()["url"] is None) == (200, False)
    other = (await mastodon.upload(reel)).json()["id"]
    await sandbox.advance(2)
    assert (await mastodon.call("GET", f"media/{other}")).status_code == 200
    await sandbox.advance(DAY)
    assert (await mastodon.call("GET", f"media/{other}")).status_code == 404


async def test_files_that_are_refused(sandbox: RunningSandbox) -> None:
    """Each limit of the server has its own words."""
    mastodon = await login(sandbox)
    await rules(sandbox, imageMatrixLimit=100, videoFrameRateLimit=10, descriptionLimit=3)
    with every_row() as row:
        for data, fields, message in (
            (b"no file", {}, "File type of uploaded media could not be verified"),
            (picture(20, 20), {}, "20x20 images are not supported"),
            (clip(), {}, "24fps videos are not supported"),
            (picture(5, 5, "BMP"), {}, "Validation failed: File content type is invalid"),
            (
                picture(5, 5),
                {"description": "long"},
                "Validation failed: Description is too long (maximum is 3 characters)",
            ),
            (picture(5, 5), {"focus": "2,0"}, "Validation failed: Focus is invalid"),
        ):
            with row(message):
                assert error(await mastodon.upload(data, **fields)) == (422, message)
    await rules(sandbox, imageMatrixLimit=None, imageSizeLimit=100)
    assert error(await mastodon.upload(picture(20, 20)))[0] == 422


async def test_texts_are_counted_as_the_server_counts(sandbox: RunningSandbox) -> None:
    """Graphemes, 23 for any URL, `@user` for `@user@host`, and the content warning counts too."""
    mastodon = await login(sandbox)
    family = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"
    url = "https://a.example/" + "x" * 300
    with every_row() as row:
        for text, warning, is_accepted in (
            ("x" * 500, "", True),
            ("x" * 501, "", False),
            (family * 500, "", True),
            (family * 501, "", False),
            (f"{url} " + "x" * 476, "", True),
            (f"{url} " + "x" * 477, "", False),
            ("@anna@long.name.example " + "x" * 494, "", True),
            ("@anna@long.name.example " + "x" * 495, "", False),
            ("x" * 490, "w" * 10, True),
            ("x" * 490, "w" * 11, False),
        ):
            with row(len(text), text[:20], warning):
                answer = await mastodon.post(text, spoiler_text=warning)
                message = "Validation failed: Text character limit of 500 exceeded"
                assert (answer.status_code == 200) == is_accepted
                assert is_accepted or error(answer) == (422, message)


async def test_posts_that_are_refused(sandbox: RunningSandbox) -> None:
    """Nothing goes live, and the answer says why."""
    mastodon = await login(sandbox)
    ids = [(await mastodon.upload(picture(40, 40, hue=hue))).json()["id"] for hue in range(5)]
    rows: list[tuple[JSON, tuple[int, str]]]
    rows = [
        ({"status": " "}, (422, "Validation failed: Text can't be blank")),
        ({"media_ids": ids}, (422, "Cannot attach more than 4 files")),
        ({"media_ids": ["1"]}, (422, "Media 1 not found or already attached to another post")),
        ({"visibility": "secret"}, (422, "Validation failed: Visibility is not included in the list")),
        ({"in_reply_to_id": "1"}, (404, "The post you are trying to reply to does not appear to exist.")),
        ({"poll": {"options": ["a", "b"]}}, (422, "Validation failed: The sandbox has no poll")),
    ]
    with every_row() as row:
        for fields, expected in rows:
            with row(fields):
                assert error(await mastodon.call("POST", "statuses", {"status": "x", **fields})) == expected
    reader = await login(sandbox, scope="read:statuses")
    assert error(await reader.post()) == (403, "This action is outside the authorized scopes")
    await sandbox.account("mastodon", "luna", accountStatus="disabled")
    assert error(await mastodon.post()) == (403, "Your login is currently disabled")
    assert error(await Mastodon(sandbox, {}, "").post()) == (401, "The access token is invalid")
    assert await sandbox.items("posts") == []


async def test_an_idempotency_key(sandbox: RunningSandbox) -> None:
    """Within an hour the first post is the answer, whatever the second call says; then, and at other servers, there are two."""
    mastodon, other = await login(sandbox), await login(sandbox, host=OTHER)
    first = await mastodon.posted("One", key="k")
    assert (await mastodon.posted("Another", key="k"))["id"] == first["id"]
    assert (await mastodon.posted("One", key="k2"))["id"] != first["id"]
    assert (await other.posted("One", key="k"))["id"] != first["id"]
    assert len(await sandbox.items("posts?platform=mastodon")) == 3
    await sandbox.advance(HOUR)
    assert (await mastodon.posted("One", key="k"))["id"] != first["id"]
    [newest, *_] = (await mastodon.call("GET", f"accounts/{first['account']['id']}/statuses?limit=1")).json()
    assert (await mastodon.call("DELETE", f"statuses/{newest['id']}")).status_code == 200
    assert error(await mastodon.post("One", key="k")) == (404, "Record not found")


async def test_servers_that_forget_keys(sandbox: RunningSandbox) -> None:
    """An old server knows a key a moment after its post, a fork never: a repetition makes a second post."""
    mastodon = await login(sandbox)
    await rules(sandbox, host=HOST, keyDelaySeconds=2)
    ids = [(await mastodon.posted("One", key="k"))["id"] for _ in range(2)]
    await sandbox.advance(2)
    assert (await mastodon.posted("One", key="k"))["id"] == ids[0] != ids[1]
    await rules(sandbox, host=HOST, keepsKeys=False)
    assert (await mastodon.posted("One", key="k"))["id"] not in ids


async def test_a_thread(sandbox: RunningSandbox) -> None:
    """Replies are parts of the thread for their author, comments for others; a deleted part leaves those below."""
    mastodon, other = await login(sandbox), await login(sandbox, "nova")
    first = await mastodon.posted("1")
    second = await mastodon.posted("2", in_reply_to_id=first["id"], key="p2")
    third = await mastodon.posted("3", in_reply_to_id=second["id"])
    asked = await other.posted("Open?", in_reply_to_id=third["id"], visibility="unlisted")
    assert second["in_reply_to_account_id"] == first["account"]["id"]
    context = await mastodon.read(f"statuses/{second['id']}/context")
    assert [[one["id"] for one in context[name]] for name in ("ancestors", "descendants")] == [
        [first["id"]],
        [third["id"], asked["id"]],
    ]
    [_, *parts] = await sandbox.items("posts?platform=mastodon&handle=luna&replies=true")
    assert [(one["caption"], one["replyTo"]) for one in parts] == [("2", first["id"]), ("3", second["id"])]
    assert [one["text"] for one in await sandbox.items("comments?platform=mastodon")] == ["2", "3", "Open?"]
    page = (await sandbox.http.get("/sandbox/" + second["url"].removeprefix("https://"))).text
    assert all(f"</b> {text}" in page for text in ("1", "2", "3", "Open?"))
    account = first["account"]["id"]
    listed = (await mastodon.call("GET", f"accounts/{account}/statuses?exclude_replies=true")).json()
    assert [one["id"] for one in listed] == [first["id"]]
    page_one = await mastodon.call("GET", f"accounts/{account}/statuses?limit=2")
    assert [one["id"] for one in page_one.json()] == [third["id"], second["id"]]
    following = page_one.headers["link"].partition(">")[0].removeprefix("<")
    assert following.startswith(f"{sandbox.address}/sandbox/{HOST}/api/v1/accounts/{account}/statuses?")
    headers = {"authorization": f"Bearer {mastodon.token}"}
    assert [one["id"] for one in (await sandbox.http.get(following, headers=headers)).json()] == [first["id"]]
    gone = await mastodon.call("DELETE", f"statuses/{first['id']}")
    assert gone.json()["text"] == "1"
    assert (await mastodon.read(f"statuses/{second['id']}"))["in_reply_to_id"] == first["id"]
    left = await sandbox.items("posts?platform=mastodon&replies=true")
    assert [one["caption"] for one in left] == ["2", "3"]


async def test_what_others_do(sandbox: RunningSandbox) -> None:
    """Replies of others are mentions among the notifications, and counted; a favourite counts once."""
    scope = f"{SCOPES} read:notifications write:favourites"
    mastodon = await login(sandbox, scope=scope)
    post = await mastodon.posted("Bread")
    asked = await sandbox.comment("mastodon", post["id"], author="anna")
    [mention] = (await mastodon.call("GET", "notifications?types[]=mention")).json()
    assert (mention["type"], mention["status"]["id"], mention["account"]["acct"]) == ("mention", asked["id"], "anna")
    assert (await mastodon.call("GET", "notifications?types[]=follow")).json() == []
    assert error(await mastodon.call("DELETE", f"statuses/{asked['id']}"))[0] == 404
    before = (await mastodon.read(f"statuses/{post['id']}"))["favourites_count"]
    for verb, added in (("favourite", 1), ("favourite", 1), ("unfavourite", 0)):
        answer = await mastodon.call("POST", f"statuses/{post['id']}/{verb}")
        assert answer.json()["favourites_count"] == before + added
    assert (await mastodon.read(f"statuses/{post['id']}"))["replies_count"] == 1
    liked = await mastodon.call("POST", f"statuses/{asked['id']}/favourite")
    assert liked.json()["favourites_count"] == 1
    [comment] = await sandbox.items("comments?platform=mastodon")
    assert comment["liked"] is True


async def test_an_edit(sandbox: RunningSandbox) -> None:
    """Text and media are replaced, and media that is left out is free again; visibility stays."""
    mastodon = await login(sandbox)
    media_id = (await mastodon.upload(picture())).json()["id"]
    post = await mastodon.posted("Old", media_ids=[media_id], visibility="unlisted")
    edited = await mastodon.call("PUT", f"statuses/{post['id']}", {"status": "New", "media_ids": [media_id]})
    assert (edited.json()["content"], len(edited.json()["media_attachments"])) == ("<p>New</p>", 1)
    assert edited.json()["edited_at"] is not None
    plain = (await mastodon.call("PUT", f"statuses/{post['id']}", {"status": "New"})).json()
    assert (plain["media_attachments"], plain["visibility"]) == ([], "unlisted")
    source = await mastodon.read(f"statuses/{post['id']}/source")
    assert source == {"id": post["id"], "text": "New", "spoiler_text": ""}
    assert (await mastodon.call("GET", f"media/{media_id}")).status_code == 200
    [shown] = await sandbox.items("posts?platform=mastodon")
    assert (shown["caption"], shown["kind"], shown["media"]) == ("New", "text", [])


async def test_who_sees_a_post(sandbox: RunningSandbox) -> None:
    """Without a token, and for other accounts, only public posts are there; each server knows its own."""
    mastodon, reader = await login(sandbox), Mastodon(sandbox, {}, "")
    public, private = await mastodon.posted("p"), await mastodon.posted("f", visibility="private")
    assert (await reader.read(f"statuses/{public['id']}"))["id"] == public["id"]
    assert (await reader.call("GET", f"statuses/{private['id']}")).status_code == 404
    assert (await mastodon.read(f"statuses/{private['id']}"))["visibility"] == "private"
    other = await login(sandbox, "nova")
    assert (await other.post(in_reply_to_id=private["id"])).status_code == 404
    assert (await mastodon.post(in_reply_to_id=private["id"])).status_code == 200
    elsewhere = Mastodon(sandbox, {}, "", OTHER)
    own = (await (await login(sandbox, host=OTHER)).read("accounts/verify_credentials"))["id"]
    assert own != public["account"]["id"]  # the same account has another id at each server
    assert (await elsewhere.read(f"accounts/{own}"))["url"] == f"https://{OTHER}/@luna"
    assert (await elsewhere.call("GET", f"accounts/{public['account']['id']}")).status_code == 404
    assert (await elsewhere.call("GET", f"statuses/{public['id']}")).status_code == 404


async def test_limits_of_calls(sandbox: RunningSandbox) -> None:
    """The headers count down to 429, and a new window begins at a whole multiple of its length."""
    mastodon = await login(sandbox)
    await rules(sandbox, statusesPer3Hours=2, deletesPer30Minutes=0)
    left = [(await mastodon.post()).headers["x-ratelimit-remaining"] for _ in range(2)]
    assert left == ["1", "0"]
    refused = await mastodon.post()
    assert error(refused) == (429, "Too many requests")
    assert refused.headers["x-ratelimit-reset"].endswith("Z")
    assert (await mastodon.call("DELETE", "statuses/1")).status_code == 429
    assert (await mastodon.call("GET", "accounts/verify_credentials")).headers["x-ratelimit-limit"] == "300"
    await sandbox.advance(3 * HOUR)
    assert (await mastodon.post()).status_code == 200


async def test_a_refused_login_page_leads_back(sandbox: RunningSandbox) -> None:
    """An unknown scope is named, and the link back carries the error."""
    ask = {"client_id": "1", "redirect_uri": BACK, "response_type": "code", "scope": "admin", "state": "s"}
    page = await sandbox.http.get(f"/sandbox/{HOST}/oauth/authorize", params=ask)
    assert page.status_code == 400
    link = page.text.partition('href="http://localhost:9')[2].partition('"')[0].replace("&amp;", "&")
    assert parse_qs(urlsplit(link).query)["error"] == ["invalid_scope"]
