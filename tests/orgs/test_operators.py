"""Operators through the API: one primary operator, masked phones, and verification codes."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from tests.api.wire import error, issues, refusal
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.world import World

PHONE = "+4915112345667"
MASKED = "+4915•••••••67"


@pytest.fixture
async def admin(api: Api) -> httpx2.AsyncClient:
    """A client with all scopes, including org:admin."""
    return await api.client(scopes=("*", "org:admin"))


async def make(admin: httpx2.AsyncClient, **fields: object) -> dict[str, Any]:
    """Create an operator."""
    answer = await admin.post("/v1/operators", json={"name": "Ines", **fields})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def texts(api: Api) -> list[dict[str, Any]]:
    """Return the sandbox's text messages."""
    answer = await (await api.anonymous()).get("/sandbox/control/messages")
    return list(answer.json()["items"])


async def verify(admin: httpx2.AsyncClient, operator: str, **headers: str) -> httpx2.Response:
    """Send a code."""
    return await admin.post(f"/v1/operators/{operator}/verify-phone", headers=headers)


async def confirm(admin: httpx2.AsyncClient, operator: str, code: str, **headers: str) -> httpx2.Response:
    """Confirm a code."""
    return await admin.post(f"/v1/operators/{operator}/confirm-phone", json={"code": code}, headers=headers)


async def sent_code(api: Api) -> str:
    """Return the code of the latest text message."""
    body = (await texts(api))[-1]["body"]
    (code,) = re.findall(r"\b\d{6}\b", body)
    return str(code)


def other(code: str) -> str:
    """Return a wrong code."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def test_there_is_always_one_primary_operator(api: Api, admin: httpx2.AsyncClient) -> None:
    """The first operator is primary, another can replace it, and it can't be unset."""
    first = await make(admin)
    second = await make(admin, name="Rui", phone=PHONE)
    third = await make(admin, name="Ana", isPrimary=True)
    assert [one["isPrimary"] for one in (first, second, third)] == [True, False, True]
    listed = (await admin.get("/v1/operators")).json()["items"]
    assert [(one["name"], one["isPrimary"]) for one in listed] == [("Ines", False), ("Rui", False), ("Ana", True)]
    changed = await admin.patch(f"/v1/operators/{second['id']}", json={"isPrimary": True, "name": "Rui P."})
    assert (changed.json()["isPrimary"], changed.json()["name"], changed.json()["phone"]) == (True, "Rui P.", MASKED)
    assert issues(await admin.patch(f"/v1/operators/{second['id']}", json={"isPrimary": False})).keys() == {"isPrimary"}
    assert [one["isPrimary"] for one in (await admin.get("/v1/operators")).json()["items"]] == [False, True, False]


async def test_concurrent_changes_leave_one_primary(api: Api, admin: httpx2.AsyncClient) -> None:
    """Operators are created and made primary concurrently: exactly one is primary, and no request fails."""
    made = await asyncio.gather(*(make(admin, name=str(number), isPrimary=number % 2 == 0) for number in range(8)))
    answers = await asyncio.gather(
        *(admin.patch(f"/v1/operators/{one['id']}", json={"isPrimary": True}) for one in made)
    )
    assert {answer.status_code for answer in answers} == {200}
    listed = (await admin.get("/v1/operators")).json()["items"]
    assert sum(one["isPrimary"] for one in listed) == 1


async def test_operator_pages_and_retries(api: Api, admin: httpx2.AsyncClient) -> None:
    """The list is paginated; a retry with an idempotency key creates no second operator."""
    headers = {"Idempotency-Key": "one"}
    twice = [await admin.post("/v1/operators", json={"name": "Ines"}, headers=headers) for _ in range(2)]
    assert twice[0].content == twice[1].content
    await make(admin, name="Rui")
    first = (await admin.get("/v1/operators?limit=1")).json()
    second = (await admin.get(f"/v1/operators?limit=1&cursor={first['nextCursor']}")).json()
    assert [page["items"][0]["name"] for page in (first, second)] == ["Ines", "Rui"]
    assert second["nextCursor"] is None


