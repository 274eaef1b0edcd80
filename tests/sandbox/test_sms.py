"""SMS: the Messages API as a Twilio client sees it, final statuses, and status callbacks."""

import base64
import hashlib
import hmac
import json
import re
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.every_row import every_row
from tests.sandbox.running_sandbox import JSON, Report, RunningSandbox, Sandboxes, WebhookReceiver, picture, polls

SID = "AC00000000000000000000000000000001"
API = f"/sandbox/api.twilio.com/2010-04-01/Accounts/{SID}"
TOKEN = "the-auth-token"
TO = "+15551230001"
FROM = "+15550006789"


async def call(sandbox: RunningSandbox, method: str, path: str, **more: Any) -> httpx2.Response:
    """Call the Messages API with Basic authentication."""
    return await sandbox.http.request(method, API + path, auth=(SID, TOKEN), **more)


async def send(sandbox: RunningSandbox, **fields: object) -> httpx2.Response:
    """Create a message; a field that is None is omitted."""
    form = {"To": TO, "From": FROM, "Body": "Hello", **fields}
    return await call(
        sandbox, "POST", "/Messages.json", data={name: value for name, value in form.items() if value is not None}
    )


async def sent(sandbox: RunningSandbox, **fields: object) -> JSON:
    """Create a message and return it."""
    answer = await send(sandbox, **fields)
    assert answer.status_code == 201, answer.text
    made: JSON = answer.json()
    return made


async def fetched(sandbox: RunningSandbox, sid: str) -> JSON:
    """Fetch a message, which advances it by one status."""
    answer = await call(sandbox, "GET", f"/Messages/{sid}.json")
    assert answer.status_code == 200, answer.text
    found: JSON = answer.json()
    return found


async def statuses_of(sandbox: RunningSandbox, sid: str) -> list[str]:
    """Fetch a message until its status is final; return its statuses."""
    seen: list[str] = []
    async for _ in polls():
        await sandbox.advance(0)  # returns once the media is checked
        status = str((await fetched(sandbox, sid))["status"])
        if seen and status == seen[-1] and status not in {"queued", "accepted"}:
            break
        if not seen or status != seen[-1]:
            seen.append(status)
    return seen


def signed_by(token: str, url: str, report: Report) -> bool:
    """Return whether X-Twilio-Signature is valid, as Twilio documents it."""
    text = url + "".join(name + value for name, value in sorted(report.form.items()))
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return report.headers["x-twilio-signature"] == base64.b64encode(digest).decode()


async def test_message_is_a_twilio_resource(sandbox: RunningSandbox) -> None:
    """A created message has every field of Twilio's resource, an SM id and RFC 2822 dates, and is queued."""
    made = await sent(sandbox, Body="Hëllo €")
    assert re.fullmatch(r"SM[0-9a-f]{32}", made["sid"])
    assert (made["status"], made["to"], made["from"], made["body"]) == ("queued", TO, FROM, "Hëllo €")
    assert (made["account_sid"], made["api_version"], made["direction"]) == (SID, "2010-04-01", "outbound-api")
    assert (made["num_media"], made["date_sent"], made["error_code"], made["error_message"]) == ("0", None, None, None)
    assert parsedate_to_datetime(made["date_created"]).utcoffset() is not None
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000", made["date_created"])
    assert made["uri"] == f"/2010-04-01/Accounts/{SID}/Messages/{made['sid']}.json"


async def test_each_fetch_advances_the_status(sandbox: RunningSandbox) -> None:
    """Each fetch advances a message by one status; date_sent is set with `sent`."""
    sid = (await sent(sandbox))["sid"]
    steps = [await fetched(sandbox, sid) for _ in range(3)]
    assert [step["status"] for step in steps] == ["sending", "sent", "delivered"]
    assert all((step["date_sent"] is None) == (step["status"] == "sending") for step in steps)


async def test_the_clock_advances_the_status(sandbox: RunningSandbox) -> None:
    """A message is delivered as time passes, without a fetch."""
    await sent(sandbox)
    await sandbox.advance(10)
    assert [message["status"] for message in await sandbox.items("messages")] == ["delivered"]


