"""The Threads connector against the sandbox, when all goes well, and what the platform refuses."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import JsonValue
from tests.contract.job import Sample, picture, slideshow
from tests.contract.on_graph import CAPTION, CONNECTED_FOR, REDIRECT, OnGraph
from tests.contract.on_threads import media_of, params_of, settings

from presswork.platforms.errors import CredentialInvalid, FailureCode, Rejected
from presswork.platforms.port import Present


async def test_picture(on_threads: OnGraph) -> None:
    """A JPEG is posted once, untouched, with its text; its id and address are Threads' own."""
    job = await on_threads.job(picture())
    end = await on_threads.drive(job)
    assert isinstance(end, Present)
    [post] = await on_threads.live()
    assert (post["kind"], post["caption"], post["externalId"]) == ("threads_post", CAPTION, end.external_id)
    assert [item["sha256"] for item in media_of(post)] == [job.media[0].sha256]
    located = await on_threads.platform.connector.locate(job, {"containerId": "0"}, end.external_id)
    assert (located.external_id, located.external_url) == (end.external_id, post["url"])
    assert [note.event for note in job.notes] == ["preparing", "prepared"]


async def test_png_is_sent_as_it_is(on_threads: OnGraph) -> None:
    """Threads accepts PNG, so no copy is made."""
    job = await on_threads.job(picture("PNG"))
    assert isinstance(await on_threads.drive(job), Present)
    [post] = await on_threads.live()
    assert [item["contentType"] for item in media_of(post)] == ["image/png"]


async def test_video(on_threads: OnGraph, sample_clip: Sample) -> None:
    """A video is posted, and the call that publishes waits until it is processed."""
    job = await on_threads.job(sample_clip)
    assert isinstance(await on_threads.drive(job), Present)
    [post] = await on_threads.live()
    assert [item["sha256"] for item in media_of(post)] == [sample_clip.media.sha256]
    assert params_of(post)["media_type"] == "VIDEO"


@pytest.mark.parametrize("count", [2, 10])
async def test_pictures_become_a_carousel(on_threads: OnGraph, count: int) -> None:
    """Pictures are posted as one carousel in their order, with one text."""
    job = await on_threads.job(slideshow(count))
    assert isinstance(await on_threads.drive(job), Present)
    [post] = await on_threads.live()
    assert post["caption"] == CAPTION
    assert [item["sha256"] for item in media_of(post)] == [media.sha256 for media in job.media]


async def test_no_text_is_sent_where_there_is_none(on_threads: OnGraph) -> None:
    """A post without a caption has none."""
    job = await on_threads.job(picture(), caption="")
    assert isinstance(await on_threads.drive(job), Present)
    [post] = await on_threads.live()
    assert not post["caption"]


async def test_options_and_alternative_texts_arrive(on_threads: OnGraph) -> None:
    """Every option and the alternative text are sent under Threads' names, and never auto_publish_text."""
    sample = picture()
    described = Sample(replace(sample.media, alt_text="A loaf of bread"), sample.body)
    options = settings(replyControl="mentioned_only", topicTag="Bread", isSpoilerMedia=True, enableReplyApprovals=True)
    job = await on_threads.job(described, options=options)
    assert isinstance(await on_threads.drive(job), Present)
    [post] = await on_threads.live()
    sent = params_of(post)
    assert {name: str(sent[name]).removeprefix("T").lower() if sent[name] is True else sent[name] for name in (
        "reply_control", "topic_tag", "is_spoiler_media", "enable_reply_approvals", "alt_text"
    )} == {
        "reply_control": "mentioned_only",
        "topic_tag": "Bread",
        "is_spoiler_media": "true",
        "enable_reply_approvals": "true",
        "alt_text": "A loaf of bread",
    }  # fmt: skip
    assert "auto_publish_text" not in str(await on_threads.requests("threads"))


async def test_sharing_to_instagram_needs_its_permission(on_threads: OnGraph) -> None:
    """Without the permission the post fails before anything is created, and preflight says so."""
    job = await on_threads.job(picture(), options=settings(crossreshareToInstagram=True))
    end = await on_threads.drive(job)
    assert isinstance(end, Rejected)
    assert end.failure is FailureCode.CREDENTIAL_INVALID
    assert "threads_share_to_instagram" in end.message
    assert await created(on_threads) == []


async def test_restart_resumes_from_the_stored_ids(on_threads: OnGraph) -> None:
    """A second preparation, by another worker, makes no second container; a day later it makes new ones."""
    connector = on_threads.platform.connector
    job = await on_threads.job(slideshow(3))
    first = await connector.prepare(job)
    assert await connector.prepare(job) == first
    assert len(await created(on_threads)) == 4
    await on_threads.clock.sleep(timedelta(hours=23, minutes=30))
    assert (await connector.prepare(job))["containerId"] != first["containerId"]
    assert len(await created(on_threads)) == 8
    assert isinstance(await on_threads.drive(job), Present)
    assert len(await on_threads.live()) == 1


