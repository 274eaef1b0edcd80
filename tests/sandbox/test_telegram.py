"""Telegram: a bot in a channel, what it sends, what it is refused, the updates it gets, and faults."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
from tests.every_row import every_row
from tests.sandbox.running_sandbox import BACK, JSON, RunningSandbox, WebhookReceiver, clip, picture
from tests.sandbox.test_deletions import Change, is_lost

TOKEN = "4711:AAH-canary_of_a_bot"
API = "/sandbox/api.telegram.org"


async def connect(sandbox: RunningSandbox, handle: str = "bakery", **more: str) -> JSON:
    """Make the bot an administrator of a channel by the page, and return the query of the redirect."""
    ask = {"client_id": "4711", "redirect_uri": BACK, "state": "s", "account": handle, "decision": "approve", **more}
    answer = await sandbox.http.get(f"/sandbox/oauth.telegram.org/auth?{urlencode(ask)}")
    assert answer.status_code == 302, answer.text
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return {name: values[0] for name, values in query.items()}


async def call(
    sandbox: RunningSandbox, method: str, *, token: str = TOKEN, **body: Any
) -> httpx2.Response:  # Any: JSON
    """Call the Bot API with JSON."""
    return await sandbox.http.post(f"{API}/bot{token}/{method}", json=body)


async def result(sandbox: RunningSandbox, method: str, **body: Any) -> Any:  # of each method another type
    """Call the Bot API and return the result."""
    answer = await call(sandbox, method, **body)
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


async def member(sandbox: RunningSandbox, **more: object) -> None:
    """Give the bot another place in the channel."""
    answer = await sandbox.control("POST", "telegram/members", {"handle": "bakery", "botId": "4711", **more})
    assert answer.status_code == 200, answer.text


async def test_a_channel_is_connected(sandbox: RunningSandbox) -> None:
    """The page makes the bot an administrator and posts the code; both are updates, until they are confirmed."""
    back = await connect(sandbox, text="PW-4F7K")
    assert (back["state"], bool(back["code"]), back["chat_id"][:4]) == ("s", True, "-100")
    [joined, posted] = await result(sandbox, "getUpdates", timeout=0)
    assert joined["my_chat_member"]["old_chat_member"]["status"] == "left"
    new = joined["my_chat_member"]["new_chat_member"]
    assert (new["status"], new["can_post_messages"], new["user"]["id"]) == ("administrator", True, 4711)
    assert (posted["channel_post"]["text"], str(posted["channel_post"]["chat"]["id"])) == ("PW-4F7K", back["chat_id"])
    assert await result(sandbox, "getUpdates", offset=posted["update_id"] + 1) == []
    await connect(sandbox)
    assert await result(sandbox, "getUpdates", allowed_updates=["channel_post"]) != []
    chat = await result(sandbox, "getChat", chat_id="@bakery")
    assert (str(chat["id"]), chat["type"], chat["username"]) == (back["chat_id"], "channel", "bakery")
    assert (await result(sandbox, "getChatMember", chat_id=back["chat_id"], user_id=4711))["status"] == "administrator"
    assert (
        await result(sandbox, "getChatMemberCount", chat_id=back["chat_id"])
        == (
            (
                await sandbox.control(
                    "POST", "numbers", {"platform": "telegram", "handle": "bakery", "followers": None}
                )
            ).json()
        )["followers"]
    )
    denied = await connect(sandbox, decision="deny")
    assert denied == {"error": "access_denied", "state": "s"}
    assert await sandbox.items("posts") == []


async def test_messages_of_every_kind(sandbox: RunningSandbox, reel: bytes) -> None:
    """Texts, photos, videos, albums and polls are posts with a page; an upload, a URL and a file id are one file."""
    chat = (await connect(sandbox))["chat_id"]
    text = await result(sandbox, "sendMessage", chat_id=chat, text="<b>Warm</b> bread &amp; butter", parse_mode="HTML")
    assert (text["text"], text["chat"]["username"]) == ("Warm bread & butter", "bakery")
    form = {"chat_id": chat, "caption": "Loaves"}
    url = f"{API}/bot{TOKEN}/sendPhoto"
    photo = (await sandbox.http.post(url, data=form, files={"photo": ("a.jpg", picture(), "image/jpeg")})).json()[
        "result"
    ]
    clip_url = sandbox.media.put("c.mp4", reel)
    await result(sandbox, "sendVideo", chat_id=chat, video=clip_url, supports_streaming=True)
    items = [
        {"type": "photo", "media": photo["photo"][0]["file_id"], "caption": "Both"},
        {"type": "video", "media": "attach://clip"},
    ]
    album = await sandbox.http.post(
        f"{API}/bot{TOKEN}/sendMediaGroup",
        data={"chat_id": chat, "media": json.dumps(items)},
        files={"clip": ("c.mp4", reel, "video/mp4")},
    )
    first, second = album.json()["result"]
    assert first["media_group_id"] == second["media_group_id"]
    await result(sandbox, "sendPoll", chat_id=chat, question="Rye?", options=[{"text": "Yes"}, {"text": "No"}])
    posts = await sandbox.items("posts?platform=telegram")
    found = [(post["kind"], post["caption"], len(post["media"])) for post in posts]
    assert found == [
        ("text", "Warm bread & butter", 0),
        ("telegram_post", "Loaves", 1),
        ("telegram_post", "", 1),
        ("telegram_post", "Both", 2),
        ("poll", "", 0),
    ]
    assert posts[0]["url"] == f"https://t.me/bakery/{text['message_id']}"
    for post in posts:
        assert (await sandbox.http.get("/sandbox/" + post["url"].removeprefix("https://"))).status_code == 200
    await result(sandbox, "deleteMessage", chat_id=chat, message_id=second["message_id"])
    assert len((await sandbox.items("posts?platform=telegram"))[3]["media"]) == 1
    await sandbox.account("telegram", "bakery", privateChannel=True)
    await result(sandbox, "sendMessage", chat_id=chat, text="Private")
    private = (await sandbox.items("posts?platform=telegram"))[-1]["url"]
    assert private.startswith(f"https://t.me/c/{chat.removeprefix('-100')}/")
    assert (await sandbox.http.get("/sandbox/" + private.removeprefix("https://"))).status_code == 200


async def test_edits_and_deletions(sandbox: RunningSandbox) -> None:
    """The same text is no edit, a second deletion finds nothing, and without the right 48 hours are the end."""
    chat = (await connect(sandbox))["chat_id"]
    number = (await result(sandbox, "sendMessage", chat_id=chat, text="Old"))["message_id"]
    about = {"chat_id": chat, "message_id": number}
    assert (await result(sandbox, "editMessageText", **about, text="New"))["text"] == "New"
    same = await call(sandbox, "editMessageText", **about, text="New")
    assert (same.status_code, "message is not modified" in same.json()["description"]) == (400, True)
    assert (await sandbox.items("posts"))[0]["caption"] == "New"
    await member(sandbox, rights=["can_post_messages"])
    await sandbox.advance(48 * 3600)
    assert (await call(sandbox, "deleteMessage", **about)).json()[
        "description"
    ] == "Bad Request: message can't be deleted"
    await member(sandbox)
    assert await result(sandbox, "deleteMessage", **about) is True
    again = await call(sandbox, "deleteMessage", **about)
    assert again.json()["description"] == "Bad Request: message to delete not found"
    photo = await call(sandbox, "editMessageCaption", **about, caption="x")
    assert photo.json()["description"] == "Bad Request: message to edit not found"
    assert [post["externalId"] for post in await sandbox.items("posts?deleted=true")] == [str(number)]


async def test_what_is_refused(sandbox: RunningSandbox) -> None:
    """Each call that Telegram refuses has its code and its description, and nothing is posted."""
    chat = (await connect(sandbox))["chat_id"]
    wide = sandbox.media.put("wide.jpg", picture(2100, 100))
    rows: list[tuple[str, JSON, int, str]] = [
        ("sendMessage", {"text": "x" * 4097}, 400, "message is too long"),
        ("sendMessage", {"text": " "}, 400, "message text is empty"),
        ("sendMessage", {"text": "<b>x", "parse_mode": "HTML"}, 400, "can't parse entities"),
        (
            "sendMessage",
            {"text": "x", "entities": [{"type": "bold", "offset": 0, "length": 2}]},
            400,
            "out of the text",
        ),
        ("sendMessage", {"text": "x", "chat_id": "@nowhere"}, 400, "chat not found"),
        ("sendPhoto", {"photo": "AgACgone"}, 400, "wrong file identifier/HTTP URL specified"),
        ("sendPhoto", {"photo": f"{sandbox.media.address}/none.jpg"}, 400, "failed to get HTTP URL content"),
        ("sendPhoto", {"photo": wide}, 400, "PHOTO_INVALID_DIMENSIONS"),
        ("sendPhoto", {"photo": wide, "caption": "x" * 1025}, 400, "caption is too long"),
        ("sendVideo", {"video": wide}, 400, "wrong type"),
        ("sendMediaGroup", {"media": [{"type": "photo", "media": wide}]}, 400, "2-10 items"),
        ("sendPoll", {"question": "x", "options": ["y"] * 13}, 400, "12 options"),
        ("nonsense", {}, 404, "Not Found"),
    ]
    with every_row() as row:
        for method, body, code, words in rows:
            with row(method, words):
                answer = await call(sandbox, method, **({"chat_id": chat} | body))
                assert (answer.status_code, answer.json()["error_code"]) == (code, code)
                assert words in answer.json()["description"]
    for place, code, words in (
        ({"status": "kicked"}, 403, "bot was kicked from the channel chat"),
        ({"status": "left"}, 403, "bot is not a member of the channel chat"),
        ({"status": "member"}, 400, "need administrator rights in the channel chat"),
        ({"rights": []}, 403, "not enough rights"),
    ):
        await member(sandbox, **place)
        answer = await call(sandbox, "sendMessage", chat_id=chat, text="x")
        assert (answer.status_code, words in answer.json()["description"]) == (code, True)
    await member(sandbox)
    await sandbox.control("POST", "revoke", {"platform": "telegram", "handle": "bakery"})
    assert (await call(sandbox, "sendMessage", chat_id=chat, text="x")).status_code == 403
    assert await sandbox.items("posts") == []


async def test_limits_and_dead_tokens(sandbox: RunningSandbox) -> None:
    """The 21st message in a minute says how long to wait; a dead token is 401 until the bot is connected again."""
    chat = (await connect(sandbox))["chat_id"]
    for number in range(20):
        await result(sandbox, "sendMessage", chat_id=chat, text=str(number))
    limited = await call(sandbox, "sendMessage", chat_id=chat, text="x")
    assert (limited.status_code, limited.json()["parameters"]) == (429, {"retry_after": 60})
    await sandbox.advance(60)
    await result(sandbox, "sendMessage", chat_id=chat, text="x")
    await sandbox.fault("telegram", "send_message", "token_expired")
    assert (await call(sandbox, "sendMessage", chat_id=chat, text="y")).json()["description"] == "Unauthorized"
    assert (await call(sandbox, "getMe")).status_code == 401
    await connect(sandbox)
    assert (await result(sandbox, "getMe"))["is_bot"] is True
    assert (await call(sandbox, "getMe", token="nonsense")).status_code == 404
    assert TOKEN not in (await sandbox.http.get("/sandbox/control/requests?limit=200")).text


async def test_the_newest_updates(sandbox: RunningSandbox) -> None:
    """A negative offset counts from the end, and forgets what comes before."""
    await connect(sandbox)
    for number in range(5):
        await sandbox.control("POST", "telegram/messages", {"handle": "bakery", "text": str(number)})
    for offset, texts in ((-2, ["3", "4"]), (-2, ["3", "4"]), (None, ["3", "4"]), (-9, ["3", "4"])):
        updates = await result(sandbox, "getUpdates", **({} if offset is None else {"offset": offset}))
        assert [one["channel_post"]["text"] for one in updates] == texts


async def test_updates_at_a_url(sandbox: RunningSandbox, webhook_receiver: WebhookReceiver) -> None:
    """With a URL, updates go there with the secret, and can't be fetched."""
    await result(sandbox, "setWebhook", url=f"{webhook_receiver.address}/hook", secret_token="hush")
    assert (await call(sandbox, "getUpdates")).status_code == 409
    await connect(sandbox)
    await sandbox.control("POST", "telegram/messages", {"handle": "bakery", "text": "PW-1"})
    reports = await webhook_receiver.until(lambda found: len(found) == 3)
    assert {report.headers["X-Telegram-Bot-Api-Secret-Token"] for report in reports} == {"hush"}
    assert reports[-1].json["channel_post"]["text"] == "PW-1"
    assert "hush" not in (await sandbox.http.get("/sandbox/control/requests")).text
    await result(sandbox, "deleteWebhook")
    assert (await result(sandbox, "getWebhookInfo"))["url"] == ""
    assert await result(sandbox, "getUpdates") == []