@pytest.mark.parametrize("phone", ["5551230001", "+0123456789", "+49 151 1234567", "+4915x12345667", "+123456", ""])
async def test_phone_must_be_in_e164_format(admin: httpx2.AsyncClient, phone: str) -> None:
    """Other forms than E.164 are issues."""
    assert issues(await admin.post("/v1/operators", json={"name": "Ines", "phone": phone})).keys() == {"phone"}


async def test_a_code_verifies_the_phone(api: Api, admin: httpx2.AsyncClient) -> None:
    """The code arrives by text message and works once; responses show a masked phone, the database only a hash."""
    operator = await make(admin, phone=PHONE)
    sent = await verify(admin, operator["id"])
    assert (sent.status_code, sent.json()["phone"]) == (200, MASKED)
    (text,) = await texts(api)
    assert text["to"] == PHONE
    code = await sent_code(api)
    row = await api.context.pool.fetchrow("SELECT * FROM operators")
    assert row is not None
    assert code not in str(dict(row))
    done = await confirm(admin, operator["id"], code)
    assert (done.status_code, done.json()["phone"]) == (200, MASKED)
    assert done.json()["phoneVerifiedAt"] is not None
    assert refusal(await confirm(admin, operator["id"], code)) == (409, "CONFLICT")
    assert refusal(await verify(admin, operator["id"])) == (409, "CONFLICT")


async def test_new_phone_is_unverified(api: Api, admin: httpx2.AsyncClient) -> None:
    """A new number is unverified and invalidates the code for the former one; sending the same number changes nothing."""
    operator = await make(admin, phone=PHONE)
    await verify(admin, operator["id"])
    code = await sent_code(api)
    path = f"/v1/operators/{operator['id']}"
    assert (await admin.patch(path, json={"phone": "+4915112345600"})).json()["phoneVerifiedAt"] is None
    assert refusal(await confirm(admin, operator["id"], code)) == (409, "CONFLICT")
    await verify(admin, operator["id"])
    assert (await confirm(admin, operator["id"], await sent_code(api))).status_code == 200
    assert (await admin.patch(path, json={"phone": "+4915112345600"})).json()["phoneVerifiedAt"] is not None
    removed = (await admin.patch(path, json={"phone": None})).json()
    assert (removed["phone"], removed["phoneVerifiedAt"]) == (None, None)
    assert refusal(await verify(admin, operator["id"])) == (422, "PHONE_REQUIRED")


