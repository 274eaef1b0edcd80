"""X: login, uploads, posts, threads, what is refused, what it costs, and faults."""

from collections.abc import Mapping

import pytest
from tests.every_row import every_row
from tests.sandbox.running_sandbox import JSON, RunningSandbox, clip, picture
from tests.sandbox.test_deletions import Change, is_lost
from tests.sandbox.x_client import API, VERIFIER, X, code_of, exchange, login, token_call

from presswork_sandbox.x.text import weight_of


def detail(answer_body: JSON) -> str:
    """Return the sentence of an error."""
    return str(answer_body["detail"])


async def test_codes_need_their_verifier_and_last_thirty_seconds(sandbox: RunningSandbox) -> None:
    """PKCE is required, a code works once and for 30 seconds, and refresh tokens rotate: a used one ends the grant."""
    ask = {"client_id": "app", "redirect_uri": "http://localhost:9/back", "response_type": "code", "state": "s"}
    page = await sandbox.http.get("/sandbox/x.com/i/oauth2/authorize", params=ask | {"scope": "tweet.read"})
    assert (page.status_code, "code_challenge" in page.text) == (400, True)
    code = await code_of(sandbox, "luna")
    assert (await exchange(sandbox, code, code_verifier="w" * 43)).status_code == 400
    assert (await exchange(sandbox, code)).status_code == 200
    assert (await exchange(sandbox, code)).status_code == 400
    late = await code_of(sandbox, "luna")
    await sandbox.advance(30)
    assert (await exchange(sandbox, late)).json()["error"] == "invalid_request"
    plain = await code_of(sandbox, "luna", code_challenge=VERIFIER, code_challenge_method="plain")
    pair = (await exchange(sandbox, plain)).json()
    assert (pair["token_type"], pair["expires_in"]) == ("bearer", 7200)
    form = {"grant_type": "refresh_token", "refresh_token": pair["refresh_token"]}
    fresh = (await token_call(sandbox, **form)).json()
    assert (await X(sandbox, fresh["access_token"], "").call("GET", "users/me")).status_code == 200
    again = await token_call(sandbox, **form)
    assert (again.status_code, again.json()["error_description"]) == (400, "Value passed for the token was invalid.")
    assert (await X(sandbox, fresh["access_token"], "").call("GET", "users/me")).status_code == 401
    x = await login(sandbox)
    revoked = await sandbox.http.post(f"{API}/oauth2/revoke", data={"token": x.refresh_token, "client_id": "app"})
    assert revoked.json() == {"revoked": True}
    assert (await x.call("GET", "users/me")).status_code == 401


async def test_media_and_what_is_read_back(sandbox: RunningSandbox, reel: bytes) -> None:
    """Images are ready at once, a video after two status calls; a post is found by its media key, and its page shows it."""
    x = await login(sandbox)
    image = await x.upload(picture(), part=1000 * 4)
    assert (image["media_key"].startswith("3_"), "processing_info" in image) == (True, False)
    alt = {"id": image["id"], "metadata": {"alt_text": {"text": "A circle"}}}
    assert (await x.call("POST", "media/metadata", alt)).status_code == 200
    media = {"media_ids": [image["id"]]}
    post_id = await x.posted("See https://bakery.test/menu and", media=media, reply_settings="following")
    query = {"expansions": "attachments.media_keys", "tweet.fields": "created_at,text,public_metrics"}
    assert await x.get(f"users/{await x.me()}/tweets", **query) == {"meta": {"result_count": 0}}
    await sandbox.advance(1)
    found = await x.get(f"users/{await x.me()}/tweets", max_results="5", exclude="retweets,replies", **query)
    assert found["data"][0]["attachments"] == {"media_keys": [image["media_key"]]}
    assert found["includes"]["media"] == [{"media_key": image["media_key"], "type": "photo"}]
    assert (found["data"][0]["text"].count("https://t.co/"), "bakery" in found["data"][0]["text"]) == (2, False)
    begun = (await x.initialize(len(reel))).json()["data"]["id"]
    assert (await x.post("early", media={"media_ids": [begun]})).json()["detail"] == "Your media IDs are invalid."
    await x.append(begun, reel)
    assert (await x.finalize(begun)).json()["data"]["processing_info"]["state"] == "pending"
    await sandbox.advance(0)
    states = [(await x.status(begun)).json()["data"]["processing_info"]["state"] for _ in range(2)]
    assert states == ["in_progress", "succeeded"]
    other = await login(sandbox, "nova")
    assert (await other.post("Not mine", media={"media_ids": [begun]})).status_code == 400
    await x.posted("", media={"media_ids": [begun]})
    [first, second] = await sandbox.items("posts?platform=x")
    assert (first["externalId"], first["kind"], second["media"][0]["contentType"]) == (post_id, "x_post", "video/mp4")
    page = await sandbox.http.get("/sandbox/" + first["url"].removeprefix("https://"))
    assert ("A circle" in page.text, "Accounts you follow can reply" in page.text) == (True, True)
    await sandbox.advance(86_400)
    x = await login(sandbox)
    assert (await x.post("Over", media={"media_ids": [begun]})).status_code == 400


