"""What is specific to Facebook Login: Pages, requested permissions, revoking the grant, and videos uploaded as bytes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import product
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import JsonValue
from tests.contract.faults import LOST, Call, Fault, assert_consistent, assert_explained, code, matrix
from tests.contract.job import MemoryJob, Sample, picture, retrying
from tests.contract.on_instagram import LASTING, PASSING, REDIRECT, OnInstagram

from presswork.media.specs import VideoSpec
from presswork.platforms.errors import CredentialInvalid, FailureCode, Rejected, TryLater
from presswork.platforms.port import Media, MediaFile, Mode, Present

LOGIN_CALLS = ("token", "exchange", "person", "permissions", "accounts")


async def uploads(bench: OnInstagram) -> list[dict[str, JsonValue]]:
    """Return the calls that uploaded bytes."""
    return [call for call in await bench.sandbox.requests("instagram", "upload") if call["method"] == "POST"]


# --- Connecting ---


async def test_login_returns_the_token_of_the_page(by_facebook: OnInstagram) -> None:
    """The code is exchanged for a Page's token without expiry, with the linked account's id, name and all permissions."""
    grant = await by_facebook.connect("brand")
    assert (grant.handle, grant.others, grant.tokens.expires_at) == ("brand", (), None)
    assert by_facebook.platform.required_scopes[Mode.PUBLISH] <= grant.scopes
    assert grant.grantor_id
    assert by_facebook.platform.login.refresh_due_at(grant.tokens) is None
    secrets = (grant.tokens.access_token, grant.tokens.refresh_token or "-")
    assert not any(secret in repr(grant) for secret in secrets)
    await by_facebook.clock.sleep(timedelta(days=90))
    assert isinstance(await by_facebook.drive(await by_facebook.job(picture(), grant=grant)), Present)


async def test_several_pages_are_all_offered(by_facebook: OnInstagram) -> None:
    """Every selected Page with a professional account is returned once, with its own token; each can be posted to."""
    await by_facebook.sandbox.account("instagram", "private", tier="personal")
    grant = await by_facebook.connect("luna,private,nova")
    grants = [grant, *grant.others]
    assert sorted(one.handle for one in grants) == ["luna", "nova"]
    assert len({one.tokens.access_token for one in grants}) == 2
    assert len({one.grantor_id for one in grants}) == 1
    for one in grants:
        assert isinstance(await by_facebook.drive(await by_facebook.job(picture(), grant=one)), Present)
        assert len(await by_facebook.live(one.handle)) == 1


async def test_more_pages_than_one_response_contains(by_facebook: OnInstagram, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are read to the end of the list."""
    monkeypatch.setattr("presswork.platforms.graph.login._PAGES_A_CALL", 2)
    grant = await by_facebook.connect("one,two,three,four,five")
    assert {grant.handle, *(other.handle for other in grant.others)} == {"one", "two", "three", "four", "five"}


async def test_a_login_without_a_professional_account_says_so(by_facebook: OnInstagram) -> None:
    """A personal account can't be published to; the message says what to do."""
    await by_facebook.sandbox.account("instagram", "private", tier="personal")
    with pytest.raises(Rejected, match="Link the account to a Page") as refused:
        await by_facebook.connect("private")
    assert refused.value.failure is FailureCode.ACCOUNT_NOT_ELIGIBLE


async def test_permissions_that_were_not_granted_are_missing(by_facebook: OnInstagram) -> None:
    """The grant has the permissions that Facebook returns, not those that were requested."""
    await by_facebook.sandbox.account("instagram", "brand", grantedScopes=by_facebook.without("comments"))
    scopes = (await by_facebook.connect("brand")).scopes
    assert by_facebook.platform.required_scopes[Mode.PUBLISH] <= scopes
    assert "instagram_manage_comments" not in scopes


