"""Status callbacks of the SMS service: only signed ones are accepted, and they are only hints."""

from uuid import uuid4

import httpx2
import pytest
from tests.api_server import Api
from tests.world import World

from presswork.platforms.sandbox_access import SandboxTokens
from presswork.platforms.sms.messages import signature_of

FIELDS = [("MessageSid", "SM1"), ("MessageStatus", "delivered"), ("To", "+15551230001"), ("Empty", "")]


@pytest.fixture
async def post(world: World, picture: bytes) -> str:
    """A queued draft."""
    project = await world.project()
    account = await world.account(project, "instagram", "brand")
    (post,) = await world.publish(await world.content(project, picture), account, mode="draft")
    return post


async def send_callback(
    api: Api, path: str, fields: list[tuple[str, str]], *, token: str | None = None, url: str | None = None
) -> httpx2.Response:
    """Send a callback as the service does, signed with the token of this installation."""
    browser = await api.anonymous()
    own = SandboxTokens.of(api.context.settings, api.context.keyring).app_secrets("sms")[0]
    signature = signature_of(token or own, url or f"{api.base_url}{path}", FIELDS)
    return await browser.post(path, data=dict(fields), headers={"X-Twilio-Signature": signature})


def test_the_signature_follows_the_services_documentation() -> None:
    """The URL, then each name and value in order, keyed by the token."""
    fields = [
        ("Digits", "1234"),
        ("To", "+18005551212"),
        ("From", "+14158675310"),
        ("Caller", "+14158675310"),
        ("CallSid", "CA1234567890ABCDE"),
    ]
    url = "https://example.com/myapp.php?foo=1&bar=2"
    assert signature_of("12345", url, fields) == "L/OH5YylLD5NRKLltdqwSvS0BnU="


async def test_a_signed_callback_is_accepted(api: Api, post: str) -> None:
    """A valid callback is 204 and changes nothing by itself, whatever it says."""
    before = await api.context.pool.fetchrow("SELECT status, version, run_at FROM scheduled_posts")
    response = await send_callback(api, f"/callbacks/draft/{post}", FIELDS)
    assert (response.status_code, response.content) == (204, b"")
    assert await api.context.pool.fetchrow("SELECT status, version, run_at FROM scheduled_posts") == before


async def test_other_callbacks_are_refused_with_one_response(api: Api, world: World, post: str) -> None:
    """A wrong token, field, URL or id: always the same 403, which reveals nothing."""
    path = f"/callbacks/draft/{post}"
    other = f"/callbacks/draft/sp_{uuid4()}"
    changed = [*FIELDS[:-1], ("Empty", "not any more")]
    responses = [
        await send_callback(api, path, FIELDS, token="another"),
        await send_callback(api, path, changed),
        await send_callback(api, path, FIELDS[:-1]),
        await send_callback(api, path, FIELDS, url=f"{api.base_url}{other}"),
        await send_callback(api, f"{path}?more=1", FIELDS, url=f"{api.base_url}{path}"),
        await send_callback(api, other, FIELDS),
        await send_callback(api, "/callbacks/draft/nonsense", FIELDS),
        await send_callback(api, f"/callbacks/text/txt_{uuid4()}", FIELDS),
        await (await api.anonymous()).post(path, data=dict(FIELDS)),
        await (await api.anonymous()).post(path, content=b"\xff\xfe", headers={"X-Twilio-Signature": "x"}),
    ]
    assert {response.status_code for response in responses} == {403}
    assert len({response.content for response in responses}) == 1
    assert (await send_callback(api, f"{path}?more=1", FIELDS)).status_code == 204
    assert (await world.post(post))["status"] == "queued"


async def test_the_sandboxs_token_is_not_accepted_for_live_posts(api: Api, post: str) -> None:
    """The sandbox's token is public."""
    await api.context.pool.execute("UPDATE scheduled_posts SET environment = 'live'")
    assert (await send_callback(api, f"/callbacks/draft/{post}", FIELDS)).status_code == 403
