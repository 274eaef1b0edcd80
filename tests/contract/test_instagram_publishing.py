"""The Instagram connector against the sandbox, when all goes well, and what the platform refuses."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import JsonValue
from tests.contract.job import MemoryJob, Sample, picture, slideshow
from tests.contract.on_instagram import CAPTION, CONNECTED_FOR, REDIRECT, OnInstagram
from tests.platforms.drafts import instagram

from presswork.platforms.errors import CredentialInvalid, FailureCode, Rejected, TryLater
from presswork.platforms.port import Mode, Present


def media_of(post: dict[str, JsonValue]) -> list[dict[str, JsonValue]]:
    """Return the media that a viewer sees."""
    media = post["media"]
    assert isinstance(media, list)
    return [item for item in media if isinstance(item, dict)]


def hashes(post: dict[str, JsonValue]) -> list[JsonValue]:
    """Return the SHA-256 of what a viewer sees."""
    return [item["sha256"] for item in media_of(post)]


def params_of(post: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Return what was sent, by the platform's names."""
    params = post["params"]
    assert isinstance(params, dict)
    return params


async def test_picture_goes_to_the_feed(on_instagram: OnInstagram) -> None:
    """A JPEG is posted once, untouched, with its caption; its id and address are Instagram's own."""
    job = await on_instagram.job(picture())
    end = await on_instagram.drive(job)
    assert isinstance(end, Present)
    [post] = await on_instagram.live()
    assert (post["kind"], post["caption"], post["externalId"]) == ("feed_image", CAPTION, end.external_id)
    assert hashes(post) == [job.media[0].sha256]
    located = await on_instagram.platform.connector.locate(job, {"containerId": "0"}, end.external_id)
    assert (located.external_id, located.external_url) == (end.external_id, post["url"])
    assert [note.event for note in job.notes] == ["preparing", "prepared"]


@pytest.mark.parametrize(("asked", "sent"), [(None, "true"), (True, "true"), (False, "false")])
async def test_video_becomes_a_reel(
    on_instagram: OnInstagram, sample_clip: Sample, asked: bool | None, sent: str
) -> None:
    """A video is posted as a reel; share_to_feed is always sent, true unless the target says otherwise."""
    job = await on_instagram.job(sample_clip, options=instagram(share_reel_to_feed=asked))
    assert isinstance(await on_instagram.drive(job), Present)
    [post] = await on_instagram.live()
    assert (post["kind"], post["caption"], hashes(post)) == ("reel", CAPTION, [sample_clip.media.sha256])
    assert str(params_of(post)["share_to_feed"]).lower() == sent
    assert params_of(post)["media_type"] == "REELS"


@pytest.mark.parametrize("count", [2, 10])
async def test_pictures_become_a_carousel(on_instagram: OnInstagram, count: int) -> None:
    """Pictures are posted as one carousel in their order, with one caption."""
    job = await on_instagram.job(slideshow(count))
    assert isinstance(await on_instagram.drive(job), Present)
    [post] = await on_instagram.live()
    assert (post["kind"], post["caption"]) == ("carousel", CAPTION)
    assert hashes(post) == [media.sha256 for media in job.media]


async def test_empty_caption_is_not_sent(on_instagram: OnInstagram) -> None:
    """A post without a caption has none."""
    job = await on_instagram.job(picture(), caption="")
    assert isinstance(await on_instagram.drive(job), Present)
    [post] = await on_instagram.live()
    assert not post["caption"]


async def test_restart_resumes_from_the_stored_ids(on_instagram: OnInstagram) -> None:
    """A second preparation, by another worker, makes no second container; a day later it makes new ones."""
    connector = on_instagram.platform.connector
    job = await on_instagram.job(slideshow(3))
    first = await connector.prepare(job)
    assert await connector.prepare(job) == first
    assert len(await created(on_instagram)) == 4
    await on_instagram.clock.sleep(timedelta(hours=23, minutes=30))
    assert (await connector.prepare(job))["containerId"] != first["containerId"]
    assert len(await created(on_instagram)) == 8
    assert isinstance(await on_instagram.drive(job), Present)
    assert len(await on_instagram.live()) == 1


async def created(on_instagram: OnInstagram) -> list[dict[str, JsonValue]]:
    """Return the calls that made containers."""
    return [call for call in await on_instagram.sandbox.requests("instagram", "media") if call["method"] == "POST"]


async def test_interrupted_carousel_makes_each_child_once(on_instagram: OnInstagram) -> None:
    """One child fails for a moment: the others are not made again."""
    await on_instagram.fault("media", "http_500", skip=1)
    job = await on_instagram.job(slideshow(4))
    assert isinstance(await on_instagram.drive(job), Present)
    assert len(await created(on_instagram)) == 4 + 1 + 1
    assert len(await on_instagram.live()) == 1


