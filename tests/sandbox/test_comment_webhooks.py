"""Webhooks about comments: their forms, signatures, subscriptions, duplicates and batches, and the handshakes."""

import hashlib
import hmac
import json
from collections.abc import Mapping

import httpx2
import pytest
from tests.every_row import every_row
from tests.sandbox import linkedin_client, threads_client
from tests.sandbox.facebook_pages import PAGE_SCOPES, connect, error_of
from tests.sandbox.linkedin_client import quoted, subscription_of
from tests.sandbox.running_sandbox import FB_SCOPES, JSON, Report, RunningSandbox, WebhookReceiver

SECRET = "the-app's-secret"


async def listen(sandbox: RunningSandbox, receiver: WebhookReceiver, platform: str, **more: object) -> None:
    """Send a platform's webhooks to the receiver."""
    body = {"platform": platform, "url": f"{receiver.address}/{platform}", "clientSecret": SECRET, **more}
    answer = await sandbox.control("POST", "webhooks", body)
    assert answer.status_code == 200, answer.text
    assert SECRET not in answer.text


def checked(report: Report, secret: str = SECRET) -> JSON:
    """Check the signature over the raw body and return what the body says."""
    digest = hmac.new(secret.encode(), report.body, hashlib.sha256).hexdigest()
    if "x-li-signature" in report.headers:
        assert report.headers["x-li-signature"] == f"hmacsha256={digest}"
    else:
        assert report.headers["x-hub-signature-256"] == f"sha256={digest}"
    return report.json


async def received(receiver: WebhookReceiver, count: int, secret: str = SECRET) -> list[JSON]:
    """Wait for a number of webhooks and return their bodies."""
    return [checked(report, secret) for report in await receiver.until(lambda came: len(came) >= count)]


async def test_instagram(sandbox: RunningSandbox, webhook_receiver: WebhookReceiver) -> None:
    """New comments, own ones too, of accounts that are subscribed: flat by Instagram Login, nested by Facebook Login."""
    token = await sandbox.graph_login("luna")
    media_id = await sandbox.post_picture(token)
    await listen(sandbox, webhook_receiver, "instagram")
    await sandbox.comment("instagram", media_id, "Before")
    subscribed = await sandbox.graph(token, "POST", "me/subscribed_apps", subscribed_fields="comments")
    assert subscribed.json() == {"success": True}
    listed = (await sandbox.graph(token, "GET", "me/subscribed_apps")).json()
    assert listed == {"data": [{"id": "1", "subscribed_fields": ["comments"]}]}
    asked = await sandbox.comment("instagram", media_id, "Grüezi", author="anna")
    made = (await sandbox.graph(token, "POST", f"{asked['id']}/replies", message="Yes")).json()["id"]
    await sandbox.graph(token, "POST", asked["id"], hide=True)
    first, second = await received(webhook_receiver, 2)
    [entry] = first["entry"]
    assert (first["object"], entry["field"]) == ("instagram", "comments")
    assert entry["value"] == {
        "id": asked["id"],
        "from": {"id": entry["value"]["from"]["id"], "username": "anna"},
        "text": "Grüezi",
        "media": {"id": media_id, "media_product_type": "FEED"},
    }
    assert (second["entry"][0]["value"]["id"], second["entry"][0]["value"]["parent_id"]) == (made, asked["id"])
    await sandbox.graph(token, "DELETE", "me/subscribed_apps")
    await sandbox.comment("instagram", media_id, "After")
    scopes = f"{FB_SCOPES},pages_manage_metadata"
    person = await sandbox.facebook_login("luna", scope=scopes)
    [page] = (await sandbox.facebook(person, "GET", "me/accounts", fields="id,access_token")).json()["data"]
    path = f"{page['id']}/subscribed_apps"
    assert error_of(await sandbox.facebook(person, "POST", path, subscribed_fields="feed"))[1] == 210
    assert error_of(await sandbox.facebook(page["access_token"], "POST", path, subscribed_fields="x"))[1] == 100
    answer = await sandbox.facebook(page["access_token"], "POST", path, subscribed_fields="feed")
    assert answer.json() == {"success": True}
    await sandbox.comment("instagram", media_id, "Nested")
    third = (await received(webhook_receiver, 3))[2]
    [change] = third["entry"][0]["changes"]
    assert (change["field"], change["value"]["text"]) == ("comments", "Nested")
    assert len(await sandbox.items("deliveries?platform=instagram")) == 3