async def created(on_threads: OnGraph) -> list[dict[str, JsonValue]]:
    """Return the calls that made containers."""
    return [call for call in await on_threads.requests("threads") if call["method"] == "POST"]


async def test_interrupted_carousel_makes_each_child_once(on_threads: OnGraph) -> None:
    """One child fails for a moment: the others are not made again."""
    await on_threads.fault("threads", "http_500", skip=1)
    job = await on_threads.job(slideshow(4))
    assert isinstance(await on_threads.drive(job), Present)
    assert len(await created(on_threads)) == 4 + 1 + 1
    assert len(await on_threads.live()) == 1


@pytest.mark.parametrize(
    ("caption", "reason"),
    [("a" * 495 + "’" * 3, "504 bytes"), (" ".join(f"https://x.example/{n}" for n in range(6)), "6 different links")],
)
async def test_what_preflight_refuses_is_refused_before_any_call(
    on_threads: OnGraph, caption: str, reason: str
) -> None:
    """A text that is too long in bytes, or has a sixth link, fails with the numbers, and nothing is created."""
    job = await on_threads.job(picture(), caption=caption)
    end = await on_threads.drive(job)
    assert isinstance(end, Rejected)
    assert (end.failure, reason in end.message) == (FailureCode.PLATFORM_LIMIT, True)
    assert await created(on_threads) == []


@pytest.mark.parametrize("caption", ["a" * 500, "я" * 250, "🎬" * 125])
async def test_the_longest_texts_are_accepted(on_threads: OnGraph, caption: str) -> None:
    """500 bytes go through: the rules and the platform count the same."""
    job = await on_threads.job(picture(), caption=caption)
    assert isinstance(await on_threads.drive(job), Present)
    [post] = await on_threads.live()
    assert post["caption"] == caption


async def test_preflight_reports_the_quota(on_threads: OnGraph) -> None:
    """The quota of 250 posts is read, and a post of it counts."""
    connector = on_threads.platform.connector
    job = await on_threads.job(picture())
    assert isinstance(await on_threads.drive(job), Present)
    quota = await connector.fetch_quota(job.account, job)  # type: ignore[attr-defined]  # SupportsQuota
    assert (quota.used, quota.limit, quota.window) == (1, 250, timedelta(hours=24))


async def test_denied_login(on_threads: OnGraph) -> None:
    """A person who denies comes back with an error and no code."""
    url = on_threads.platform.login.authorize_url(redirect_uri=REDIRECT, state="st_1", verifier="v")
    location = await on_threads.sandbox.approve(url, account="brand", decision="deny")
    query = parse_qs(urlsplit(location).query)
    assert query["error"] == ["access_denied"]
    assert "code" not in query


async def test_token_lives_for_sixty_days_and_is_renewed(on_threads: OnGraph) -> None:
    """A refresh returns another token for 60 days from then; a token younger than a day is not refreshed."""
    login = on_threads.platform.login
    grant = await on_threads.connect("brand")
    assert grant.scopes == frozenset(login.permissions)
    with pytest.raises(CredentialInvalid):
        await login.refresh(grant.tokens, now=on_threads.clock.now())
    await on_threads.clock.sleep(CONNECTED_FOR)
    fresh = await login.refresh(grant.tokens, now=on_threads.clock.now())
    assert fresh.expires_at is not None
    assert fresh.expires_at - on_threads.clock.now() > timedelta(days=59)


async def test_a_code_works_once(on_threads: OnGraph) -> None:
    """A used code is refused with advice to start again."""
    login = on_threads.platform.login
    code = await on_threads.sandbox.code(
        login.authorize_url(redirect_uri=REDIRECT, state="st_1", verifier="v"), account="brand"
    )
    await login.connect(code=code, redirect_uri=REDIRECT, verifier=None, now=on_threads.clock.now())
    with pytest.raises(Rejected, match="Start connecting the account again"):
        await login.connect(code=code, redirect_uri=REDIRECT, verifier=None, now=on_threads.clock.now())


async def test_missing_permission_is_in_the_grant(on_threads: OnGraph) -> None:
    """Permissions that the person did not give are not in the grant."""
    await on_threads.sandbox.account("threads", "brand", grantedScopes=on_threads.without("replies"))
    grant = await on_threads.connect("brand")
    assert grant.scopes == {"threads_basic", "threads_content_publish", "threads_delete"}
