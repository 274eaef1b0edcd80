"""Posts in the sandbox's Telegram channels: what each content becomes, what a lost answer leads to, and the bot's place in a channel."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from datetime import timedelta
from typing import cast

import pytest
from pydantic import JsonValue
from tests.contract.faults import AFTER_EFFECT, LOST, Call, Fault, assert_consistent, assert_explained, matrix
from tests.contract.job import MemoryJob, Sample, mixture, picture, slideshow
from tests.contract.on_platform import OnPlatform
from tests.contract.test_insights import live_post

from presswork.media.specs import ImageSpec, StillSpec, VideoSpec
from presswork.platforms.access import AccountAccess
from presswork.platforms.errors import CredentialInvalid, FailureCode, Rejected, TryLater
from presswork.platforms.insights import PostNumbers
from presswork.platforms.live_support import AccountNumber
from presswork.platforms.port import LinkCard, LiveEdit, Media, MediaFile, PostOptions, Present
from presswork.platforms.telegram.connector import TelegramConnector
from presswork.platforms.telegram.login import TelegramLogin
from presswork.worker.reconciliation import Unknown


def connector_of(on_telegram: OnPlatform) -> TelegramConnector:
    """Return the connector."""
    assert isinstance(on_telegram.platform.connector, TelegramConnector)
    return on_telegram.platform.connector


def login_of(on_telegram: OnPlatform) -> TelegramLogin:
    """Return the login."""
    assert isinstance(on_telegram.platform.login, TelegramLogin)
    return on_telegram.platform.login


async def test_every_content(on_telegram: OnPlatform, sample_clip: Sample) -> None:
    """Each is live once, at the address that the connector returned, with its caption and its files in order."""
    grant = await on_telegram.connect()
    contents: Sequence[tuple[str, Sequence[Sample]]] = (
        ("send_message", []),
        ("send_photo", [picture()]),
        ("send_video", [sample_clip]),
        ("send_media_group", slideshow(10)),
        ("send_media_group", mixture()),
    )
    for count, (operation, samples) in enumerate(contents, 1):
        job = await on_telegram.job(samples, grant=grant)
        end = await on_telegram.drive(job)
        assert isinstance(end, Present), repr(end)
        posts = await on_telegram.live()
        [post] = [one for one in posts if one["externalId"] == end.external_id]
        assert (post["url"], post["caption"], len(posts)) == (end.external_url, on_telegram.caption, count)
        assert isinstance(post["media"], list)
        assert [one["sha256"] for one in post["media"] if isinstance(one, dict)] == [one.sha256 for one in job.media]
        assert await on_telegram.calls(operation) == sum(name == operation for name, _ in contents[:count])


async def test_options(on_telegram: OnPlatform) -> None:
    """They arrive by Telegram's names."""
    settings: JsonValue = {"isSilent": True, "isProtected": True, "showsLinkPreview": False}
    _, post = await on_telegram.publish(
        await on_telegram.job([], options=PostOptions({"telegramPostSettings": settings}))
    )
    assert isinstance(post["params"], dict)
    sent = {"disable_notification": True, "protect_content": True, "link_preview_options": {"is_disabled": True}}
    assert {name: post["params"][name] for name in sent} == sent


@pytest.mark.parametrize("fault", matrix((fault for fault in (*LOST, AFTER_EFFECT)), at=Call.PUBLISH), ids=str)
@pytest.mark.parametrize("with_media", [True, False])
async def test_a_lost_answer(on_telegram: OnPlatform, fault: Fault, *, with_media: bool) -> None:
    """No bot can read a channel: the outcome is unknown, and the call is never repeated."""
    operation = "send_photo" if with_media else "send_message"
    await on_telegram.fault(operation, fault.name, **fault.more(times=1))
    job = await on_telegram.job([picture()] if with_media else [])
    end = await on_telegram.drive(job)
    assert isinstance(end, Unknown)
    assert await on_telegram.calls(operation) == 1
    assert_consistent(end, await on_telegram.live())
    assert_explained(end, job)