async def test_messaging_service_picks_the_sender(sandbox: RunningSandbox) -> None:
    """A message of a messaging service is accepted without a sender and has one later."""
    made = await sent(sandbox, From=None, MessagingServiceSid="MG" + "1" * 32)
    assert (made["status"], made["from"], made["messaging_service_sid"]) == ("accepted", None, "MG" + "1" * 32)
    assert await statuses_of(sandbox, made["sid"]) == ["queued", "sending", "sent", "delivered"]
    assert (await fetched(sandbox, made["sid"]))["from"] == "+15005550006"


async def test_invalid_messages_are_refused(sandbox: RunningSandbox) -> None:
    """Invalid messages return the code and JSON of Twilio, and no message is created."""
    rows: list[tuple[dict[str, object], int, int]] = [
        ({"To": None}, 21604, 400),
        ({"To": "5551230001"}, 21211, 400),
        ({"To": "+1555"}, 21211, 400),
        ({"To": "+10551230001"}, 21211, 400),
        ({"To": "nonsense"}, 21211, 400),
        ({"To": "+15005550001"}, 21211, 400),
        ({"To": "+15005550002"}, 21612, 400),
        ({"To": "+15005550003"}, 21408, 403),
        ({"To": "+15005550004"}, 21610, 400),
        ({"To": "+15005550009"}, 21614, 400),
        ({"From": None}, 21603, 400),
        ({"From": "+15005550001"}, 21212, 400),
        ({"From": "+15005550007"}, 21606, 400),
        ({"From": "+15005550008"}, 21611, 400),
        ({"From": "a name that is too long"}, 21212, 400),
        ({"From": None, "MessagingServiceSid": "XX1"}, 21705, 400),
        ({"Body": None}, 21602, 400),
        ({"Body": "x" * 1601}, 21617, 400),
        ({"MediaUrl": "not an address"}, 21620, 400),
        ({"MediaUrl": [f"http://127.0.0.1/{n}" for n in range(11)]}, 21623, 400),
        ({"StatusCallback": "nowhere"}, 21609, 400),
    ]
    with every_row() as row:
        for fields, code, status in rows:
            with row(fields, code, status):
                answer = await send(sandbox, **fields)
                assert answer.status_code == status
                body = answer.json()
                assert (body["code"], body["status"]) == (code, status)
                assert body["more_info"] == f"https://www.twilio.com/docs/errors/{code}"
                assert body["message"]
                assert await sandbox.items("messages") == []


async def test_number_formats(sandbox: RunningSandbox) -> None:
    """Numbers may have spaces, hyphens and brackets; a sender may be a short code or a name."""
    assert (await sent(sandbox, To="+1 (555) 123-0001"))["to"] == TO
    assert (await sent(sandbox, From="12345"))["from"] == "12345"
    assert (await sent(sandbox, From="Presswork"))["from"] == "Presswork"


async def test_segments(sandbox: RunningSandbox) -> None:
    """Segments are counted as carriers count them."""
    rows: list[tuple[str, str]] = [
        ("a" * 160, "1"),
        ("a" * 161, "2"),
        ("€" * 80, "1"),
        ("ж" * 70, "1"),
        ("ж" * 71, "2"),
        ("", "1"),
    ]
    with every_row() as row:
        for body, segments in rows:
            with row(body, segments):
                await sandbox.reset()
                url = sandbox.media.put("a.jpg", picture())
                assert (await sent(sandbox, Body=body, MediaUrl=None if body else url))["num_segments"] == segments


async def test_unknown_ids_and_missing_credentials(sandbox: RunningSandbox) -> None:
    """An unknown id, an id of another account and an unknown path are 20404; missing Basic authentication is 20003."""
    sid = (await sent(sandbox))["sid"]
    other = "/sandbox/api.twilio.com/2010-04-01/Accounts/AC2"
    for url in (f"{API}/Messages/SM0.json", f"{other}/Messages/{sid}.json", f"{API}/Calls.json"):
        answer = await sandbox.http.get(url, auth=(SID, TOKEN))
        assert (answer.status_code, answer.json()["code"]) == (404, 20404)
        assert url.removeprefix("/sandbox/api.twilio.com") in answer.json()["message"]
    for headers in ({}, {"authorization": "Bearer x"}, {"authorization": "Basic !"}):
        answer = await sandbox.http.get(f"{API}/Messages.json", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, 20003)
        assert "Basic" in answer.headers["www-authenticate"]


