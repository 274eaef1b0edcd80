"""Posts on the sandbox's Mastodon: what each content and option becomes, and what a lost answer leads to."""

from datetime import timedelta

import pytest
from tests.contract.job import Sample, picture, slideshow
from tests.contract.on_mastodon import OnMastodon

from presswork.platforms.errors import OutcomeUnknown, Rejected, TryLater
from presswork.platforms.mastodon.connector import KEY_LASTS
from presswork.platforms.port import Absent, LiveEdit, PostOptions, Present, draft_of

PUBLISH = "statuses"


async def test_pictures_and_a_video(on_mastodon: OnMastodon, sample_clip: Sample) -> None:
    """Each is live once, at the address that the connector returned, with its caption."""
    grant = await on_mastodon.connect()
    assert (grant.handle, grant.tokens.expires_at) == ("brand@mastodon.social", None)
    for count, samples in enumerate([[picture()], slideshow(4), [sample_clip]], 1):
        end = await on_mastodon.drive(await on_mastodon.job(samples, grant=grant))
        assert isinstance(end, Present), repr(end)
        posts = await on_mastodon.live()
        [post] = [one for one in posts if one["externalId"] == end.external_id]
        assert (post["url"], post["caption"], len(posts)) == (end.external_url, on_mastodon.caption, count)
    assert await on_mastodon.calls(PUBLISH) == 3


async def test_options(on_mastodon: OnMastodon) -> None:
    """They arrive by Mastodon's names."""
    settings = {"visibility": "unlisted", "spoilerText": "Bread", "language": "de", "quotePolicy": "nobody"}
    options = PostOptions({"mastodonPostSettings": {**settings, "sensitive": True}})
    _, post = await on_mastodon.publish(await on_mastodon.job(picture(), options=options))
    sent = {"visibility": "unlisted", "spoiler_text": "Bread", "language": "de", "quote_approval_policy": "nobody"}
    assert isinstance(post["params"], dict)
    assert {name: post["params"][name] for name in (*sent, "sensitive")} == {**sent, "sensitive": True}


async def test_the_servers_own_limits(on_mastodon: OnMastodon) -> None:
    """A server with other limits than most decides: for preflight, and before anything is uploaded."""
    await on_mastodon.sandbox.mastodon(host="long.example", maxCharacters=5000)
    grant = await on_mastodon.connect(host="long.example")
    long = await on_mastodon.job([], grant=grant, caption="a" * 5000)
    short = await on_mastodon.job(picture(), caption="a" * 501)
    for job, refusals in ((long, []), (short, ["caption_length"])):
        validate = await on_mastodon.platform.connector.fetch_constraints(job.account, job)
        assert [error.details["reason"] for error in validate(draft_of(job)).errors] == refusals
    end = await on_mastodon.drive(long)
    assert isinstance(end, Present), repr(end)
    end = await on_mastodon.drive(short)
    assert isinstance(end, Rejected)
    assert "accepts 500" in end.what
    assert await on_mastodon.calls("media") == 0


@pytest.mark.parametrize("with_media", [True, False])
async def test_a_lost_answer(on_mastodon: OnMastodon, *, with_media: bool) -> None:
    """The post is found, and published once."""
    await on_mastodon.fault(PUBLISH, "drop_after_effect")
    end = await on_mastodon.drive(await on_mastodon.job([picture()] if with_media else []))
    assert isinstance(end, Present), repr(end)
    assert len(await on_mastodon.live()) == 1


async def test_change_and_take_down(on_mastodon: OnMastodon) -> None:
    """A change keeps the files and the warning; a second deletion changes nothing."""
    options = PostOptions({"mastodonPostSettings": {"spoilerText": "Bread"}})
    job = await on_mastodon.job(picture(), options=options)
    live, before = await on_mastodon.publish(job)
    connector = on_mastodon.platform.connector
    assert live.external_id is not None
    await connector.edit_live(job, live.external_id, LiveEdit(caption="Rye"))  # type: ignore[attr-defined]  # it supports it
    [after] = await on_mastodon.live()
    assert (after["caption"], after["media"]) == ("Rye", before["media"])
    for _ in range(2):
        await connector.take_down(job, live.external_id)  # type: ignore[attr-defined]  # it supports it
    assert await on_mastodon.live() == []


async def test_a_first_comment_is_a_reply(on_mastodon: OnMastodon) -> None:
    """The comment is below the post once, however often it is written."""
    job = await on_mastodon.job(picture())
    live, _ = await on_mastodon.publish(job)
    assert live.external_id is not None
    for may_be_there in (False, True):
        await on_mastodon.platform.connector.comment(job, live.external_id, "More #bread", may_be_there=may_be_there)
    [post] = await on_mastodon.live()
    assert post["comments"] == ["More #bread"]


async def test_media_that_the_server_has_removed_are_uploaded_again(on_mastodon: OnMastodon) -> None:
    """A post that waited longer than the server keeps its files is published with new ones."""
    job = await on_mastodon.job(picture())
    job.prepared = await on_mastodon.platform.connector.prepare(job)
    await on_mastodon.sandbox.advance(timedelta(days=2))
    with pytest.raises(OutcomeUnknown):
        await on_mastodon.platform.connector.make_live(job, job.prepared)
    seen = await on_mastodon.platform.connector.look_up(job, job.prepared)
    assert isinstance(seen, Absent)
    assert isinstance(seen.instead, TryLater)
    assert seen.instead.starts_over
    assert seen.changes == {"mediaIds": None, "keep_lost": 1, "isTaken": None}


async def test_a_text_whose_key_is_too_old_is_not_sent_again(on_mastodon: OnMastodon) -> None:
    """After the hour for which a server keeps a key, a text that is not listed has an unknown outcome."""
    job = await on_mastodon.job([])
    job.prepared = await on_mastodon.platform.connector.prepare(job)
    seen = await on_mastodon.platform.connector.look_up(job, job.prepared)
    assert isinstance(seen, Absent)
    assert seen.instead is None
    await job.sleep(KEY_LASTS)
    seen = await on_mastodon.platform.connector.look_up(job, job.prepared)
    assert isinstance(seen, Absent)
    assert isinstance(seen.instead, OutcomeUnknown)


async def test_limits_that_can_not_be_read_refuse_nothing(on_mastodon: OnMastodon) -> None:
    """While the server does not say what it accepts, a post waits."""
    await on_mastodon.fault("instance", "http_500", times=1)
    job = await on_mastodon.job([], caption="a" * 501)
    with pytest.raises(TryLater):
        await on_mastodon.platform.connector.prepare(job)
    with pytest.raises(Rejected, match="accepts 500"):
        await on_mastodon.platform.connector.prepare(job)