async def test_used_up_quota_waits_with_numbers(on_instagram: OnInstagram) -> None:
    """Before going live the quota is read; when it is used up the post waits until its oldest post is a day old.

    The sentence says how many there are, and nothing was uploaded for nothing.
    """
    grant = await on_instagram.connect("brand")
    waiting: TryLater | None = None
    job = await on_instagram.job(picture(), grant=grant)
    published: list[datetime] = []
    for number in range(200):
        job = await on_instagram.job(picture(seed=number % 3), grant=grant, caption=f"No. {number}")
        job.published = published
        try:
            prepared = await on_instagram.platform.connector.prepare(job)
        except TryLater as error:
            waiting = error
            break
        job.live_call_at = job.now()
        await on_instagram.platform.connector.make_live(job, prepared)
        published.append(job.now())
    assert waiting is not None
    live = len(await on_instagram.live())
    assert waiting.is_throttled
    assert waiting.retry_after is not None
    assert published[0] + timedelta(days=1) - job.now() < waiting.retry_after < timedelta(days=1, seconds=2)
    assert len(await created(on_instagram)) == live
    assert f"{live} of the {live} posts" in waiting.message
    await on_instagram.clock.sleep(timedelta(hours=24))
    assert isinstance(await on_instagram.drive(job), Present)


async def test_personal_account_is_refused_with_graphs_message(by_instagram: OnInstagram) -> None:
    """A personal account can be connected; publishing fails as not eligible, with Graph's own message."""
    await by_instagram.sandbox.account("instagram", "mara", tier="personal")
    end = await by_instagram.drive(await by_instagram.job(picture(), handle="mara"))
    assert isinstance(end, Rejected)
    assert end.failure is FailureCode.ACCOUNT_NOT_ELIGIBLE
    assert end.platform_message is not None
    assert "not an Instagram Business" in end.platform_message
    assert end.platform_message in end.message
    assert await by_instagram.live("mara") == []


async def test_missing_permission_asks_to_reconnect(on_instagram: OnInstagram) -> None:
    """Without the publishing permission the post fails and the message says to connect again."""
    await on_instagram.sandbox.account(
        "instagram", "brand", grantedScopes=on_instagram.without("content_publish", "comments")
    )
    job = await on_instagram.job(picture())
    assert not on_instagram.platform.required_scopes[Mode.PUBLISH] <= job.account.scopes
    end = await on_instagram.drive(job)
    assert isinstance(end, Rejected)
    assert end.failure is FailureCode.CREDENTIAL_INVALID
    assert "Connect it again" in end.message


async def test_media_that_instagram_refuses_fail_the_post(on_instagram: OnInstagram) -> None:
    """A picture that is too wide, and was stored with another ratio, fails at once and the message contains the limits."""
    wide = picture(width=1200, height=300)
    job = await on_instagram.job(Sample(replace(wide.media, width=1200, height=1000), wide.body))
    job.convert = None
    end = await on_instagram.drive(job)
    assert isinstance(end, Rejected)
    assert (end.failure, end.platform_code) == (FailureCode.MEDIA_REJECTED, "36003/2207009")
    assert "1.91:1" in end.message


async def test_media_beyond_a_limit_are_not_sent(on_instagram: OnInstagram) -> None:
    """A picture whose ratio is known to be refused fails before Instagram is called, with its own and the accepted ratio."""
    end = await on_instagram.drive(await on_instagram.job(picture(width=1200, height=300)))
    assert isinstance(end, Rejected)
    assert (end.failure, end.platform_code) == (FailureCode.PLATFORM_LIMIT, None)
    assert "4.00:1" in end.message
    assert "1.91:1" in end.message


async def test_unreachable_media_fail_after_three_containers(on_instagram: OnInstagram) -> None:
    """Media that Instagram can't fetch are tried with three containers, then the post fails."""
    job = await on_instagram.job(picture())
    on_instagram.host.serves = False
    end = await on_instagram.drive(job)
    assert isinstance(end, Rejected)
    assert end.failure is FailureCode.MEDIA_REJECTED
    assert "3 times" in end.message
    assert len(await created(on_instagram)) == 3


@pytest.mark.parametrize(
    ("caption", "words"),
    [("#a " * 31, "31 hashtags"), ("x" * 2201, "2,201 characters"), ("@someone " * 21, "21 accounts")],
)
async def test_hopeless_caption_is_refused_with_numbers(on_instagram: OnInstagram, caption: str, words: str) -> None:
    """A caption beyond Instagram's limits fails before anything is uploaded."""
    end = await on_instagram.drive(await on_instagram.job(picture(), caption=caption))
    assert isinstance(end, Rejected)
    assert words in end.message
    assert await created(on_instagram) == []