async def test_every_operation_has_every_fault(sandbox: RunningSandbox) -> None:
    """Errors strike before the effect, in Telegram's form; then the same call works. A lost answer leaves its post."""
    chat = (await connect(sandbox))["chat_id"]
    url = sandbox.media.put("a.jpg", picture())
    photo = (await result(sandbox, "sendPhoto", chat_id=chat, photo=url))["message_id"]
    text = (await result(sandbox, "sendMessage", chat_id=chat, text="One"))["message_id"]
    of_text, of_photo = {"chat_id": chat, "message_id": text}, {"chat_id": chat, "message_id": photo}
    album = [{"type": "photo", "media": url}] * 2
    video = sandbox.media.put("c.mp4", clip())
    calls: Mapping[str, Change] = {
        "get_me": lambda: call(sandbox, "getMe"),
        "get_chat": lambda: call(sandbox, "getChat", chat_id=chat),
        "get_chat_member": lambda: call(sandbox, "getChatMember", chat_id=chat, user_id=4711),
        "get_chat_member_count": lambda: call(sandbox, "getChatMemberCount", chat_id=chat),
        "get_updates": lambda: call(sandbox, "getUpdates"),
        "set_webhook": lambda: call(sandbox, "setWebhook", url=""),
        "delete_webhook": lambda: call(sandbox, "deleteWebhook"),
        "get_webhook_info": lambda: call(sandbox, "getWebhookInfo"),
        "send_message": lambda: call(sandbox, "sendMessage", chat_id=chat, text="Two"),
        "send_photo": lambda: call(sandbox, "sendPhoto", chat_id=chat, photo=url),
        "send_video": lambda: call(sandbox, "sendVideo", chat_id=chat, video=video),
        "send_media_group": lambda: call(sandbox, "sendMediaGroup", chat_id=chat, media=album),
        "send_poll": lambda: call(sandbox, "sendPoll", chat_id=chat, question="Q", options=["A", "B"]),
        "edit_message_text": lambda: call(sandbox, "editMessageText", **of_text, text="Edited"),
        "edit_message_caption": lambda: call(sandbox, "editMessageCaption", **of_photo, caption="Edited"),
        "delete_message": lambda: call(sandbox, "deleteMessage", **of_text),
    }
    with every_row() as row:
        for operation, make in calls.items():
            with row(operation):
                for fault, status in (("http_500", 500), ("html_502", 502)):
                    await sandbox.fault("telegram", operation, fault)
                    assert (await make()).status_code == status
                await sandbox.fault("telegram", operation, "drop_before_effect")
                assert await is_lost(make)
                await sandbox.fault("telegram", operation, "platform_error", value={"code": 429, "retryAfter": 5})
                assert (await make()).json()["parameters"] == {"retry_after": 5}
                answer = await make()
                assert answer.status_code == 200, answer.text
    assert await sandbox.items("faults") == []
    await sandbox.fault("telegram", "send_message", "drop_after_effect")
    assert await is_lost(lambda: call(sandbox, "sendMessage", chat_id=chat, text="Lost"))
    await sandbox.fault("telegram", "send_message", "late_effect", value={"ms": 900})
    assert await is_lost(lambda: call(sandbox, "sendMessage", chat_id=chat, text="Late"))
    await sandbox.advance(1)
    assert [post["caption"] for post in await sandbox.items("posts")][-2:] == ["Lost", "Late"]