async def test_facebook(sandbox: RunningSandbox, webhook_receiver: WebhookReceiver) -> None:
    """The feed of a subscribed Page: added, edited, hidden and removed comments; at the top, parent and post are the same."""
    page = await connect(sandbox)
    post = await page.post()
    await listen(sandbox, webhook_receiver, "facebook")
    assert (await page.call("POST", f"{page.id}/subscribed_apps", subscribed_fields="feed")).status_code == 200
    asked = (await sandbox.comment("facebook", post, author="anna"))["id"]
    reply = (await page.call("POST", f"{asked}/comments", message="Yes")).json()["id"]
    await page.call("POST", reply, message="Yes, from 8.")
    await page.call("POST", asked, is_hidden=True)
    await page.call("POST", asked, is_hidden=False)
    await page.call("DELETE", asked)
    prefix = post.partition("_")[2]
    values = [body["entry"][0]["changes"][0]["value"] for body in await received(webhook_receiver, 6)]
    assert [(one["verb"], one["comment_id"].rpartition("_")[2], one.get("message")) for one in values] == [
        ("add", asked, "Open on Sunday?"),
        ("add", reply, "Yes"),
        ("edited", reply, "Yes, from 8."),
        ("hide", asked, "Open on Sunday?"),
        ("unhide", asked, "Open on Sunday?"),
        ("remove", asked, None),
    ]
    assert [one["parent_id"] for one in values[:2]] == [post, f"{prefix}_{asked}"]
    assert [one["from"].get("name") for one in values[:2]] == ["anna", "Luna"]
    plain = await connect(sandbox, "nova", ",".join(set(PAGE_SCOPES.split(",")) - {"pages_manage_metadata"}))
    assert error_of(await plain.call("POST", f"{plain.id}/subscribed_apps", subscribed_fields="feed"))[1] == 200


async def test_threads(sandbox: RunningSandbox, webhook_receiver: WebhookReceiver) -> None:
    """One flat body for each reply and each deletion; a reply that waits for approval comes once it is approved."""
    threads = await threads_client.login(sandbox)
    root = await threads.post(media_type="TEXT", text="Open", enable_reply_approvals="true")
    await listen(sandbox, webhook_receiver, "threads")
    asked = (await sandbox.comment("threads", root, author="anna"))["id"]
    assert await sandbox.items("deliveries?platform=threads") == []
    await threads.call("POST", f"{asked}/manage_pending_reply", {"approve": "true"})
    await sandbox.control("DELETE", f"comments?platform=threads&id={asked}")
    new, gone = await received(webhook_receiver, 2)
    assert (new["topic"], new["app_id"], new["values"]["field"]) == ("replies", "1", "replies")
    value = new["values"]["value"]
    assert (value["id"], value["username"], value["text"]) == (asked, "anna", "Open on Sunday?")
    assert (value["replied_to"]["id"], value["root_post"]["id"]) == (root, root)
    assert value["permalink"].startswith("https://www.threads.com/@anna/post/")
    assert (gone["topic"], gone["values"]["value"]["id"]) == ("delete", asked)


async def test_linkedin(sandbox: RunningSandbox, webhook_receiver: WebhookReceiver) -> None:
    """A subscription carries its URL and signs with the app's own secret; the same notifications can be pulled."""
    client, brand = await linkedin_client.page(sandbox)
    acl = (await client.call("GET", "rest/organizationAcls?q=roleAssignee")).json()["elements"][0]
    path = subscription_of(acl["roleAssignee"], brand)
    assert (await client.call("GET", path)).status_code == 404
    hook = f"{webhook_receiver.address}/linkedin"
    assert (await client.call("PUT", path, {"webhook": hook})).status_code == 204
    assert (await client.call("GET", path)).json()["webhook"] == hook
    urn = await client.posted(brand, "Open")
    asked = (await sandbox.comment("linkedin", urn))["id"]
    [top] = await client.comments_on(urn)
    await client.comment(urn, brand, "Yes", parentComment=top["commentUrn"])
    await client.call("DELETE", f"rest/socialActions/{quoted(urn)}/comments/{asked}?actor={quoted(brand)}")
    bodies = await received(webhook_receiver, 3, "x")
    assert {body["type"] for body in bodies} == {"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS"}
    pushed = [body["notifications"][0] for body in bodies]
    assert [one["action"] for one in pushed] == ["COMMENT", "ADMIN_COMMENT", "COMMENT_DELETE"]
    assert (pushed[0]["organizationalEntity"], pushed[0]["sourcePost"]) == (brand, urn)
    assert pushed[0]["generatedActivity"] == top["commentUrn"]
    assert pushed[0]["decoratedGeneratedActivity"]["comment"]["text"] == "Open on Sunday?"
    query = f"rest/organizationalEntityNotifications?q=criteria&organizationalEntity={quoted(brand)}"
    assert (await client.call("GET", query)).json()["elements"] == pushed[::-1]
    some = await client.call("GET", f"{query}&actions=List(COMMENT,COMMENT_DELETE)&count=1&start=1")
    assert some.json()["elements"] == [pushed[0]]
    assert (await client.call("GET", f"{query}&timeRange=(start:1,end:2)")).json()["elements"] == []
    await sandbox.advance(61 * 86_400)
    client = linkedin_client.LinkedIn(
        sandbox, (await linkedin_client.token_of(sandbox, "brand", linkedin_client.PAGE_SCOPES))["access_token"]
    )
    assert (await client.call("GET", query)).json()["elements"] == []
    assert (await client.call("DELETE", path)).status_code == 204
    assert (await client.call("DELETE", path)).status_code == 404
    await sandbox.account("linkedin", "brand", pageRole="CONTENT_ADMINISTRATOR")
    for refused in (await client.call("PUT", path, {"webhook": hook}), await client.call("GET", query)):
        assert refused.status_code == 403