async def test_login_code_works_once(by_facebook: OnInstagram) -> None:
    """A used code is refused with a message that says to start again; a trailing `#_=_` is ignored."""
    login = by_facebook.platform.login
    code = await by_facebook.sandbox.code(
        login.authorize_url(redirect_uri=REDIRECT, state="s", verifier="v"), account="brand"
    )
    await login.connect(code=f"{code}#_=_", redirect_uri=REDIRECT, verifier="v", now=by_facebook.clock.now())
    with pytest.raises(Rejected, match="Start connecting the account again"):
        await login.connect(code=code, redirect_uri=REDIRECT, verifier="v", now=by_facebook.clock.now())


def test_the_dialog_requests_every_permission(by_facebook: OnInstagram) -> None:
    """The URL contains the redirect URL, the state, and the permissions that publishing needs; no secret."""
    url = by_facebook.platform.login.authorize_url(redirect_uri=REDIRECT, state="st_1", verifier="v")
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert urlsplit(url).path.endswith("/v25.0/dialog/oauth")
    assert (query["redirect_uri"], query["state"], query["response_type"]) == (REDIRECT, "st_1", "code")
    asked = set(query["scope"].split(","))
    assert by_facebook.platform.required_scopes[Mode.PUBLISH] | by_facebook.platform.comment_scopes <= asked
    assert "app-secret" not in url


@pytest.mark.parametrize(("operation", "fault"), matrix(product(LOGIN_CALLS[1:], PASSING)), ids=str)
async def test_login_survives_a_temporary_fault(by_facebook: OnInstagram, operation: str, fault: Fault) -> None:
    """After the code exchange, whose code works once, every read is retried."""
    await by_facebook.fault(operation, fault.name, **fault.more(times=2))
    assert (await by_facebook.connect("brand")).handle == "brand"


@pytest.mark.parametrize(("operation", "fault"), matrix(product(LOGIN_CALLS, LOST)), ids=str)
async def test_login_without_a_response_can_be_tried_again(
    by_facebook: OnInstagram, operation: str, fault: Fault
) -> None:
    """A lasting outage is TryLater, not a refusal."""
    await by_facebook.fault(operation, fault.name, **fault.more(times=3))
    with pytest.raises(TryLater):
        await by_facebook.connect("brand")
    await by_facebook.sandbox.clear_faults()
    assert (await by_facebook.connect("brand")).handle == "brand"


@pytest.mark.parametrize(
    ("operation", "refusal"),
    matrix(product(LOGIN_CALLS, [code(190, 458), code(10), code(100), code(4711)])),
    ids=str,
)
async def test_login_that_is_refused_ends(by_facebook: OnInstagram, operation: str, refusal: Fault) -> None:
    """A permanent refusal at any step is Rejected, with the platform's code."""
    await by_facebook.fault(operation, refusal.name, **refusal.more(times=-1))
    with pytest.raises(Rejected) as refused:
        await by_facebook.connect("brand")
    assert refused.value.platform_code


async def test_page_tokens_are_not_refreshed(by_facebook: OnInstagram) -> None:
    """An invalid Page token needs a new login, and no call is made."""
    grant = await by_facebook.connect("brand")
    with pytest.raises(CredentialInvalid):
        await by_facebook.platform.login.refresh(grant.tokens, now=by_facebook.clock.now())


async def test_a_revoked_grant_is_invalid(by_facebook: OnInstagram) -> None:
    """Afterwards the Page's token is invalid; revoking it again is reported as an error."""
    grant = await by_facebook.connect("brand")
    await by_facebook.platform.login.revoke(grant.tokens)
    end = await by_facebook.drive(await by_facebook.job(picture(), grant=grant))
    assert isinstance(end, CredentialInvalid)
    assert await by_facebook.live() == []
    with pytest.raises(Rejected, match="business integrations"):
        await by_facebook.platform.login.revoke(grant.tokens)


async def test_grant_is_not_revoked_while_facebook_is_unavailable(by_facebook: OnInstagram) -> None:
    """That is TryLater, so that the log says what is left to do."""
    grant = await by_facebook.connect("brand")
    await by_facebook.fault("revoke", "http_500")
    with pytest.raises(TryLater):
        await by_facebook.platform.login.revoke(grant.tokens)


# --- Videos as bytes ---


