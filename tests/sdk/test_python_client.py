"""The Python client against a real server: files of every kind, waiting, snake_case, options, raw responses and the log."""

import hashlib
import io
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import IO, Any, Final

import httpx2
import pytest
from tests.sdk.lossy_proxy import CONTROL

from presswork_client import (
    APIConnectionError,
    AsyncPresswork,
    Presswork,
    PressworkError,
    Target,
    UnauthenticatedError,
    UploadProgress,
    ValidationError,
    WaitTimeoutError,
    models,
    params,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def presswork(names: Mapping[str, str]) -> Iterator[Presswork]:
    """A client of the server, without the proxy."""
    with Presswork(api_key=names["apiKey"], base_url=names["directUrl"]) as client:
        yield client


@pytest.fixture
async def awaiting(names: Mapping[str, str]) -> AsyncIterator[AsyncPresswork]:
    """The asyncio client of the same server."""
    async with AsyncPresswork(api_key=names["apiKey"], base_url=names["directUrl"]) as client:
        yield client


@pytest.fixture(scope="module")
def picture(names: Mapping[str, str]) -> bytes:
    """The bytes of the picture."""
    return Path(names["picture"]).read_bytes()


@pytest.fixture(scope="module")
def content(presswork: Presswork, names: Mapping[str, str]) -> models.Content:
    """A picture that is ready to be published."""
    return presswork.content.upload_files(names["picture"], project_id=names["project"], caption="ready")


class Pipe(io.RawIOBase):
    """A file object without a position, such as a pipe."""

    def __init__(self, data: bytes) -> None:
        """Create a pipe with this content."""
        self._left = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._left.readinto(buffer)


class Upload(io.BytesIO):
    """An upload as Flask has it: `name` is the field of the form."""

    name = "file"
    filename = "from-flask.jpg"


def _skipped(data: bytes) -> IO[bytes]:
    file = io.BytesIO(b"header" + data)
    file.seek(6)
    return file


KINDS: Final[dict[str, Callable[[Path, bytes], Any]]] = {
    "picture-1.jpg": lambda path, _: str(path),
    "picture-1.jpg ": lambda path, _: path,
    "picture-1.jpg  ": lambda path, _: [path],
    "picture-1.jpg   ": lambda path, _: path.open("rb"),
    "file-1.jpg": lambda _, data: data,
    "file-1.jpg ": lambda _, data: memoryview(data),
    "file-1.jpg  ": lambda _, data: io.BytesIO(data),
    "file-1.jpg   ": lambda _, data: Pipe(data),
    "file-1.jpg    ": lambda _, data: _skipped(data),
    "named.jpg": lambda _, data: ("named.jpg", data),
    "named.jpg ": lambda path, _: ("named.jpg", path.open("rb")),
    "no-extension": lambda _, data: ("no-extension", io.BytesIO(data)),
    "from-flask.jpg": lambda _, data: Upload(data),
    "a.jpg file-2.jpg picture-1.jpg": lambda path, data: (source for source in [("a.jpg", data), data, path]),
    "picture-1.jpg picture-1.jpg": lambda path, _: (path, str(path)),
}
"""Sources by the names that their files get."""


@pytest.mark.parametrize(("expected", "source"), KINDS.items(), ids=KINDS.keys())
async def test_every_kind_of_file_is_uploaded(
    expected: str,
    source: Callable[[Path, bytes], Any],
    presswork: Presswork,
    awaiting: AsyncPresswork,
    names: Mapping[str, str],
    picture: bytes,
) -> None:
    """Both clients upload it with all its bytes, under its name, and report progress up to the total."""
    for client in (presswork, awaiting):
        progress: list[UploadProgress] = []
        with closing(_Sources(source(Path(names["picture"]), picture))) as sources:
            uploaded: Any = client.content.upload_files(
                sources.given, project_id=names["project"], caption="", on_progress=progress.append
            )
            if isinstance(client, AsyncPresswork):
                uploaded = await uploaded
        assert [item.filename for item in uploaded.media] == expected.split()
        assert {item.size_bytes for item in uploaded.media} == {len(picture)}
        assert progress[-1].filename == uploaded.media[-1].filename
        assert progress[-1].sent_bytes == progress[-1].total_bytes == len(picture) * len(uploaded.media)


class _Sources:
    """What is uploaded; closes an open file of it."""

    def __init__(self, given: Any) -> None:
        self.given = given

    def close(self) -> None:
        for one in self.given if isinstance(self.given, tuple) else [self.given]:
            if isinstance(one, io.IOBase):
                one.close()


def test_a_file_that_changes_while_it_is_sent_is_an_error_of_this_package(
    presswork: Presswork, names: Mapping[str, str], picture: bytes
) -> None:
    """A file that has become shorter since it was declared is reported by name."""

    class Shrinking(io.BytesIO):
        def seek(self, offset: int, whence: int = 0) -> int:
            found = super().seek(offset, whence)
            if whence == io.SEEK_END:
                self.truncate(100)
            return found

    with pytest.raises(PressworkError, match=r"shrinks\.jpg changed while it was uploaded") as raised:
        presswork.content.upload_files(("shrinks.jpg", Shrinking(picture)), project_id=names["project"], caption="")
    assert type(raised.value) is PressworkError


class ThroughProxy(httpx2.HTTPTransport):
    """Sends every request to the lossy proxy, also those to signed URLs, which name the server itself."""

    def __init__(self, proxy: str) -> None:
        """Create a transport to a proxy."""
        super().__init__()
        self._proxy = httpx2.URL(proxy)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        request.url = request.url.copy_with(host=self._proxy.host, port=self._proxy.port)
        return super().handle_request(request)


def test_a_retried_upload_sends_the_file_from_its_beginning(
    names: Mapping[str, str], picture: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """The reply to the first PUT is lost; the file object is read again, and the log says so without a secret."""
    caplog.set_level(logging.DEBUG, logger="presswork_client")
    with httpx2.Client(transport=ThroughProxy(names["baseUrl"])) as http:
        httpx2.post(f"{names['baseUrl']}{CONTROL}", json={"kind": "cut_after", "skip": 1}, trust_env=False)
        lossy = Presswork(api_key=names["apiKey"], base_url=names["baseUrl"], http_client=http, sleep=lambda _: None)
        uploaded = lossy.content.upload_files(
            ("again.jpg", io.BytesIO(picture)), project_id=names["project"], caption=""
        )
    assert uploaded.media[0].sha256 == hashlib.sha256(picture).hexdigest()
    lines = [record.getMessage() for record in caplog.records if record.name == "presswork_client"]
    assert [line.split()[:3] for line in lines] == [
        ["POST", f"/v1/projects/{names['project']}/content/uploads", "201"],
        ["PUT", "again.jpg", "no"],
        ["PUT", "again.jpg", "retry"],
        ["PUT", "again.jpg", "204"],
        ["POST", lines[4].split()[1], "200"],
    ]
    assert " attempt 2" in lines[3]
    assert all(" ms req_" in line for line in (lines[0], lines[3], lines[4]))
    assert names["apiKey"] not in caplog.text
    assert "signature=" not in caplog.text


@pytest.mark.parametrize("lost", ["open", "put", "finalize"])
async def test_an_upload_that_fails_is_repeated_with_the_key_of_its_error(lost: str, names: Mapping[str, str]) -> None:
    """Whichever call gets no response: it was sent under the key of the error, and so is the repetition, in both clients."""
    calls: list[str | None] = []

    def send(request: httpx2.Request) -> None:
        calls.append(request.headers.get("Idempotency-Key"))
        if len(calls) == 1 + ["open", "put", "finalize"].index(lost):
            raise httpx2.ConnectError("lost", request=request)

    async def send_too(request: httpx2.Request) -> None:
        send(request)

    server: Any = {"api_key": names["apiKey"], "base_url": names["directUrl"], "max_retries": 0}
    upload: Any = {"files": names["picture"], "project_id": names["project"], "caption": ""}
    with httpx2.Client(event_hooks={"request": [send]}) as http:
        client = Presswork(http_client=http, **server)
        with pytest.raises(APIConnectionError) as raised:
            client.content.upload_files(**upload)
        key = raised.value.idempotency_key
        assert client.content.upload_files(**upload, idempotency_key=key).status == "completed"
    assert {call for call in calls if call} == {key}
    calls.clear()
    async with httpx2.AsyncClient(event_hooks={"request": [send_too]}) as async_http:
        async_client = AsyncPresswork(http_client=async_http, **server)
        with pytest.raises(APIConnectionError) as raised:
            await async_client.content.upload_files(**upload)
        key = raised.value.idempotency_key
        assert (await async_client.content.upload_files(**upload, idempotency_key=key)).status == "completed"
    assert {call for call in calls if call} == {key}


def test_waiting_for_posts_of_one_container_reads_them_together(
    content: models.Content, names: Mapping[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """Four posts cost two calls in the first round and one in each later round, not four."""
    pauses: list[float] = []
    waiting = threading.Event()

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        waiting.wait(seconds)

    with Presswork(api_key=names["apiKey"], base_url=names["directUrl"], sleep=sleep) as presswork:
        targets = [Target(social_account_id=names["instagram"], mode="publish") for _ in range(4)]
        answer = presswork.publishing.publish_now(container_id=content.id, targets=targets)
        caplog.set_level(logging.INFO, logger="presswork_client")
        changes: list[str] = []
        posts = presswork.publishing.wait_all(
            answer.scheduled_post_ids, on_change=lambda post: changes.append(post.status)
        )
    assert [post.id for post in posts] == answer.scheduled_post_ids
    assert {post.status for post in posts} == {"published"}
    assert changes.count("published") == len(posts)
    reads = [record.getMessage().split()[1] for record in caplog.records if record.name == "presswork_client"]
    assert len(reads) == len(pauses) + 2, reads


async def test_a_wait_that_takes_too_long_says_what_is_pending(
    presswork: Presswork, awaiting: AsyncPresswork, content: models.Content, names: Mapping[str, str]
) -> None:
    """The error has the ids that are not finished and the posts as they were read last, in both clients."""
    target = Target(social_account_id=names["instagram"], mode="publish")
    answer = presswork.publishing.schedule(
        container_id=content.id, targets=[target, target], scheduled_for=content.created_at + timedelta(days=1)
    )
    pending = r"\(queued\), sp_.* are not finished after 0\.1 seconds"
    with pytest.raises(WaitTimeoutError, match=pending) as late:
        presswork.publishing.wait_all(answer.scheduled_post_ids, timeout_seconds=0.1)
    with pytest.raises(WaitTimeoutError, match=pending) as late_too:
        await awaiting.publishing.wait_all(answer.scheduled_post_ids, timeout_seconds=0.1)
    for error in (late.value, late_too.value):
        assert error.pending_ids == answer.scheduled_post_ids
        assert [post.status for post in error.posts] == ["queued", "queued"]


async def test_targets_have_the_names_of_python_or_of_the_api(
    presswork: Presswork, awaiting: AsyncPresswork, content: models.Content, names: Mapping[str, str]
) -> None:
    """Both spellings are accepted at any depth, also in one call, and a read post has those of Python."""
    mine: Target = {
        "social_account_id": names["tiktok"],
        "mode": "publish",
        "caption_override": "snake",
        "tiktok_post_settings": {"privacy_level": "SELF_ONLY", "disable_comment": True},
        "tiktok_music": {"mode": "auto"},
    }
    theirs: params.TargetParam = {
        "socialAccountId": names["tiktok"],
        "mode": "publish",
        "captionOverride": "camel",
        "tiktokPostSettings": {"privacyLevel": "SELF_ONLY", "disableComment": True},
        "tiktokMusic": {"mode": "auto"},
    }
    answer = presswork.publishing.publish_now(container_id=content.id, targets=(one for one in (mine, theirs)))
    posts = await awaiting.publishing.wait_all(answer.scheduled_post_ids)
    assert [post.caption_override for post in posts] == ["snake", "camel"]
    for post in posts:
        assert post.tiktok_post_settings is not None
        assert (post.tiktok_post_settings.privacy_level, post.tiktok_post_settings.disable_comment) == (
            "SELF_ONLY",
            True,
        )
    assert "social_account_id=" in repr(posts[0])
    assert "socialAccountId" not in repr(posts[0])


def test_names_in_free_data_stay_as_they_are(presswork: Presswork) -> None:
    """Only the API's own fields are translated: the keys of metadata are the caller's."""
    project = presswork.projects.create(name="m", timezone="UTC", metadata={"social_account_id": "x", "aB": {"c_d": 1}})
    assert project.metadata == {"social_account_id": "x", "aB": {"c_d": 1}}


def test_a_misspelt_field_is_refused_by_name(
    presswork: Presswork, content: models.Content, names: Mapping[str, str]
) -> None:
    """A key that the API does not have is sent as it is, so that the refusal names it; every issue is printed."""
    wrong: Any = {"social_acount_id": names["tiktok"], "mode": "publish"}
    with pytest.raises(ValidationError) as refused:
        presswork.publishing.publish_now(container_id=content.id, targets=[wrong])
    assert {issue["path"] for issue in refused.value.issues} == {
        "targets[0].socialAccountId",
        "targets[0].social_acount_id",
    }
    assert all(str(issue["path"]) in str(refused.value) for issue in refused.value.issues)
    assert str(refused.value.request_id) in str(refused.value)


async def test_options_change_a_copy_on_the_same_connections(
    presswork: Presswork, awaiting: AsyncPresswork, names: Mapping[str, str]
) -> None:
    """A copy has its own key and shares the pool; closing it leaves the first client open."""
    with presswork.with_options(api_key="lp_test_wrong", max_retries=0) as copied:
        assert copied._transport.http is presswork._transport.http
        with pytest.raises(UnauthenticatedError):
            copied.service.whoami()
    assert presswork.service.whoami().environment == "test"
    narrow = presswork.with_options(api_key=names["narrowKey"], timeout_seconds=None, base_url=f"{names['baseUrl']}/")
    assert narrow.service.whoami().scopes == ["content:read"]
    async with awaiting.with_options(api_key="lp_test_wrong") as copied_too:
        assert copied_too._transport.http is awaiting._transport.http
        with pytest.raises(UnauthenticatedError):
            await copied_too.service.whoami()
    assert (await awaiting.service.whoami()).environment == "test"


async def test_raw_responses_have_status_headers_and_the_result(
    presswork: Presswork, awaiting: AsyncPresswork, names: Mapping[str, str]
) -> None:
    """Calls and lists, blocking and for asyncio, return the HTTP response with what they return otherwise."""
    called = presswork.projects.with_raw_response.create(name="raw", timezone="UTC")
    assert (called.status_code, called.parsed.name, called.attempts, called.is_replayed) == (201, "raw", 1, False)
    assert called.headers["x-request-id"] == called.request_id
    assert called.content.startswith(b"{")
    listed = await awaiting.projects.with_raw_response.list(limit=1)
    assert (listed.status_code, len(listed.parsed.items)) == (200, 1)
    read = await awaiting.projects.with_raw_response.get(project_id=names["project"])
    assert (read.status_code, read.parsed.id) == (200, names["project"])
    with pytest.raises(UnauthenticatedError):
        presswork.with_options(api_key="lp_test_wrong").service.with_raw_response.whoami()


def test_a_login_state_is_not_logged(
    presswork: Presswork, names: Mapping[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """Who knows the state of a login can follow it, so the log has its place only."""
    login = presswork.social_accounts.create_oauth_url(
        project_id=names["project"], platform="tiktok", return_url="http://localhost/back"
    )
    caplog.set_level(logging.DEBUG, logger="presswork_client")
    presswork.social_accounts.get_oauth_status(state=login.state)
    assert "GET /v1/social/oauth-status/{state} 200" in caplog.text
    assert login.state not in caplog.text