async def test_five_wrong_codes_invalidate_the_code(api: Api, admin: httpx2.AsyncClient, clock: MovableClock) -> None:
    """After five wrong codes the right one is rejected, and a new code can be sent."""
    operator = await make(admin, phone=PHONE)
    await verify(admin, operator["id"])
    code = await sent_code(api)
    answers = await asyncio.gather(*(confirm(admin, operator["id"], other(code)) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [409] * 3 + [422] * 5
    assert {issues(answer)["code"] for answer in answers if answer.status_code == 422} == {"wrong_code"}
    assert refusal(await confirm(admin, operator["id"], code)) == (409, "CONFLICT")
    clock.advance(timedelta(minutes=1))
    await verify(admin, operator["id"])
    assert (await confirm(admin, operator["id"], await sent_code(api))).status_code == 200


async def test_code_expires_after_ten_minutes(api: Api, admin: httpx2.AsyncClient, clock: MovableClock) -> None:
    """An expired code is rejected."""
    operator = await make(admin, phone=PHONE)
    await verify(admin, operator["id"])
    clock.advance(timedelta(minutes=10))
    assert refusal(await confirm(admin, operator["id"], await sent_code(api))) == (409, "CONFLICT")


async def test_one_code_per_minute(api: Api, admin: httpx2.AsyncClient, clock: MovableClock) -> None:
    """A second code within a minute is rejected with the time to wait; concurrent requests send one message."""
    operator = await make(admin, phone=PHONE)
    answers = await asyncio.gather(*(verify(admin, operator["id"]) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 429, 429, 429, 429]
    clock.advance(timedelta(seconds=20))
    late = await verify(admin, operator["id"])
    assert refusal(late) == (429, "RATE_LIMITED")
    assert (late.headers["retry-after"], error(late)["details"]) == ("40", {"retryAfterSeconds": 40})
    assert len(await texts(api)) == 1
    clock.advance(timedelta(seconds=40))
    assert (await verify(admin, operator["id"])).status_code == 200


async def away_and_back(admin: httpx2.AsyncClient, operator: str) -> None:
    """Change the phone to another one and back."""
    for phone in ("+4915112345600", PHONE):
        assert (await admin.patch(f"/v1/operators/{operator}", json={"phone": phone})).status_code == 200


async def test_codes_are_limited_per_phone_number(api: Api, admin: httpx2.AsyncClient, clock: MovableClock) -> None:
    """A number gets one code in a minute, 5 in an hour and 10 in a day, whichever operators have it meanwhile."""
    operator = (await make(admin, phone=PHONE))["id"]
    assert (await verify(admin, operator)).status_code == 200
    await away_and_back(admin, operator)
    again = await verify(admin, operator)
    assert (refusal(again), again.headers["retry-after"]) == ((429, "RATE_LIMITED"), "60")
    for _ in range(4):
        clock.advance(timedelta(minutes=1))
        await away_and_back(admin, operator)
        assert (await verify(admin, operator)).status_code == 200
    clock.advance(timedelta(minutes=1))
    second = (await make(admin, name="Rui", phone=PHONE))["id"]
    late = await verify(admin, second)
    assert (refusal(late), late.headers["retry-after"]) == ((429, "RATE_LIMITED"), str(55 * 60))
    assert len(await texts(api)) == 5
    clock.advance(timedelta(hours=1))
    for _ in range(5):
        assert (await verify(admin, second)).status_code == 200
        clock.advance(timedelta(minutes=1))
    clock.advance(timedelta(hours=1))
    assert refusal(await verify(admin, second)) == (429, "RATE_LIMITED")
    clock.advance(timedelta(days=1))
    assert (await verify(admin, second)).status_code == 200


async def test_attempts_are_limited_per_phone_number(api: Api, admin: httpx2.AsyncClient, clock: MovableClock) -> None:
    """Attempts are counted across codes, operators and changes of the number: 15 in a day, then no code is sent either."""
    first, second = [(await make(admin, name=name, phone=PHONE))["id"] for name in ("Ines", "Rui")]
    code = ""
    for operator in (first, second, first):
        await away_and_back(admin, operator)
        assert (await verify(admin, operator)).status_code == 200
        code = await sent_code(api)
        answers = [await confirm(admin, operator, other(code)) for _ in range(5)]
        assert [refusal(answer) for answer in answers] == [(422, "VALIDATION")] * 5
        clock.advance(timedelta(minutes=1))
    assert refusal(await confirm(admin, first, code)) == (429, "RATE_LIMITED")
    assert refusal(await verify(admin, second)) == (429, "RATE_LIMITED")
    assert len(await texts(api)) == 3
    clock.advance(timedelta(days=1))
    assert (await verify(admin, second)).status_code == 200
    assert (await confirm(admin, second, await sent_code(api))).status_code == 200


async def test_codes_are_limited_per_organization(api: Api, admin: httpx2.AsyncClient, clock: MovableClock) -> None:
    """An organization gets 30 codes in an hour, to whatever numbers; another one is not affected, not even for a number."""
    operator = (await make(admin, phone=PHONE))["id"]
    for number in range(30):
        await admin.patch(f"/v1/operators/{operator}", json={"phone": f"+49151200000{number:02d}"})
        assert (await verify(admin, operator)).status_code == 200
    await admin.patch(f"/v1/operators/{operator}", json={"phone": "+4915120000099"})
    late = await verify(admin, operator)
    assert (refusal(late), late.headers["retry-after"]) == ((429, "RATE_LIMITED"), "3600")
    rival = await api.client(scopes=("*", "org:admin"), organization="Rival")
    theirs = (await make(rival, phone="+4915120000000"))["id"]
    assert (await verify(rival, theirs)).status_code == 200
    clock.advance(timedelta(hours=1))
    assert (await verify(admin, operator)).status_code == 200


async def test_concurrent_attempts_are_all_counted(api: Api, admin: httpx2.AsyncClient, clock: MovableClock) -> None:
    """Attempts at the codes of several operators with one number, all at once, exceed its limit by none."""
    made = [(await make(admin, name=str(number), phone=PHONE))["id"] for number in range(4)]
    codes = []
    for operator in made:
        await verify(admin, operator)
        codes.append(await sent_code(api))
        clock.advance(timedelta(minutes=1))
    answers = await asyncio.gather(
        *(confirm(admin, operator, other(code)) for operator, code in zip(made, codes, strict=True) for _ in range(5))
    )
    assert sorted(answer.status_code for answer in answers) == [422] * 15 + [429] * 5


async def test_verification_can_be_retried(api: Api, admin: httpx2.AsyncClient) -> None:
    """Both requests can be retried with their keys: no second message, and the confirmation is replayed."""
    operator = await make(admin, phone=PHONE)
    headers = {"Idempotency-Key": "k"}
    sent = [await verify(admin, operator["id"], **headers) for _ in range(2)]
    assert (sent[0].content, sent[1].headers["idempotent-replayed"]) == (sent[1].content, "true")
    assert len(await texts(api)) == 1
    code = await sent_code(api)
    done = await asyncio.gather(*(confirm(admin, operator["id"], code, **headers) for _ in range(3)))
    assert {answer.status_code for answer in done} == {200}
    assert len({answer.content for answer in done}) == 1


async def test_verify_phone_accepts_no_fields(api: Api, admin: httpx2.AsyncClient) -> None:
    """An absent and an empty body are the same request for an idempotency key; any other body is rejected and sends nothing."""
    operator = await make(admin, phone=PHONE)
    path = f"/v1/operators/{operator['id']}/verify-phone"
    refused = await admin.post(path, json={"phone": "+4915112345600", "environment": "live"})
    assert issues(refused).keys() == {"phone", "environment"}
    assert refusal(await admin.post(path, json=[])) == (422, "VALIDATION")
    assert refusal(await admin.post(path, content=b"{", headers={"Content-Type": "application/json"})) == (
        422,
        "VALIDATION",
    )
    assert refusal(await admin.post(path, content=b"x=1")) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert await texts(api) == []
    headers = {"Idempotency-Key": "k"}
    sent = [await admin.post(path, headers=headers), await admin.post(path, json={}, headers=headers)]
    assert [answer.status_code for answer in sent] == [200, 200]
    assert (sent[0].content, sent[1].headers["idempotent-replayed"]) == (sent[1].content, "true")
    assert len(await texts(api)) == 1


async def test_failed_sending_of_a_code(api: Api, admin: httpx2.AsyncClient, world: World) -> None:
    """A number that can't receive messages is an issue, a failure of the provider returns 503; both can be retried."""
    operator = await make(admin, phone="+15005550001")
    refused = await verify(admin, operator["id"])
    assert issues(refused) == {"phone": "not_textable"}
    assert error(refused)["details"]["platformCode"] == "21211"
    path = f"/v1/operators/{operator['id']}"
    await admin.patch(path, json={"phone": PHONE})
    await world.fault(platform="sms", operation="messages", fault="platform_error", value={"code": 20429})
    assert refusal(await verify(admin, operator["id"])) == (503, "UNAVAILABLE")
    await world.fault(platform="sms", operation="messages", fault="drop_after_effect")
    assert (await verify(admin, operator["id"])).status_code == 200
    assert (await confirm(admin, operator["id"], await sent_code(api))).status_code == 200


async def test_unconfigured_sms_returns_the_missing_setting(api: Api) -> None:
    """With a live key and no SMS settings, the request returns 503 with the missing setting."""
    live = await api.client(scopes=("org:admin",), environment="live")
    operator = await make(live, phone=PHONE)
    answer = await verify(live, operator["id"])
    assert refusal(answer) == (503, "UNAVAILABLE")
    assert error(answer)["details"] == {"setting": "PRESSWORK_SMS_ACCOUNT_SID"}


async def test_new_key_belongs_to_the_primary_operator(api: Api, admin: httpx2.AsyncClient) -> None:
    """A key that is created without operator gets the primary one."""
    operator = await make(admin)
    key = await api.client()
    assert (await key.get("/v1/whoami")).json()["operatorId"] == operator["id"]