class Interrupted(MemoryJob):
    """A post whose file breaks off while it is sent, once."""

    breaks = 1

    @asynccontextmanager
    async def media_file(
        self, media: Media, spec: ImageSpec | VideoSpec | StillSpec | None
    ) -> AsyncIterator[MediaFile]:
        """Open the file."""
        async with super().media_file(media, spec) as file:

            async def read(first: int, last: int) -> AsyncIterator[bytes]:
                async for piece in file.reader(first, last):
                    if self.breaks:
                        self.breaks -= 1
                        yield piece[: len(piece) // 2]
                        raise ConnectionResetError("the line broke")
                    yield piece

            yield replace(file, reader=read)


async def test_a_file_that_breaks_off(on_telegram: OnPlatform) -> None:
    """Before its last byte was sent, no server can have acted on the form: it is sent again, and there is one post."""
    whole = await on_telegram.job(picture())
    await on_telegram.publish(Interrupted(**{one.name: getattr(whole, one.name) for one in fields(whole) if one.init}))


async def test_a_limit(on_telegram: OnPlatform) -> None:
    """Telegram says how long to wait, and has sent nothing."""
    await on_telegram.fault("send_message", "platform_error", value={"code": 429, "retryAfter": 17}, times=1)
    job = await on_telegram.job([])
    job.prepared = await on_telegram.platform.connector.prepare(job)
    with pytest.raises(TryLater) as limited:
        await on_telegram.platform.connector.make_live(job, job.prepared)
    assert (limited.value.is_throttled, limited.value.retry_after) == (True, timedelta(seconds=17))
    await on_telegram.publish(job)


async def test_more_messages_than_a_minute_has(on_telegram: OnPlatform) -> None:
    """Each item of an album counts, and the messages are reserved before they are sent."""
    job = await on_telegram.job(slideshow(3))
    await on_telegram.platform.connector.prepare(job)
    assert [calls for _, calls in job.turns] == [3]


@pytest.mark.parametrize(
    ("place", "kind", "failure"),
    [
        ({"status": "kicked"}, CredentialInvalid, FailureCode.CREDENTIAL_INVALID),
        ({"status": "left"}, CredentialInvalid, FailureCode.CREDENTIAL_INVALID),
        ({"status": "member"}, CredentialInvalid, FailureCode.CREDENTIAL_INVALID),
        ({"rights": []}, Rejected, FailureCode.CREDENTIAL_INVALID),
    ],
)
async def test_a_bot_that_lost_its_place(
    on_telegram: OnPlatform, place: Mapping[str, JsonValue], kind: type[Exception], failure: FailureCode
) -> None:
    """The post ends with what to do, and preflight says so before."""
    job = await on_telegram.job([])
    await on_telegram.sandbox.telegram_member(handle=on_telegram.handle, botId="4711", **place)
    end = await on_telegram.drive(job)
    assert isinstance(end, kind)
    assert isinstance(end, CredentialInvalid | Rejected)
    assert end.failure is failure
    assert_explained(end, job)
    with pytest.raises(CredentialInvalid):
        await on_telegram.platform.connector.fetch_constraints(job.account, job)
    assert await on_telegram.live() == []


async def test_a_chat_that_moved(on_telegram: OnPlatform) -> None:
    """A chat with another id has to be connected again."""
    value: JsonValue = {"code": 400, "message": "Bad Request: chat was upgraded", "migrateToChatId": -1001}
    await on_telegram.fault("send_message", "platform_error", value=value, times=1)
    assert isinstance(await on_telegram.drive(await on_telegram.job([])), CredentialInvalid)


async def test_an_error_that_quotes_the_call(on_telegram: OnPlatform) -> None:
    """The token, which is in the URL of each call, is in no message."""
    job = await on_telegram.job([])
    value: JsonValue = {"code": 400, "message": f"Bad Request: /bot{job.tokens.access_token}/sendMessage is wrong"}
    await on_telegram.fault("send_message", "platform_error", value=value, times=1)
    end = await on_telegram.drive(job)
    assert isinstance(end, Rejected)
    assert "/bot…/sendMessage" in end.what
    assert_explained(end, job)


async def test_a_refusal_after_a_part_of_an_album_is_deleted(on_telegram: OnPlatform) -> None:
    """A limit at the second message is no limit that proves that nothing was deleted."""
    job = await on_telegram.job(mixture())
    live, _ = await on_telegram.publish(job)
    await on_telegram.fault("delete_message", "platform_error", value={"code": 429}, skip=1, times=1)
    with pytest.raises(TryLater) as caught:
        await connector_of(on_telegram).take_down(job, live.external_id or "")
    assert not caught.value.is_throttled
    job.state.clear()  # ids in a row are as good
    await connector_of(on_telegram).take_down(job, live.external_id or "")
    assert await on_telegram.live() == []
    assert await on_telegram.calls("delete_message") == 2 + 3


async def test_an_edit_that_was_made_before_has_an_answer_that_can_not_be_read(on_telegram: OnPlatform) -> None:
    """Only the words of Telegram's refusal say that there is nothing left to change: without them, the call is repeated."""
    job = await on_telegram.job([])
    live, _ = await on_telegram.publish(job)
    connector, external_id, edit = connector_of(on_telegram), live.external_id or "", LiveEdit(caption="Other words")
    await connector.edit_live(job, external_id, edit)
    await on_telegram.fault("edit_message_text", "malformed_json", times=1)
    with pytest.raises(TryLater):
        await connector.edit_live(job, external_id, edit)
    await connector.edit_live(job, external_id, edit)


async def test_a_link_stays_when_its_text_changes(on_telegram: OnPlatform) -> None:
    """The new text has the link, too."""
    job = await on_telegram.job([], caption="Menu", link=LinkCard(url="https://bakery.example/menu"))
    live, _ = await on_telegram.publish(job)
    await connector_of(on_telegram).edit_live(job, live.external_id or "", LiveEdit(caption="New menu"))
    [post] = await on_telegram.live()
    assert post["caption"] == "New menu\n\nhttps://bakery.example/menu"


async def test_connecting(on_telegram: OnPlatform) -> None:
    """The channel is the account, and what the bot may do there are its permissions; another login finds nothing of it."""
    grant = await on_telegram.connect()
    assert (grant.handle, grant.external_id[:4], grant.scopes, grant.tokens.expires_at) == (
        "brand",
        "-100",
        frozenset(on_telegram.platform.login.permissions),
        None,
    )
    with pytest.raises(Rejected, match="not posted"):
        await on_telegram.platform.login.connect(
            code="x", redirect_uri=on_telegram.redirect_uri, verifier="another", now=on_telegram.clock.now()
        )
    await on_telegram.sandbox.account("telegram", "brand", privateChannel=True)
    private = await on_telegram.connect()
    assert (private.handle, private.external_id) == (private.display_name, grant.external_id)
    end = await on_telegram.drive(await on_telegram.job([], grant=private))
    assert isinstance(end, Present)
    assert end.external_url == f"https://t.me/c/{grant.external_id.removeprefix('-100')}/{end.external_id}"


async def test_a_code_in_a_channel(on_telegram: OnPlatform) -> None:
    """It is found among many other posts; in two channels, or where the bot may not post, it connects none."""
    login, sandbox = login_of(on_telegram), on_telegram.sandbox
    page = await login.describe_code(on_telegram.verifier)
    assert page.url.startswith("https://t.me/sandbox_4711_bot?startchannel")
    await sandbox.telegram_member(handle="brand", botId="4711")
    for number in range(120):
        await sandbox.telegram_message("brand", f"Post {number}")
    assert not await login.is_code_posted(on_telegram.verifier)
    await sandbox.telegram_message("brand", f" {page.code}\n")
    assert await login.is_code_posted(on_telegram.verifier)
    await sandbox.telegram_member(handle="brand", botId="4711", rights=["can_edit_messages"])
    with pytest.raises(Rejected) as refused:
        await on_telegram.platform.login.connect(
            code="posted", redirect_uri="", verifier=on_telegram.verifier, now=on_telegram.clock.now()
        )
    assert refused.value.failure is FailureCode.ACCOUNT_NOT_ELIGIBLE
    await sandbox.telegram_member(handle="other", botId="4711")
    await sandbox.telegram_message("other", page.code)
    with pytest.raises(Rejected, match="several channels"):
        await login.is_code_posted(on_telegram.verifier)


async def test_the_token_of_the_bot_changes(on_telegram: OnPlatform) -> None:
    """With the new one in the settings, accounts go on; the token of another bot has to be connected again."""
    grant = await on_telegram.connect()
    login = login_of(on_telegram)
    now = on_telegram.clock.now()
    with pytest.raises(CredentialInvalid):
        await login.refresh(grant.tokens, now=now)
    renewed = replace(login, app=replace(login.app, client_secret="4711:new-secret"))
    assert (await renewed.refresh(grant.tokens, now=now)).access_token == "4711:new-secret"
    with pytest.raises(CredentialInvalid):
        await replace(login, app=replace(login.app, client_id="4712")).refresh(grant.tokens, now=now)
    await login.check_app()
    with pytest.raises(Rejected, match="no longer accepts the token"):
        await replace(login, app=replace(login.app, client_id="x")).check_app()


async def test_numbers(on_telegram: OnPlatform) -> None:
    """The channel has subscribers; of a post, no number is offered, and nothing is asked."""
    job = await on_telegram.job([])
    live, _ = await on_telegram.publish(job)
    await on_telegram.sandbox.numbers("telegram", handle=on_telegram.handle, followers=1234)
    connector, access = connector_of(on_telegram), cast("AccountAccess", job)
    read = await connector.read_account(access, since=job.now().date(), removed=frozenset())
    assert (read.followers, set(read.unavailable)) == (1234, {AccountNumber.VIEWS, AccountNumber.REACH})
    posts = await connector.read_posts(access, [live_post(job, live.external_id or "")], removed=frozenset())
    assert [one for one in posts.posts.values() if isinstance(one, PostNumbers) and one.metrics] == []
    assert posts.calls == 0
