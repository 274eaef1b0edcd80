"""Posts on Bluesky against scripted servers: each is live once, or not at all, whatever response is lost."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from pydantic import JsonValue
from tests.contract.job import Note, decide, picture, slideshow
from tests.contract.on_bluesky import Died, DyingJob, fields_of, items_of
from tests.platforms.bluesky.conftest import World
from tests.platforms.bluesky.servers import CUT, CUT_AFTER, DID, HANDLE, HTML, OTHER_DID, Reply, error

from presswork.platforms.bluesky.repository import PUT
from presswork.platforms.errors import CredentialInvalid, FailureCode, OutcomeUnknown, PlatformError, Rejected, TryLater
from presswork.platforms.port import Absent, PostOptions, Present

_PUT = "com.atproto.repo.putRecord"
_GET = "com.atproto.repo.getRecord"
_UPLOAD = "com.atproto.repo.uploadBlob"
_POST = "app.bsky.feed.post"


def posts(world: World) -> list[dict[str, JsonValue]]:
    """Return the records of posts, oldest first."""
    return [
        dict(record)
        for (name, _), record in world.servers.records.items()
        if name == _POST and isinstance(record, dict)
    ]


async def test_a_picture_becomes_a_post(world: World) -> None:
    """The record has the text, its instant, the picture with its alternative text, and the links of the text."""
    world.servers.handles["sol.example.com"] = OTHER_DID
    job = await world.job(caption="Fresh #bread by @sol.example.com https://example.com/a. @missing.example.com")
    end = await world.drive(job)
    assert isinstance(end, Present)
    [record] = posts(world)
    [((_, rkey), _)] = world.servers.records.items()
    assert end.external_id == f"at://{DID}/{_POST}/{rkey}"
    assert end.external_url == f"https://bsky.app/profile/{HANDLE}/post/{rkey}"
    assert record["$type"] == _POST
    assert record["text"] == job.caption
    embed = fields_of(record["embed"])
    assert embed["$type"] == "app.bsky.embed.images"
    [image] = items_of(embed["images"])
    assert (image["alt"], image["aspectRatio"]) == ("", {"width": 640, "height": 640})
    assert fields_of(image["image"])["size"] == len(job.samples[0].body)
    features = [items_of(facet["features"])[0] for facet in items_of(record["facets"])]
    assert features == [
        {"$type": "app.bsky.richtext.facet#tag", "tag": "bread"},
        {"$type": "app.bsky.richtext.facet#mention", "did": OTHER_DID},
        {"$type": "app.bsky.richtext.facet#link", "uri": "https://example.com/a"},
    ]


@pytest.mark.parametrize(("count", "kind"), [(2, "images"), (4, "images"), (5, "gallery"), (10, "gallery")])
async def test_more_than_four_pictures_become_a_gallery(world: World, count: int, kind: str) -> None:
    """Up to four pictures are an ordinary embed, and up to ten a gallery with the pictures in order."""
    assert isinstance(await world.drive(await world.job(slideshow(count))), Present)
    [record] = posts(world)
    embed = fields_of(record["embed"])
    assert embed["$type"] == f"app.bsky.embed.{kind}"
    items = items_of(embed["images" if kind == "images" else "items"])
    sizes = [len(body) for body in world.servers.blobs]
    assert [fields_of(item["image"])["size"] for item in items] == sizes
    assert all(("$type" in item) == (kind == "gallery") for item in items)


@pytest.mark.parametrize(
    "lost", [CUT, CUT_AFTER, HTML, Reply(status=500, body={"error": "InternalServerError"}), Reply(status=504, body="")]
)
@pytest.mark.parametrize("times", [1, 3])
async def test_a_lost_response_never_makes_a_second_post(world: World, lost: Reply, times: int) -> None:
    """The response to putRecord is lost, before or after its effect: the key is looked up, and one post exists."""
    world.servers.script(_PUT, *[lost] * times)
    end = await world.drive(await world.job())
    assert isinstance(end, Present)
    assert len(posts(world)) == 1
    bodies = [call.json for call in world.servers.of(_PUT)]
    assert all(body == bodies[0] for body in bodies)
    assert bodies[0]["swapRecord"] is None


async def test_a_lost_call_counts_as_without_effect_only_after_a_while(world: World) -> None:
    """The lost call may still arrive, so "no such record" must last before the post can be canceled, fail or be written again."""
    job = await world.job()
    connector, retry_policy = world.platform.connector, world.platform.retry_policy
    job.prepared = await connector.prepare(job)
    job.live_call_at = called_at = job.now()
    world.servers.script(_PUT, CUT)
    with pytest.raises(OutcomeUnknown):
        await connector.make_live(job, job.prepared)
    assert isinstance(await decide(connector, job, retry_policy), Absent)
    assert job.now() - called_at >= retry_policy.republish_after


async def test_a_look_up_needs_no_access(world: World) -> None:
    """The owner withdrew the access after the call: the record is read without it, and the post is live."""
    job = await world.job()
    prepared = await world.platform.connector.prepare(job)
    await world.platform.connector.make_live(job, prepared)
    world.servers.expire()
    job.login = None
    assert isinstance(await world.platform.connector.look_up(job, prepared), Present)
    assert "Authorization" not in world.servers.of(_GET)[0].headers


@pytest.mark.parametrize("fault", [CUT, HTML, error(429, "RateLimitExceeded"), error(403, "Forbidden")])
async def test_a_look_up_that_fails_is_asked_again(world: World, fault: Reply) -> None:
    """A record that can't be read says nothing about the post."""
    job = await world.job()
    prepared = await world.platform.connector.prepare(job)
    world.servers.script(_GET, fault)
    with pytest.raises(PlatformError):
        await world.platform.connector.look_up(job, prepared)