async def test_a_video_is_sent_as_bytes(by_facebook: OnInstagram, sample_clip: Sample) -> None:
    """Instagram gets no URL of the video; it receives the file, byte for byte, sent once."""
    job = await by_facebook.job(sample_clip)
    end = await by_facebook.drive(job)
    assert isinstance(end, Present)
    [post] = await by_facebook.live()
    media = post["media"]
    assert isinstance(media, list)
    assert [item["sha256"] for item in media if isinstance(item, dict)] == [sample_clip.media.sha256]
    assert job.urls == []
    assert len(await uploads(by_facebook)) == 1
    assert [note.event for note in job.notes] == ["preparing", "preparing", "prepared"]


@pytest.mark.parametrize(
    ("operation", "fault"),
    matrix(product(["upload", "media", "container_status", "media_publish"], PASSING), publishing={"media_publish"}),
    ids=str,
)
async def test_temporary_fault_of_a_video_is_retried(
    by_facebook: OnInstagram, sample_clip: Sample, operation: str, fault: Fault
) -> None:
    """A temporary fault only costs time: exactly one reel is live, and no video is sent to two containers."""
    job = await by_facebook.job(sample_clip)
    await by_facebook.fault(operation, fault.name, **fault.more(times=1))
    end = await by_facebook.drive(job)
    assert isinstance(end, Present)
    assert_consistent(end, await by_facebook.live())
    assert_explained(end, job)
    assert len({str(call["path"]) for call in await uploads(by_facebook)}) == 1


@pytest.mark.parametrize("times", [1, -1])
@pytest.mark.parametrize(
    "fault",
    matrix([*PASSING, *(fault for fault in LASTING if fault.name != "token_expired")], at=Call.WRITE),
    ids=str,
)
async def test_a_fault_of_the_upload_has_a_true_outcome(
    by_facebook: OnInstagram, sample_clip: Sample, fault: Fault, times: int
) -> None:
    """Once or lasting: the outcome is true, and nothing is live except one reel of a post that counts as live."""
    job = await by_facebook.job(sample_clip, can_refresh=False)
    await by_facebook.fault("upload", fault.name, **fault.more(times=times))
    end = await by_facebook.drive(job)
    assert_consistent(end, await by_facebook.live())
    assert_explained(end, job)


async def test_lost_response_to_an_upload_sends_nothing_twice(by_facebook: OnInstagram, sample_clip: Sample) -> None:
    """All bytes arrive and the response is lost: the container is read, and the post continues with it."""
    job = await by_facebook.job(sample_clip)
    await by_facebook.fault("upload", "drop_after_effect")
    assert isinstance(await by_facebook.drive(job), Present)
    assert len(await uploads(by_facebook)) == 1
    assert len(await by_facebook.live()) == 1