async def test_magic_numbers_set_the_final_status(sandbox: RunningSandbox) -> None:
    """Magic numbers simulate a carrier without receipts, unreachable numbers and a failure."""
    rows: list[tuple[str, list[str], int | None]] = [
        ("+15005550010", ["sending", "sent"], None),
        ("+15005550011", ["sending", "sent", "undelivered"], 30003),
        ("+15005550012", ["sending", "sent", "undelivered"], 30005),
        ("+15005550013", ["failed"], 30008),
    ]
    with every_row() as row:
        for number, statuses, code in rows:
            with row(number, statuses, code):
                await sandbox.reset()
                sid = (await sent(sandbox, To=number))["sid"]
                assert await statuses_of(sandbox, sid) == statuses
                assert (await fetched(sandbox, sid))["error_code"] == code
                await sandbox.advance(86_400)
                assert (await sandbox.items("messages"))[0]["status"] == statuses[-1]


async def test_phones_can_be_set(sandbox: RunningSandbox) -> None:
    """The control surface sets the outcome of messages to any number."""
    answer = await sandbox.control("POST", "phones", {"number": TO, "ends": "undelivered", "errorCode": 30006})
    assert answer.status_code == 200
    assert await sandbox.items("phones") == [{"number": TO, "ends": "undelivered"}]
    sid = (await sent(sandbox))["sid"]
    assert (await statuses_of(sandbox, sid))[-1] == "undelivered"
    assert (await fetched(sandbox, sid))["error_code"] == 30006
    for bad in ({"number": "5", "ends": "sent"}, {"number": TO, "ends": "lost"}, {"ends": "sent"}):
        assert (await sandbox.control("POST", "phones", bad)).status_code == 400


async def test_media_is_fetched(sandbox: RunningSandbox, reel: bytes) -> None:
    """Each MediaUrl is fetched, through redirects; the message has an MM id and its media."""
    urls = [
        sandbox.media.put("a.jpg", picture()),
        sandbox.media.put("c.mp4", reel),
        f"{sandbox.media.address}/moved/a.jpg",
    ]
    made = await sent(sandbox, MediaUrl=urls, Body=None)
    assert made["sid"].startswith("MM")
    assert made["num_media"] == "3"
    assert (await statuses_of(sandbox, made["sid"]))[-1] == "delivered"
    (message,) = await sandbox.items("messages")
    assert message["mediaUrls"] == urls
    assert [media["sha256"] for media in message["media"]] == [
        hashlib.sha256(data).hexdigest() for data in (picture(), reel, picture())
    ]


async def test_invalid_media_fails_the_message(sandbox: RunningSandbox) -> None:
    """Media that is missing, is not media, is WebP or exceeds 5 MB fails the message after it was accepted."""
    rows: list[tuple[str, bytes | None, int]] = [
        ("gone.jpg", None, 11200),
        ("a.jpg", b"no picture", 12300),
        ("a.webp", picture(kind="WEBP"), 12300),
        ("big.jpg", b"x" * (5 * 1024 * 1024 + 1), 11751),
    ]
    with every_row() as row:
        for name, data, code in rows:
            with row(name, data, code):
                await sandbox.reset()
                url = f"{sandbox.media.address}/{name}" if data is None else sandbox.media.put(name, data)
                sid = (await sent(sandbox, MediaUrl=url))["sid"]
                assert (await statuses_of(sandbox, sid))[-1] == "failed"
                assert (await fetched(sandbox, sid))["error_code"] == code