async def test_an_account_that_moved_is_found(world: World) -> None:
    """The account is on another server when its post is looked up: the DID document names it."""
    job = await world.job()
    prepared = dict(await world.platform.connector.prepare(job))
    await world.platform.connector.make_live(job, prepared)
    prepared["pds"] = f"{world.servers.address}/former"
    world.servers.script(_GET, error(400, "RecordNotFound", "Could not locate record"))
    assert isinstance(await world.platform.connector.look_up(job, prepared), Present)


async def test_a_foreign_record_at_the_key_starts_over(world: World) -> None:
    """Another record has the post's key: it is never overwritten, and the post is published under another key."""
    job = await world.job()
    prepared = await world.platform.connector.prepare(job)
    foreign: JsonValue = {"$type": _POST, "text": "mine", "createdAt": "2020-01-01T00:00:00Z"}
    world.servers.records[_POST, str(prepared["rkey"])] = foreign
    job.prepared = prepared
    end = await world.drive(job)
    assert isinstance(end, Present)
    assert foreign in posts(world)
    assert len(posts(world)) == 2
    assert str(prepared["rkey"]) not in str(end.external_id)


async def test_lost_media_are_uploaded_again(world: World) -> None:
    """The server removed the picture before the post referred to it: the picture is uploaded again under the same key."""
    world.servers.script(_PUT, error(400, "BlobNotFound", "Could not find blob: bafkrei"))
    assert isinstance(await world.drive(await world.job()), Present)
    assert world.servers.count(_UPLOAD) == 2
    first, second = (call.json for call in world.servers.of(_PUT))
    assert first["rkey"] == second["rkey"]


async def test_media_that_are_lost_again_and_again_end_the_post(world: World) -> None:
    """A server that never keeps the media ends the post after three uploads, with the reason."""
    world.servers.script(_PUT, *[error(400, "BlobNotFound", "Could not find blob")] * 9)
    end = await world.drive(await world.job())
    assert isinstance(end, Rejected)
    assert end.failure is FailureCode.PLATFORM_UNAVAILABLE
    assert world.servers.count(_UPLOAD) == 3
    assert posts(world) == []


@pytest.mark.parametrize(
    ("refusal", "failure"),
    [
        (
            error(
                400,
                "InvalidRequest",
                "Invalid app.bsky.feed.post record: Record/text must not be longer than 300 graphemes",
            ),
            FailureCode.PLATFORM_REJECTED,
        ),
        (error(400, "InvalidMimeType", "no"), FailureCode.MEDIA_REJECTED),
        (error(403, "AccountTakedown", "no"), FailureCode.ACCOUNT_NOT_ELIGIBLE),
        (error(403, "AccountDeactivated", "no"), FailureCode.ACCOUNT_NOT_ELIGIBLE),
        (error(403, "InsufficientScope", "no"), FailureCode.CREDENTIAL_INVALID),
        (error(418, "Surprise", "no"), FailureCode.PLATFORM_REJECTED),
    ],
)
async def test_a_refusal_ends_the_post(world: World, refusal: Reply, failure: FailureCode) -> None:
    """A permanent refusal ends the post at once, with Bluesky's own words."""
    world.servers.script(_PUT, refusal)
    end = await world.drive(await world.job())
    assert isinstance(end, Rejected)
    assert end.failure is failure
    assert end.step == PUT
    assert posts(world) == []
    assert world.servers.count(_PUT) == 1