async def test_threads_and_replies(sandbox: RunningSandbox) -> None:
    """Own replies are parts of a thread; a reply to others needs a mention; others' replies are found by the conversation."""
    x, other = await login(sandbox), await login(sandbox, "nova")
    root = await x.posted("One")
    second = (await x.reply("Two", root)).json()["data"]["id"]
    third = (await x.reply("Three", second)).json()["data"]["id"]
    refused = await other.reply("Hi", root)
    assert (refused.status_code, "you have not been mentioned" in detail(refused.json())) == (403, True)
    summoned = await x.posted("What do you say, @Nova?")
    assert (await other.reply("Yes", summoned)).status_code == 201
    posts = await sandbox.items("posts?platform=x&handle=luna&replies=true")
    assert [(post["externalId"], post.get("replyTo")) for post in posts[:3]] == [
        (root, None),
        (second, root),
        (third, second),
    ]
    asked = await sandbox.comment("x", root)
    await sandbox.advance(2)
    found = await x.get("tweets/search/recent", query=f"conversation_id:{root} -from:luna", expansions="author_id")
    assert ([one["id"] for one in found["data"]], found["includes"]["users"][0]["username"]) == (
        [asked["id"]],
        "visitor",
    )
    assert (await x.call("PUT", f"tweets/{asked['id']}/hidden", {"hidden": True})).json() == {"data": {"hidden": True}}
    assert [one["hidden"] for one in await sandbox.items("comments?platform=x") if one["id"] == asked["id"]] == [True]
    await x.call("DELETE", f"tweets/{root}")
    left = await sandbox.items("posts?platform=x&handle=luna&replies=true")
    assert {second, third} <= {post["externalId"] for post in left}
    gone = await sandbox.items("posts?platform=x&deleted=true")
    assert [post["externalId"] for post in gone] == [root]


async def test_what_is_refused(sandbox: RunningSandbox) -> None:
    """Each body that X does not take has the status and the words of X, and nothing is posted."""
    x = await login(sandbox)
    images = [(await x.upload(picture(hue=hue)))["id"] for hue in (1, 2, 3, 4, 5)]
    video = (await x.upload(clip(), "video/mp4", "tweet_video"))["id"]
    await sandbox.account("x", "luna", maxVideoSeconds=2)
    rows: list[tuple[JSON, int, str]] = [
        ({"text": "é" * 281}, 403, "You are not permitted"),
        ({"text": "語" * 141}, 403, "You are not permitted"),
        ({"text": "$AAA $BBB"}, 403, "cashtag"),
        ({"text": " "}, 400, "parameters"),
        ({"text": "x", "colour": "red"}, 400, "parameters"),
        ({"text": "x", "reply_settings": "all"}, 400, "parameters"),
        ({"text": "x", "media": {"media_ids": images}}, 400, "parameters"),
        ({"text": "x", "media": {"media_ids": [images[0], video]}}, 400, "parameters"),
        ({"text": "x", "media": {"media_ids": [video]}}, 403, "longer than 2 minutes"),
        ({"text": "x", "media": {"media_ids": ["17"]}}, 400, "media IDs"),
        ({"text": "x", "quote_tweet_id": "1"}, 403, "not permitted"),
        ({"text": "x", "poll": {"options": ["a"], "duration_minutes": 60}}, 400, "parameters"),
        ({"text": "x", "reply": {"in_reply_to_tweet_id": "1"}}, 403, "deleted or not visible"),
    ]
    with every_row() as row:
        for body, status, words in rows:
            with row(body):
                answer = await x.call("POST", "tweets", body)
                assert answer.status_code == status, answer.text
                assert words in detail(answer.json())
    assert await sandbox.items("posts?platform=x") == []
    await sandbox.account("x", "luna", subscriptionType="Premium")
    await x.posted("é" * 281)


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("abc", 3),
        ("語", 2),
        ("e\u0301", 1),
        ("👨\u200d👩\u200d👧", 2),
        ("see https://bakery.test/a/long/path?with=more.", 28),
        ("bakery.com", 23),
        ("a.b", 3),
    ],
)
def test_weights(text: str, weight: int) -> None:
    """Texts count in NFC, links as 23, an emoji as 2."""
    assert weight_of(text) == weight