async def test_list_filters_and_pages(sandbox: RunningSandbox) -> None:
    """The list is newest first, accepts To, From and DateSent, and pages with next_page_uri, an absolute path."""
    sids = [(await sent(sandbox, Body=str(number)))["sid"] for number in range(5)]
    await sent(sandbox, To="+15551230002", From="12345")
    await sandbox.advance(10)
    seen: list[str] = []
    page: JSON = {}
    path = f"/2010-04-01/Accounts/{SID}/Messages.json?PageSize=2&To=%2B15551230001"
    while path:
        assert path.startswith("/2010-04-01/Accounts/")
        page = (await sandbox.http.get(f"/sandbox/api.twilio.com{path}", auth=(SID, TOKEN))).json()
        assert page["page_size"] == 2
        seen += [message["sid"] for message in page["messages"]]
        path = page["next_page_uri"]
    assert seen == sids[::-1]
    assert (page["page"], page["end"], page["next_page_uri"]) == (2, 4, None)

    async def count(**query: str) -> int:
        return len((await call(sandbox, "GET", "/Messages.json", params=query)).json()["messages"])

    today = parsedate_to_datetime((await fetched(sandbox, sids[0]))["date_sent"]).date().isoformat()
    assert await count(From="12345") == 1
    assert await count(DateSent=today) == 6
    assert await count(DateSent="2020-01-01") == 0
    assert await count(**{"DateSent>": today, "DateSent<": today}) == 6
    assert await count(**{"DateSent<": "2020-01-01"}) == 0
    assert await count(Page="1", PageSize="4") == 2
    assert await count(Page="x", PageSize="0") == 6
    empty = (await sandbox.http.get(API.replace("0001", "0002") + "/Messages.json", auth=("a", "b"))).json()
    assert (empty["messages"], empty["next_page_uri"]) == ([], None)


async def test_status_callbacks(sandbox: RunningSandbox, webhook_receiver: WebhookReceiver) -> None:
    """Each status after the first is sent as a form, in order, signed with the token that created the message."""
    url = f"{webhook_receiver.address}/back?a=1&b=x%20y"
    sid = (await sent(sandbox, StatusCallback=url))["sid"]
    await sandbox.advance(2)
    reports = await webhook_receiver.until(lambda came: len(came) == 3)
    assert [report.form["MessageStatus"] for report in reports] == ["sending", "sent", "delivered"]
    for report in reports:
        assert report.path == "/back?a=1&b=x%20y"
        assert report.headers["content-type"] == "application/x-www-form-urlencoded"
        assert signed_by(TOKEN, url, report)
        assert not signed_by("another", url, report)
        assert (report.form["MessageSid"], report.form["SmsStatus"]) == (sid, report.form["MessageStatus"])
        assert (report.form["To"], report.form["From"], report.form["AccountSid"]) == (TO, FROM, SID)
    assert "ErrorCode" not in reports[-1].form


async def test_callback_has_the_error_code(sandbox: RunningSandbox, webhook_receiver: WebhookReceiver) -> None:
    """The callback of an undelivered message has its error code."""
    service = "MG" + "1" * 32
    await sent(
        sandbox, To="+15005550011", From=None, MessagingServiceSid=service, StatusCallback=webhook_receiver.address
    )
    await sandbox.advance(2)
    reports = await webhook_receiver.until(lambda came: len(came) == 4)
    assert [report.form["MessageStatus"] for report in reports] == ["queued", "sending", "sent", "undelivered"]
    assert all(signed_by(TOKEN, webhook_receiver.address, report) for report in reports)
    assert reports[-1].form["MessagingServiceSid"] == service
    assert (reports[-1].form["MessageStatus"], reports[-1].form["ErrorCode"]) == ("undelivered", "30003")


async def test_callbacks_survive_a_restart(
    sandboxes: Sandboxes, tmp_path: Path, webhook_receiver: WebhookReceiver
) -> None:
    """Pending callbacks are sent after a restart of the sandbox."""
    first = await sandboxes.start(tmp_path / "state.sqlite3")
    await first.fault("sms", "messages", "stuck_processing", times=-1)
    await sent(first, StatusCallback=webhook_receiver.address)
    await sandboxes.stop(first)
    second = await sandboxes.start(tmp_path / "state.sqlite3")
    await second.control("DELETE", "faults")
    await second.advance(2)
    reports = await webhook_receiver.until(lambda came: len(came) == 3)
    assert reports[-1].form["MessageStatus"] == "delivered"


async def test_unreachable_callback_url_does_not_delay_a_message(sandbox: RunningSandbox) -> None:
    """An unreachable callback URL is tried twice per status; the message continues."""
    sid = (await sent(sandbox, StatusCallback="http://127.0.0.1:1/"))["sid"]
    assert (await statuses_of(sandbox, sid))[-1] == "delivered"
    states: set[str] = set()
    async for _ in polls():
        states = {delivery["state"] for delivery in await sandbox.items("deliveries?platform=sms")}
        if states == {"given_up"}:
            break
        await sandbox.advance(5)
    assert states == {"given_up"}
    assert {delivery["attempts"] for delivery in await sandbox.items("deliveries?handle=15551230001")} == {2}