async def test_a_limit_is_waited_for(world: World) -> None:
    """A used-up limit makes the post wait until the instant in RateLimit-Reset, and then it is published."""
    job = await world.job()
    reset = int(world.clock.now().timestamp()) + 600
    world.servers.script(_PUT, error(429, "RateLimitExceeded", "Rate Limit Exceeded", RateLimit_Reset=str(reset)))
    assert isinstance(await world.drive(job), Present)
    assert world.clock.now().timestamp() >= reset


async def test_expired_access_is_renewed_once(world: World) -> None:
    """An access token that the server no longer accepts is refreshed, and the post is live."""
    job = await world.job()
    world.servers.expire()
    assert isinstance(await world.drive(job), Present)
    assert job.renewals == 1


async def test_withdrawn_access_ends_the_post(world: World) -> None:
    """The owner withdrew the access: the post fails as CREDENTIAL_INVALID, and nothing is published."""
    job = await world.job()
    world.servers.expire()
    world.servers.script("token", error(400, "invalid_grant"))
    end = await world.drive(job)
    assert isinstance(end, CredentialInvalid)
    assert posts(world) == []


async def test_another_nonce_is_used_at_once(world: World) -> None:
    """The server changed its nonce: the call is repeated with the new one within the same attempt."""
    job = await world.job()
    world.servers.nonce = "nonce-2"
    prepared = await world.platform.connector.prepare(job)
    world.servers.nonce = "nonce-3"
    assert isinstance(await world.platform.connector.make_live(job, prepared), Present)


@pytest.mark.parametrize("ahead", [timedelta(minutes=5), timedelta(minutes=-5)])
async def test_a_wrong_clock_costs_one_call(world: World, ahead: timedelta) -> None:
    """A proof that is refused for its time is sent again with the server's time, which later proofs have at once."""
    job = await world.job()
    world.servers.ahead = ahead
    assert isinstance(await world.drive(job), Present)
    assert [world.servers.count(name) for name in (_UPLOAD, _PUT)] == [2, 1]
    world.servers.expire()
    assert isinstance(await world.drive(await world.job()), Present)  # the time of assertions is right, too


async def test_a_server_with_another_date_than_its_clock(world: World) -> None:
    """A date that helps nothing is used once, and does not stay."""
    job = await world.job()
    untimely = error(401, "invalid_dpop_proof", '"iat" claim', Date="Sat, 28 Nov 2026 00:00:00 GMT")
    world.servers.script(_UPLOAD, untimely, untimely)
    assert isinstance(await world.drive(job), Present)
    assert world.servers.count(_UPLOAD) <= 4


async def test_a_wait_is_counted_by_the_servers_clock(world: World) -> None:
    """RateLimit-Reset is an instant of the server, whatever the time is here."""
    job = await world.job()
    world.servers.ahead = timedelta(hours=3)
    began = world.clock.now()
    reset = int(world.servers.now().timestamp()) + 600
    world.servers.script(_PUT, error(429, "RateLimitExceeded", "Rate Limit Exceeded", RateLimit_Reset=str(reset)))
    assert isinstance(await world.drive(job), Present)
    assert timedelta(minutes=9) < world.clock.now() - began < timedelta(minutes=20)


async def test_limits_on_replies_and_quotes_precede_the_post(world: World) -> None:
    """The records that limit replies and quotes have the post's key and are written before it."""
    options = PostOptions(
        {
            "blueskyPostSettings": {
                "replyControl": ["mentioned"],
                "quoteControl": "none",
                "languages": ["de"],
                "tags": ["brot"],
                "contentLabels": ["nudity"],
            }
        }
    )
    world.servers.script(_PUT, CUT_AFTER)
    job = await world.job(options=options)
    assert isinstance(await world.drive(job), Present)
    collections = list(dict.fromkeys(call.json["collection"] for call in world.servers.of(_PUT)))
    assert collections == ["app.bsky.feed.threadgate", "app.bsky.feed.postgate", _POST]
    [rkey] = {rkey for _, rkey in world.servers.records}
    gate = world.servers.records["app.bsky.feed.threadgate", rkey]
    assert isinstance(gate, dict)
    assert gate["post"] == f"at://{DID}/{_POST}/{rkey}"
    assert gate["allow"] == [{"$type": "app.bsky.feed.threadgate#mentionRule"}]
    [record] = posts(world)
    assert (record["langs"], record["tags"]) == (["de"], ["brot"])
    assert record["labels"] == {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "nudity"}]}