async def test_duplicates_and_limits(sandbox: RunningSandbox) -> None:
    """The same again is a duplicate until the window is over or the first is deleted; limits have headers."""
    x = await login(sandbox)
    first = await x.posted("Same")
    again = await x.post("Same")
    assert (again.status_code, "duplicate content" in detail(again.json())) == (403, True)
    assert again.headers["x-rate-limit-remaining"] == "98"
    assert (await x.call("DELETE", f"tweets/{first}")).json() == {"data": {"deleted": True}}
    await x.posted("Same")
    await sandbox.control("POST", "x", {"userPostsPerWindow": 3})
    limited = await x.post("More")
    assert (limited.status_code, limited.headers["x-rate-limit-remaining"]) == (429, "0")
    await sandbox.advance(900)
    await sandbox.account("x", "luna", quotaTotal=2)
    daily = await x.post("More")
    assert (daily.status_code, daily.headers["x-user-limit-24hour-remaining"]) == (429, "0")


async def test_what_it_costs(sandbox: RunningSandbox) -> None:
    """Each post, link, read and deletion is charged; without credit nothing works, at the spending limit neither."""
    x = await login(sandbox)
    plain = await x.posted("Plain")
    linked = await x.posted("See https://bakery.test")
    for _ in range(2):
        await x.get(f"tweets/{plain}")
    await x.call("DELETE", f"tweets/{linked}")
    charges = [(one["item"], one["amountUsd"]) for one in await sandbox.items("x/charges?platform=x&handle=luna")]
    assert charges == [("post", 0.015), ("post_with_link", 0.2), ("post_read", 0.001), ("deletion", 0.01)]
    assert (await sandbox.control("GET", "x")).json()["spentUsd"] == pytest.approx(0.226)
    await sandbox.control("POST", "x", {"creditsUsd": 0.01})
    await x.posted("The last one")
    broke = await x.post("One more")
    assert (broke.status_code, broke.json()["title"]) == (402, "CreditsDepleted")
    await sandbox.control("POST", "x", {"creditsUsd": None, "spendingLimitUsd": 0})
    capped = await x.post("One more")
    assert (capped.status_code, capped.json()["type"]) == (429, "https://api.x.com/2/problems/usage-capped")
    for wrong in ({"creditsUsd": -1}, {"creditsUsd": "1"}, {"refuseMentions": 1}, {"unknown": 1}):
        assert (await sandbox.control("POST", "x", wrong)).status_code == 400
    await sandbox.control("DELETE", "x")
    await x.posted("One more")