async def test_duplicates_batches_and_retries(sandbox: RunningSandbox, webhook_receiver: WebhookReceiver) -> None:
    """Each delivery can come twice, late, in the other order and merged into one; a refusal is retried."""
    page = await connect(sandbox)
    post = await page.post()
    await listen(sandbox, webhook_receiver, "facebook", allAccounts=True, copies=2)
    await sandbox.comment("facebook", post, "twice")
    first, second = await received(webhook_receiver, 2)
    assert first == second
    await listen(sandbox, webhook_receiver, "facebook", allAccounts=True, hold=True)
    for text in ("one", "two", "three"):
        await sandbox.comment("facebook", post, text)
    ask = {"platform": "facebook", "batch": True, "order": "newest_first"}
    assert (await sandbox.control("POST", "webhooks/release", ask)).json() == {"released": 1}
    batch = (await received(webhook_receiver, 3))[2]
    assert [one["changes"][0]["value"]["message"] for one in batch["entry"]] == ["three", "two", "one"]
    await listen(sandbox, webhook_receiver, "facebook", allAccounts=True)
    webhook_receiver.answers = [500]
    await sandbox.comment("facebook", post, "again")
    await received(webhook_receiver, 4)
    await sandbox.advance(5)
    bodies = await received(webhook_receiver, 5)
    assert bodies[3] == bodies[4]
    client, brand = await linkedin_client.page(sandbox)
    urn = await client.posted(brand, "Open")
    await listen(sandbox, webhook_receiver, "linkedin", hold=True)
    for number in range(11):
        await sandbox.comment("linkedin", urn, str(number))
    released = await sandbox.control("POST", "webhooks/release", {"platform": "linkedin", "batch": True})
    assert released.json() == {"released": 2}
    assert [len(body["notifications"]) for body in (await received(webhook_receiver, 7))[5:]] == [10, 1]


async def test_handshakes(sandbox: RunningSandbox, webhook_receiver: WebhookReceiver) -> None:
    """Meta's challenge is echoed by who knows the verify token; LinkedIn's is answered with its HMAC."""

    def answer(query: Mapping[str, str]) -> tuple[int, str]:
        if "challengeCode" in query:
            code = query["challengeCode"]
            response = hmac.new(SECRET.encode(), code.encode(), hashlib.sha256).hexdigest()
            return 200, json.dumps({"challengeCode": code, "challengeResponse": response})
        known = query["hub.mode"] == "subscribe" and query["hub.verify_token"] == "token"
        return (200, query["hub.challenge"]) if known else (403, "no")

    webhook_receiver.handshake = answer
    with every_row() as row:
        for platform in ("instagram", "facebook", "threads", "linkedin"):
            with row(platform):
                more = {} if platform == "linkedin" else {"verifyToken": "token"}
                await listen(sandbox, webhook_receiver, platform, **more)
                made = (await sandbox.control("POST", "webhooks/challenge", {"platform": platform})).json()
                assert (made["verified"], made["status"]) == (True, 200)
                wrong = {"verifyToken": "other"} if more else {"clientSecret": "other"}
                refused = await sandbox.control("POST", "webhooks/challenge", {"platform": platform, **wrong})
                assert refused.json()["verified"] is False
    assert webhook_receiver.reports == []
    shown = await sandbox.items("webhooks")
    assert [one["platform"] for one in shown] == ["instagram", "facebook", "threads", "linkedin"]
    assert SECRET not in str(shown)
    gone = {"platform": "facebook", "url": "http://127.0.0.1:9/"}
    assert (await sandbox.control("POST", "webhooks/challenge", gone)).json()["status"] is None


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("webhooks", {"platform": "youtube", "url": "http://localhost:9/"}),
        ("webhooks", {"platform": "tiktok", "url": "http://localhost:9/", "verifyToken": "x"}),
        ("webhooks", {"platform": "facebook", "url": "ftp://x"}),
        ("webhooks", {"platform": "facebook", "url": "http://localhost:9/", "allAccounts": "yes"}),
        ("webhooks/release", {"platform": "bluesky"}),
        ("webhooks/release", {"platform": "facebook", "batch": 1}),
        ("webhooks/challenge", {"platform": "facebook"}),
        ("webhooks/challenge", {"platform": "facebook", "url": "http://localhost:9/", "handle": "unknown"}),
    ],
)
async def test_control_calls_that_are_refused(sandbox: RunningSandbox, path: str, body: JSON) -> None:
    """Each says what is allowed."""
    answer: httpx2.Response = await sandbox.control("POST", path, body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["message"]
