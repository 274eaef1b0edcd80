"""Status reports of the text message service: only what it signed counts, and what it says is a hint."""

from uuid import uuid4

import httpx2
import pytest
from tests.conftest import Api, Stage

from presswork.platforms.sms.messages import signature_of
from presswork.platforms.sms.plugin import SANDBOX_TOKEN

FIELDS = [("MessageSid", "SM1"), ("MessageStatus", "delivered"), ("To", "+15551230001"), ("Empty", "")]


@pytest.fixture
async def post(stage: Stage, picture: bytes) -> str:
    """A queued draft."""
    project = await stage.project()
    account = await stage.account(project, "instagram", "brand")
    (post,) = await stage.publish(await stage.content(project, picture), account, mode="draft")
    return post


async def report(
    api: Api, path: str, fields: list[tuple[str, str]], *, token: str = SANDBOX_TOKEN, url: str | None = None
) -> httpx2.Response:
    """Report as the service does."""
    browser = await api.anonymous()
    signature = signature_of(token, url or f"{api.base_url}{path}", FIELDS)
    return await browser.post(path, data=dict(fields), headers={"X-Twilio-Signature": signature})


def test_the_signature_is_the_services() -> None:
    """As the service's own documents compute it: the address, then each name and value in order, keyed by the token."""
    fields = [
        ("Digits", "1234"),
        ("To", "+18005551212"),
        ("From", "+14158675310"),
        ("Caller", "+14158675310"),
        ("CallSid", "CA1234567890ABCDE"),
    ]
    url = "https://example.com/myapp.php?foo=1&bar=2"
    assert signature_of("12345", url, fields) == "L/OH5YylLD5NRKLltdqwSvS0BnU="


async def test_a_signed_report_is_taken(api: Api, post: str) -> None:
    """A good report is 204 and changes nothing by itself, whatever it says."""
    before = await api.context.pool.fetchrow("SELECT status, version, run_at FROM scheduled_posts")
    answer = await report(api, f"/callbacks/draft/{post}", FIELDS)
    assert (answer.status_code, answer.content) == (204, b"")
    assert await api.context.pool.fetchrow("SELECT status, version, run_at FROM scheduled_posts") == before


async def test_everything_else_is_refused_alike(api: Api, stage: Stage, post: str) -> None:
    """A wrong token, field, address or thing: always the same 403, so that nobody learns what there is."""
    path = f"/callbacks/draft/{post}"
    other = f"/callbacks/draft/sp_{uuid4()}"
    changed = [*FIELDS[:-1], ("Empty", "not any more")]
    answers = [
        await report(api, path, FIELDS, token="another"),
        await report(api, path, changed),
        await report(api, path, FIELDS[:-1]),
        await report(api, path, FIELDS, url=f"{api.base_url}{other}"),
        await report(api, f"{path}?more=1", FIELDS, url=f"{api.base_url}{path}"),
        await report(api, other, FIELDS),
        await report(api, "/callbacks/draft/nonsense", FIELDS),
        await report(api, f"/callbacks/text/txt_{uuid4()}", FIELDS),
        await (await api.anonymous()).post(path, data=dict(FIELDS)),
        await (await api.anonymous()).post(path, content=b"\xff\xfe", headers={"X-Twilio-Signature": "x"}),
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.content for answer in answers}) == 1
    assert (await report(api, f"{path}?more=1", FIELDS)).status_code == 204
    assert (await stage.post(post))["status"] == "queued"


async def test_the_sandbox_can_not_report_on_live_posts(api: Api, post: str) -> None:
    """The sandbox's token is no secret: on a live post it opens nothing."""
    await api.context.pool.execute("UPDATE scheduled_posts SET environment = 'live'")
    assert (await report(api, f"/callbacks/draft/{post}", FIELDS)).status_code == 403