@pytest.mark.parametrize("faults", [(), (CUT,), (CUT_AFTER,), (CUT_AFTER, CUT, HTML)])
async def test_the_first_comment_is_one_reply(world: World, faults: Sequence[Reply]) -> None:
    """Whatever response is lost, the comment is one reply to the post, by its address and its content."""
    job = await world.job()
    live = await world.drive(job)
    assert isinstance(live, Present)
    assert live.external_id is not None
    world.servers.script(_PUT, *faults)
    external_id = live.external_id

    async def comment() -> None:
        await world.platform.connector.comment(job, external_id, "More at https://example.com", may_be_there=True)

    for _ in faults:
        with pytest.raises(OutcomeUnknown):
            await comment()
    await comment()
    reply = posts(world)[1]
    parent = {"uri": external_id, "cid": job.state["cid"]}
    assert reply["reply"] == {"root": parent, "parent": parent}
    assert len(posts(world)) == 2


@pytest.mark.parametrize("refusal", [error(400, "InvalidRequest", "no"), error(403, "AccountTakedown"), None])
@pytest.mark.parametrize("is_written", [True, False])
async def test_a_refusal_after_a_lost_comment_is_not_believed(
    world: World, refusal: Reply | None, *, is_written: bool
) -> None:
    """The comment's response was lost, and its repetition is refused or the access withdrawn: its record decides."""
    job = await world.job()
    live = await world.drive(job)
    assert isinstance(live, Present)
    assert live.external_id is not None
    world.servers.script(_PUT, CUT_AFTER if is_written else CUT)
    with pytest.raises(OutcomeUnknown):
        await world.platform.connector.comment(job, live.external_id, "First!", may_be_there=False)
    if refusal is None:
        world.servers.expire()
        job.login = None
    else:
        world.servers.script(_PUT, refusal)
    if is_written:
        world.servers.script(_GET, HTML)
        with pytest.raises(OutcomeUnknown):
            await world.platform.connector.comment(job, live.external_id, "First!", may_be_there=True)
        world.servers.script(_PUT, *([] if refusal is None else [refusal]))
        await world.platform.connector.comment(job, live.external_id, "First!", may_be_there=True)
    else:
        with pytest.raises((CredentialInvalid, Rejected)):
            await world.platform.connector.comment(job, live.external_id, "First!", may_be_there=True)
    assert len(posts(world)) == 1 + is_written


@pytest.mark.parametrize("operation", [_UPLOAD, "com.atproto.identity.resolveHandle"])
@pytest.mark.parametrize("fault", [CUT, HTML, error(503, "NotEnoughResources")])
async def test_faults_before_the_call_pass(world: World, operation: str, fault: Reply) -> None:
    """A fault while the post is prepared is retried, and pictures that the server has are not sent again."""
    job = await world.job(slideshow(2), caption="with @luna.example.com")
    world.servers.script(operation, fault, fault)
    assert isinstance(await world.drive(job), Present)
    assert len(world.servers.blobs) == 2


async def test_a_crash_at_any_save_leaves_one_post(world: World) -> None:
    """The process dies after each of the saves: what resumes publishes one post, and asks no picture twice."""
    for dies_after in range(1, 6):
        world.servers.records.clear()
        world.servers.blobs.clear()
        job = DyingJob.of(await world.job(slideshow(3)), saves=dies_after)
        try:
            end = await world.drive(job)
        except Died:
            end = await world.drive(job)
        assert isinstance(end, Present)
        assert len(posts(world)) == 1
        assert len(world.servers.blobs) == 3


async def test_notes_tell_no_secret(world: World) -> None:
    """No token, key or service token is in the timeline or in the state of a post."""
    job = await world.job([picture()])
    await world.drive(job)
    text = (
        repr([Note(note.event, note.message, note.detail) for note in job.notes]) + repr(job.saves) + repr(job.prepared)
    )
    for secret in ("access-", "refresh-", "service ", '"d"'):
        assert secret not in text


async def test_an_unreachable_server_is_tried_later(world: World) -> None:
    """A server that nothing listens at is a temporary error, and not a lost response: nothing was sent."""
    job = await world.job()
    prepared = dict(await world.platform.connector.prepare(job))
    stored = job.tokens.access_token.replace(f"{world.servers.address}/pds", "http://127.0.0.1:9/pds")
    job.tokens = type(job.tokens)(access_token=stored, issued_at=job.tokens.issued_at, expires_at=None)
    with pytest.raises(TryLater):
        await world.platform.connector.make_live(job, prepared)