@pytest.mark.parametrize("fault", ["drop_before_effect", "drop_after_effect"])
async def test_dropped_responses(sandbox: RunningSandbox, fault: str) -> None:
    """A connection dropped before the effect creates no message; one dropped after it creates the message."""
    await sandbox.fault("sms", "messages", fault)
    with pytest.raises(httpx2.TransportError):
        await send(sandbox)
    assert len(await sandbox.items("messages")) == (1 if fault == "drop_after_effect" else 0)
    assert (await sandbox.calls(platform="sms"))[0]["status"] is None


async def test_faults(sandbox: RunningSandbox) -> None:
    """http_500, html_502, platform_error and malformed_json have the form of Twilio's errors; latency only delays."""
    await sandbox.fault("sms", "messages", "http_500")
    await sandbox.fault("sms", "messages", "html_502")
    await sandbox.fault("sms", "messages", "platform_error", value={"code": 20429, "message": "Too many requests"})
    await sandbox.fault("sms", "messages", "platform_error", value={"code": 21610, "status": 418})
    await sandbox.fault("sms", "messages", "latency", value={"ms": 1})
    await sandbox.fault("sms", "messages", "malformed_json")
    first, second, third, fourth = [await send(sandbox) for _ in range(4)]
    assert (first.status_code, first.json()["code"]) == (500, 20500)
    assert (second.status_code, second.headers["content-type"]) == (502, "text/html; charset=utf-8")
    assert (third.status_code, third.json()["code"], third.json()["message"]) == (429, 20429, "Too many requests")
    assert (fourth.status_code, fourth.json()["code"]) == (418, 21610)
    assert await sandbox.items("messages") == []
    broken = await send(sandbox)
    assert broken.status_code == 201
    with pytest.raises(json.JSONDecodeError):
        broken.json()
    assert len(await sandbox.items("messages")) == 1


async def test_stuck_message_stays_queued(sandbox: RunningSandbox) -> None:
    """A stuck message stays queued until the fault is cleared."""
    await sandbox.fault("sms", "messages", "stuck_processing")
    sid = (await sent(sandbox))["sid"]
    await sandbox.advance(86_400)
    assert (await fetched(sandbox, sid))["status"] == "queued"
    await sandbox.control("DELETE", "faults")
    assert (await statuses_of(sandbox, sid))[-1] == "delivered"


async def test_media_error_and_faults_for_one_number(sandbox: RunningSandbox) -> None:
    """media_error fails a message with the code of the fault; a fault can apply to one receiver only."""
    await sandbox.fault("sms", "messages", "media_error", value={"code": 30007}, handle=TO)
    other = (await sent(sandbox, To="+15551230002"))["sid"]
    mine = (await sent(sandbox))["sid"]
    assert (await statuses_of(sandbox, other))[-1] == "delivered"
    assert await statuses_of(sandbox, mine) == ["failed"]
    assert (await fetched(sandbox, mine))["error_code"] == 30007
    await sandbox.fault("sms", "message_status", "media_error")
    third = (await sent(sandbox))["sid"]
    assert (await statuses_of(sandbox, third))[-1] == "failed"


async def test_control_lists_and_journal(sandbox: RunningSandbox) -> None:
    """Messages are listed by receiver; the journal has the call without its token and without queries of signed URLs."""
    url = sandbox.media.put("a.jpg", picture()) + "?signature=s3cret"
    await sent(sandbox, MediaUrl=url)
    await sent(sandbox, To="+15551230002")
    (mine,) = await sandbox.items("messages?handle=%2B15551230001")
    assert {"to", "body", "mediaUrls", "status", "sid", "from", "createdAt"} <= set(mine)
    assert mine["mediaUrls"] == [url]
    assert await sandbox.items("messages?platform=tiktok") == []
    text = (await sandbox.http.get("/sandbox/control/requests?limit=200")).text
    for secret in (TOKEN, "s3cret", base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()):
        assert secret not in text
    call_made = (await sandbox.calls(platform="sms"))[0]
    assert (call_made["operation"], call_made["handle"], call_made["status"]) == ("messages", "15551230001", 201)
    assert call_made["request"]["Body"] == "Hello"
    await sandbox.control("POST", "reset")
    assert await sandbox.items("messages") == []