async def test_every_operation_has_every_fault(sandbox: RunningSandbox) -> None:
    """Errors strike before the effect, in X's own form; then the same call works."""
    x = await login(sandbox)
    image = (await x.upload(picture()))["id"]
    post, doomed = await x.posted("One"), await x.posted("Two")
    asked = (await sandbox.comment("x", post))["id"]
    begun = (await x.initialize(len(picture()), "image/jpeg", "tweet_image")).json()["data"]["id"]
    me, codes = await x.me(), [await code_of(sandbox, "luna") for _ in range(2)]
    refresh = {"grant_type": "refresh_token", "refresh_token": (await login(sandbox)).refresh_token}
    revoke = {"token": (await login(sandbox)).refresh_token, "client_id": "app"}
    whole = {"media_category": "tweet_image"}
    headers, file = {"Authorization": f"Bearer {x.token}"}, {"media": ("a.jpg", picture(), "image/jpeg")}
    alt = {"id": image, "metadata": {"alt_text": {"text": "A"}}}
    calls: Mapping[str, Change] = {
        "token": lambda: exchange(sandbox, codes[0]),
        "refresh": lambda: token_call(sandbox, **refresh),
        "revoke": lambda: sandbox.http.post(f"{API}/oauth2/revoke", data=revoke),
        "me": lambda: x.call("GET", "users/me"),
        "media_initialize": lambda: x.initialize(3),
        "media_append": lambda: x.append(begun, picture()),
        "media_finalize": lambda: x.finalize(begun),
        "media_status": lambda: x.status(image),
        "media_upload": lambda: sandbox.http.post(f"{API}/media/upload", data=whole, files=file, headers=headers),
        "media_metadata": lambda: x.call("POST", "media/metadata", alt),
        "tweets": lambda: x.post("Three"),
        "tweet": lambda: x.call("GET", f"tweets/{post}"),
        "tweets_lookup": lambda: x.call("GET", f"tweets?ids={post},17"),
        "user_tweets": lambda: x.call("GET", f"users/{me}/tweets"),
        "search_recent": lambda: x.call("GET", f"tweets/search/recent?query=conversation_id:{post}"),
        "hide_reply": lambda: x.call("PUT", f"tweets/{asked}/hidden", {"hidden": True}),
        "delete": lambda: x.call("DELETE", f"tweets/{doomed}"),
    }
    with every_row() as row:
        for operation, call in calls.items():
            with row(operation):
                for fault, status in (("http_500", 500), ("html_502", 502)):
                    await sandbox.fault("x", operation, fault)
                    assert (await call()).status_code == status
                await sandbox.fault("x", operation, "drop_before_effect")
                assert await is_lost(call)
                value = {"code": "503", "message": "Over capacity"}
                await sandbox.fault("x", operation, "platform_error", value=value)
                assert (await call()).status_code == 503
                answer = await call()
                assert answer.status_code < 300, answer.text
    assert await sandbox.items("faults") == []
    assert [post["caption"] for post in await sandbox.items("posts?platform=x")] == ["One", "Three"]


async def test_lost_answers_and_dead_tokens(sandbox: RunningSandbox, reel: bytes) -> None:
    """A post whose answer is lost is live, and its repetition a duplicate; media can fail or hang; tokens can end."""
    x = await login(sandbox)
    await sandbox.fault("x", "tweets", "drop_after_effect")
    assert await is_lost(lambda: x.post("Lost"))
    assert "duplicate" in detail((await x.post("Lost")).json())
    await sandbox.fault("x", "tweets", "late_effect", value={"ms": 900})
    assert await is_lost(lambda: x.post("Late"))
    await sandbox.advance(1)
    assert [post["caption"] for post in await sandbox.items("posts?platform=x")] == ["Lost", "Late"]
    await sandbox.fault("x", "media_finalize", "media_error", value={"message": "No sound"})
    failed = (await x.upload(reel, "video/mp4", "tweet_video"))["id"]
    info = (await x.status(failed)).json()["data"]["processing_info"]
    assert (info["state"], info["error"]["message"]) == ("failed", "No sound")
    await sandbox.fault("x", "media_finalize", "stuck_processing")
    stuck = (await x.upload(reel, "video/mp4", "tweet_video"))["id"]
    await sandbox.advance(600)
    assert (await x.status(stuck)).json()["data"]["processing_info"]["state"] == "in_progress"
    await sandbox.control("DELETE", "faults")
    await x.posted("At last", media={"media_ids": [stuck]})
    await sandbox.fault("x", "tweets", "token_expired")
    assert (await x.post("Dead")).status_code == 401
    fresh = (await token_call(sandbox, grant_type="refresh_token", refresh_token=x.refresh_token)).json()
    await X(sandbox, fresh["access_token"], "").posted("Alive")
    text = (await sandbox.http.get("/sandbox/control/requests?limit=200")).text
    assert not any(secret in text for secret in (x.token, x.refresh_token, fresh["access_token"], VERIFIER))