async def commented(on_instagram: OnInstagram) -> tuple[MemoryJob, str]:
    """Return a live post and its id."""
    job = await on_instagram.job(picture())
    end = await on_instagram.drive(job)
    assert isinstance(end, Present)
    assert end.external_id is not None
    return job, end.external_id


async def test_first_comment_is_written_once(on_instagram: OnInstagram) -> None:
    """The comment exists under the post; looked for first, it is found and not written again."""
    job, media_id = await commented(on_instagram)
    await on_instagram.platform.connector.comment(job, media_id, "First!", may_be_there=False)
    await on_instagram.platform.connector.comment(job, media_id, "First!", may_be_there=True)
    [post] = await on_instagram.live()
    assert post["comments"] == ["First!"]


async def test_comment_without_its_permission_says_so(on_instagram: OnInstagram) -> None:
    """An account that did not allow comments gets an error that says so, and Instagram is not called."""
    await on_instagram.sandbox.account("instagram", "brand", grantedScopes=on_instagram.without("comments"))
    job, media_id = await commented(on_instagram)
    with pytest.raises(Rejected, match="did not allow Presswork to comment"):
        await on_instagram.platform.connector.comment(job, media_id, "First!", may_be_there=False)
    assert await on_instagram.sandbox.requests("instagram", "comments") == []


async def test_login_returns_a_long_lived_token_and_a_profile(by_instagram: OnInstagram) -> None:
    """The code is exchanged for a token for about sixty days, with the account's id, name and permissions."""
    grant = await by_instagram.connect("brand")
    tokens = grant.tokens
    assert grant.handle == "brand"
    assert grant.external_id
    assert by_instagram.platform.required_scopes[Mode.PUBLISH] <= grant.scopes
    assert tokens.expires_at is not None
    assert timedelta(days=55) < tokens.expires_at - tokens.issued_at <= timedelta(days=61)
    assert by_instagram.platform.login.refresh_due_at(tokens) == tokens.expires_at - timedelta(days=10)
    assert tokens.access_token not in repr(grant)


async def test_login_code_works_once(by_instagram: OnInstagram) -> None:
    """A used code is refused with a message that says to start again; a trailing `#_` is ignored."""
    login = by_instagram.platform.login
    code = await by_instagram.sandbox.code(
        login.authorize_url(redirect_uri=REDIRECT, state="s", verifier="v"), account="brand"
    )
    await login.connect(code=f"{code}#_", redirect_uri=REDIRECT, verifier="v", now=by_instagram.clock.now())
    with pytest.raises(Rejected, match="Start connecting the account again"):
        await login.connect(code=code, redirect_uri=REDIRECT, verifier="v", now=by_instagram.clock.now())


async def test_denied_login_redirects_without_a_code(on_instagram: OnInstagram) -> None:
    """A person who declines is redirected back with an error and the state."""
    url = on_instagram.platform.login.authorize_url(redirect_uri=REDIRECT, state="st_9", verifier="v")
    query = parse_qs(urlsplit(await on_instagram.sandbox.approve(url, account="brand", decision="deny")).query)
    assert (query["error"], query["state"]) == (["access_denied"], ["st_9"])
    assert "code" not in query


async def test_token_is_refreshed_after_a_day_and_not_when_invalid(by_instagram: OnInstagram) -> None:
    """A day-old token is exchanged for a new one that works; a permanently invalid one is CredentialInvalid."""
    grant = await by_instagram.connect("brand")
    await by_instagram.clock.sleep(CONNECTED_FOR)
    job = await by_instagram.job(picture(), grant=grant)
    job.tokens = await by_instagram.platform.login.refresh(grant.tokens, now=by_instagram.clock.now())
    assert job.tokens.expires_at is not None
    assert grant.tokens.expires_at is not None
    assert job.tokens.expires_at > grant.tokens.expires_at
    assert isinstance(await by_instagram.drive(job), Present)
    await by_instagram.clock.sleep(timedelta(days=70))
    with pytest.raises(CredentialInvalid, match="Connect the account again"):
        await by_instagram.platform.login.refresh(job.tokens, now=by_instagram.clock.now())


async def test_a_converted_copy_is_published(on_instagram: OnInstagram) -> None:
    """PNG and WebP are posted as JPEG copies; the original stays unchanged."""
    for kind in ("PNG", "WEBP"):
        original = picture(kind, seed=7)
        job = await on_instagram.job(original, handle=f"brand_{kind.lower()}")
        assert isinstance(await on_instagram.drive(job), Present)
        [post] = await on_instagram.live(f"brand_{kind.lower()}")
        [shown] = media_of(post)
        assert shown["contentType"] == "image/jpeg"
        assert shown["sha256"] != original.media.sha256
        assert hashlib.sha256(original.body).hexdigest() == original.media.sha256