@pytest.fixture
def breaks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of bytes after which the next uploads are interrupted, in order."""
    waiting: list[int] = []
    whole = MemoryJob.media_file

    @asynccontextmanager
    async def media_file(job: MemoryJob, media: Media, spec: VideoSpec | None) -> AsyncIterator[MediaFile]:
        async with whole(job, media, spec) as file:

            async def read(first: int, last: int) -> AsyncIterator[bytes]:
                left = waiting.pop(0) if waiting else None
                async for piece in file.reader(first, last):
                    if left is not None and len(piece) >= left:
                        yield piece[:left]
                        raise ConnectionResetError("the line broke")
                    yield piece
                    left = None if left is None else left - len(piece)

            yield replace(file, reader=read)

    monkeypatch.setattr(MemoryJob, "media_file", media_file)
    return waiting


async def interrupted(by_facebook: OnInstagram, sample_clip: Sample, breaks: list[int]) -> MemoryJob:
    """Return the job of a post whose upload broke off."""
    job = await by_facebook.job(sample_clip)
    breaks.append(40_000)
    with pytest.raises(TryLater):
        await by_facebook.platform.connector.prepare(job)
    return job


async def test_an_interrupted_upload_resumes_where_it_stopped(
    by_facebook: OnInstagram, sample_clip: Sample, breaks: list[int]
) -> None:
    """The connection breaks twice: each time the container is asked how much it has, and only the rest is sent."""
    job = await by_facebook.job(sample_clip)
    breaks += [30_000, 50_000]
    assert isinstance(await by_facebook.drive(job), Present)
    [post] = await by_facebook.live()
    media = post["media"]
    assert isinstance(media, list)
    assert [item["sha256"] for item in media if isinstance(item, dict)] == [sample_clip.media.sha256]
    calls = await uploads(by_facebook)
    assert len({str(call["path"]) for call in calls}) == 1
    assert len([note for note in job.notes if "resumes after" in note.message]) >= 2


async def test_time_of_an_upload_is_no_processing(
    by_facebook: OnInstagram, sample_clip: Sample, breaks: list[int]
) -> None:
    """An upload takes as long as the platform may process: the processing gets its whole time after it."""
    job = await interrupted(by_facebook, sample_clip, breaks)
    await job.sleep(by_facebook.retry_policy.processing_limit)
    assert isinstance(await by_facebook.drive(job), Present)
    assert len({str(call["path"]) for call in await uploads(by_facebook)}) == 1


async def test_another_worker_resumes_an_upload(
    by_facebook: OnInstagram, sample_clip: Sample, breaks: list[int]
) -> None:
    """The worker dies during the upload; the next one finds the container in the state and sends the rest to it."""
    connector, job = by_facebook.platform.connector, await interrupted(by_facebook, sample_clip, breaks)
    prepared = await retrying(job, lambda: connector.prepare(job))
    calls = await uploads(by_facebook)
    assert len({str(call["path"]) for call in calls}) == 1
    assert await connector.prepare(job) == prepared
    assert len(await uploads(by_facebook)) == len(calls)


async def test_a_file_that_changed_is_not_put_together_from_halves(
    by_facebook: OnInstagram, sample_clip: Sample, breaks: list[int]
) -> None:
    """A new conversion has other bytes: another container is created for it."""
    job = await interrupted(by_facebook, sample_clip, breaks)
    longer = replace(sample_clip, body=sample_clip.body + b"\0" * 8)
    job.samples = [replace(longer, media=replace(sample_clip.media, size_bytes=len(longer.body)))]
    job.convert = None
    end = await by_facebook.drive(job)
    assert isinstance(end, Present)
    assert len({str(call["path"]) for call in await uploads(by_facebook)}) == 2
    assert len(await by_facebook.live()) == 1


async def test_a_token_invalidated_before_an_upload_is_renewed(
    by_facebook: OnInstagram, sample_clip: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The upload host returns no reason; Graph does, and with another token the same container gets the bytes."""
    job = await by_facebook.job(sample_clip)
    good, note = job.tokens, MemoryJob.note_later

    def noted(job: MemoryJob, event: str, message: str, **detail: JsonValue) -> None:
        note(job, event, message, **detail)
        if job.renewals == 0:
            job.tokens, job.spare = replace(good, access_token="EAAdead"), good

    monkeypatch.setattr(MemoryJob, "note_later", noted)
    assert isinstance(await by_facebook.drive(job), Present)
    assert job.renewals == 1
    assert len({str(call["path"]) for call in await uploads(by_facebook)}) == 1
    assert len(await by_facebook.live()) == 1


async def test_a_video_that_is_never_accepted_fails_with_the_message(
    by_facebook: OnInstagram, sample_clip: Sample
) -> None:
    """After three containers the post fails as MEDIA_REJECTED, with the upload host's own message."""
    job = await by_facebook.job(sample_clip)
    await by_facebook.fault("upload", "platform_error", times=-1, value={"code": 100})
    end = await by_facebook.drive(job)
    assert isinstance(end, Rejected)
    assert (end.failure, end.step) == (FailureCode.MEDIA_REJECTED, "upload")
    assert "3 times" in end.message
    assert await by_facebook.live() == []


async def test_the_token_goes_to_the_configured_host_alone(by_facebook: OnInstagram, sample_clip: Sample) -> None:
    """Whatever URL a response contains, the bytes and the token are sent to the host in the settings."""
    job = await by_facebook.job(sample_clip)
    assert isinstance(await by_facebook.drive(job), Present)
    [call] = await uploads(by_facebook)
    assert call["host"] == "rupload.facebook.com"
