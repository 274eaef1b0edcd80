"""The Python client refuses wrong arguments before it sends anything, and its errors pickle, copy and print completely."""

import asyncio
import base64
import copy
import hmac
import inspect
import io
import logging
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

import presswork_client
from generator.names import EXTRA_METHODS, METHODS, RESOURCES
from presswork_client import (
    APIConnectionError,
    ApiResponse,
    APIStatusError,
    AsyncPresswork,
    Content,
    InvalidArgumentError,
    InvalidResponseError,
    Model,
    Page,
    Presswork,
    PressworkError,
    Publication,
    RawResponse,
    Target,
    ValidationError,
    WaitTimeoutError,
    WebhookVerificationError,
    webhooks,
)
from presswork_client._generated.errors import BY_CODE

JPEG: Final = b"\xff\xd8\xff\xe0 not more than its first bytes"
MP4: Final = b"\x00\x00\x00\x18ftypmp42"
NOWHERE: Final = "http://127.0.0.1:1"
"""Nothing listens here: a call that was sent would raise APIConnectionError."""
RESPONSE: Final = ApiResponse(status_code=422, headers={"x-request-id": "req_1"}, content=b"<p>proxy</p>", attempts=2)
POST: Final = Target(social_account_id="sa_1", mode="publish")


@pytest.fixture
def presswork() -> Iterator[Presswork]:
    """A client of a server that is down."""
    with Presswork(api_key="lp_test_x", base_url=NOWHERE, max_retries=0) as client:
        yield client


def _exhausted() -> io.BytesIO:
    file = io.BytesIO(JPEG)
    file.read()
    return file


def _closed() -> io.BytesIO:
    file = io.BytesIO(JPEG)
    file.close()
    return file


class AsyncFile:
    """A file object whose `read` is a coroutine, as aiofiles has it."""

    async def read(self, _size: int = -1) -> bytes:
        """Return nothing useful."""
        return JPEG


SOURCES: Final[list[tuple[Any, str]]] = [
    ("no-such-file.jpg", "no-such-file.jpg does not exist in "),
    (Path("/no/such/file.jpg"), "/no/such/file.jpg does not exist. Check the path."),
    (".", ". is a folder. Pass the path of a file."),
    ("a\0b.jpg", "can't be read"),
    ("https://example.com/a.jpg", "https://example.com/a.jpg is a URL. Pass it to content.upload"),
    ([], "There are no files to upload. Pass one video, one picture, one PDF, 2–35 pictures, or"),
    ([JPEG] * 36, "There are 36 files. Pass one video, one picture, one PDF, 2–35 pictures, or"),
    ([("menu.pdf", b"%PDF-1.7"), JPEG], "menu.pdf is a PDF among 2 files. Upload a PDF alone."),
    ([("clip.mp4", MP4), *[JPEG] * 20], "There are 21 files with a video among them. Pass one video,"),
    (b"", "file-1.bin is empty. Pass a picture, a video or a PDF."),
    (b"text", "file-1.bin is not a picture, video or document that can be published."),
    (("notes.txt", b"text"), "notes.txt is not a picture, video or document that can be published."),
    (("a.jpg", Path("b.jpg"), 3), "File 3 is an int."),
    ([("a.jpg", "b.jpg")], "pairs a name with a path. Pass the path alone"),
    (("a.jpg", None), "a.jpg is None. Pass a path, bytes, a file object, or (name, bytes)."),
    (None, "The files are None. Pass a path, bytes, a file object, (name, bytes), or a list of these."),
    (7, "The files are an int."),
    ([JPEG, None], "File 2 is None."),
    (io.StringIO("text"), "File 1 is open for text. Open it for bytes: open(path, 'rb')."),
    (_exhausted(), "File 1 was read to its end. Call seek(0) before you upload it."),
    (_closed(), "File 1 can't be read: I/O operation on closed file"),
    (AsyncFile(), "File 1 returns a coroutine when it is read. Read it first, and pass the bytes."),
]


@pytest.mark.parametrize(("source", "message"), SOURCES, ids=[message for _, message in SOURCES])
async def test_a_wrong_file_is_refused(source: Any, message: str, presswork: Presswork, tmp_path: Path) -> None:
    """Both clients name the file and say what to do; nothing is sent."""
    awaiting = AsyncPresswork(api_key="lp_test_x", base_url=NOWHERE, max_retries=0)
    if isinstance(source, tuple) and len(source) == 3:
        (tmp_path / "b.jpg").write_bytes(JPEG)
        source = (tmp_path / "b.jpg", ("c.jpg", JPEG), 3)
    with pytest.raises(InvalidArgumentError) as refused:
        presswork.content.upload_files(source, project_id="prj_1", caption="")
    assert message in str(refused.value)
    with pytest.raises(InvalidArgumentError, match=r"."):
        await awaiting.content.upload_files(source, project_id="prj_1", caption="")
    await awaiting.close()


def _looped() -> dict[str, object]:
    found: dict[str, object] = {}
    found["self"] = found
    return found


CALLS: Final[dict[str, Callable[[Any], object]]] = {
    "api_key is an int": lambda _: Presswork(api_key=1),  # type: ignore[arg-type]  # the mistake to refuse
    "The API key is empty or has a space": lambda _: Presswork(api_key="lp_test a"),
    "base_url 'localhost:8000' is not the address": lambda p: p.with_options(base_url="localhost:8000"),
    "base_url 'http://' is not": lambda p: p.with_options(base_url="http://"),
    "base_url 'http://a:b' is not": lambda p: p.with_options(base_url="http://a:b"),
    "base_url is an int": lambda p: p.with_options(base_url=1),
    "http_client is a str. Pass an httpx2.Client.": lambda _: Presswork(api_key="k", http_client="x"),  # type: ignore[arg-type]  # the same
    "timeout_seconds is a str": lambda p: p.with_options(timeout_seconds="5"),
    "timeout_seconds is 0": lambda p: p.service.whoami(timeout_seconds=0),
    "timeout_seconds is nan": lambda p: p.service.whoami(timeout_seconds=float("nan")),
    "max_retries is -1": lambda p: p.service.whoami(max_retries=-1),
    "max_retries is True": lambda p: p.service.whoami(max_retries=True),
    "idempotency_key is 'a b'": lambda p: p.projects.create(name="a", timezone="UTC", idempotency_key="a b"),
    "idempotency_key is ''": lambda p: p.projects.create(name="a", timezone="UTC", idempotency_key=""),
    "idempotency_key is an int": lambda p: p.projects.create(name="a", timezone="UTC", idempotency_key=1),
    "idempotency_key is 'é'": lambda p: p.publishing.publish_files(JPEG, project_id="p", caption="", targets=[POST], idempotency_key="é"),
    "extra_headers is a list": lambda p: p.service.whoami(extra_headers=["a"]),
    "extra_headers['A'] is not a valid header": lambda p: p.service.whoami(extra_headers={"A": "b\r\nC: d"}),
    "extra_headers['a b'] is not": lambda p: p.service.whoami(extra_headers={"a b": "c"}),
    "post_id is empty": lambda p: p.publishing.get_post(post_id=""),
    "post_id is '.', which is no id": lambda p: p.publishing.get_post(post_id="."),
    "container_id is '..', which is no id": lambda p: p.content.get(container_id=".."),
    "post_id is None": lambda p: p.publishing.get_post(post_id=None),
    "container_id is a Model": lambda p: p.content.get(container_id=Model()),
    "container_id is not valid text": lambda p: p.content.get(container_id="\ud800"),
    "caption is not valid text": lambda p: p.content.update(container_id="c", caption="\ud800"),
    "targets[0] is a str. Pass an object": lambda p: p.publishing.publish_now(container_id="c", targets=["sa_1"]),
    "targets[0] is a Model": lambda p: p.publishing.publish_now(container_id="c", targets=[Model()]),
    "targets[0].mode is a bytes": lambda p: p.publishing.publish_now(container_id="c", targets=[{"mode": b"publish"}]),
    "targets[0].mode is an object": lambda p: p.publishing.publish_now(container_id="c", targets=[{"mode": object()}]),
    "targets[0].x is nan": lambda p: p.publishing.publish_now(container_id="c", targets=[{"x": float("nan")}]),
    "targets[0] has the field name 1": lambda p: p.publishing.publish_now(container_id="c", targets=[{1: 2}]),
    "targets[0] has socialAccountId twice": lambda p: p.publishing.publish_now(
        container_id="c", targets=[{"social_account_id": "a", "socialAccountId": "b"}]
    ),
    "An argument contains itself": lambda p: p.projects.create(name="a", timezone="UTC", metadata=_looped()),
    "scheduled_for is datetime.datetime(2030": lambda p: p.publishing.schedule(
        container_id="c", targets=[POST], scheduled_for=datetime(2030, 1, 1)  # noqa: DTZ001  the mistake
    ),
    "scheduled_for is a date. Pass a datetime": lambda p: p.publishing.schedule(
        container_id="c", targets=[POST], scheduled_for=date(2030, 1, 1)
    ),
    "since is a date": lambda p: p.publishing.list_posts(project_id="p", since=date(2030, 1, 1)),
    "post_ids is a str. Pass a list of ids": lambda p: p.publishing.wait_all("sp_1"),
    "post_ids is None": lambda p: p.publishing.wait_all(None),
    "post_ids[1] is None": lambda p: p.publishing.wait_all(["sp_1", None]),
    "post_ids[0] is empty": lambda p: p.publishing.wait(""),
    "timeout_seconds is -1": lambda p: p.publishing.wait("sp_1", timeout_seconds=-1),
    "There are no targets": lambda p: p.publishing.publish_files(JPEG, project_id="p", caption="", targets=[]),
    "There are no targets. Pass at least one": lambda p: p.publishing.publish_text("a", project_id="p", targets=[]),
    "link.url is a bytes": lambda p: p.publishing.publish_text("a", project_id="p", targets=[POST], link={"url": b"x"}),
    "targets is a dict. Pass a list": lambda p: p.publishing.publish_files(JPEG, project_id="p", caption="", targets=POST),
    "project_id is empty": lambda p: p.publishing.publish_files(JPEG, project_id="", caption="", targets=[POST]),
    "This is the last page": lambda _: Page(items=[], next_cursor=None, answer=Model(), _fetch=lambda _: None).next_page(),  # type: ignore[arg-type, return-value]  # the same
}  # fmt: skip


@pytest.mark.parametrize(("message", "call"), CALLS.items(), ids=CALLS.keys())
def test_a_wrong_argument_is_refused(message: str, call: Callable[[Presswork], object], presswork: Presswork) -> None:
    """The error is an InvalidArgumentError, which is a PressworkError and a ValueError; nothing is sent."""
    with pytest.raises(InvalidArgumentError) as refused:
        call(presswork)
    assert isinstance(refused.value, PressworkError)
    assert isinstance(refused.value, ValueError)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("body", "headers", "secret"),
    [
        ({"parsed": "json"}, {}, "whsec_AAAA"),
        (b"{}", None, "whsec_AAAA"),
        (b"{}", {"webhook-id": "m", "webhook-timestamp": "9" * 400, "webhook-signature": "v1,x"}, "whsec_AAAA"),
        (b"{}", {"webhook-id": "\udc80", "webhook-timestamp": "0", "webhook-signature": "v1,ü"}, "whsec_AAAA"),
        (b"{}", {"webhook-id": "m", "webhook-timestamp": "0", "webhook-signature": "v1,"}, None),
        (b"{}", {"webhook-id": "m", "webhook-timestamp": "0", "webhook-signature": "v1,"}, "whsec_"),
        (b"{}", {"webhook-id": "m", "webhook-timestamp": "0", "webhook-signature": "v1,"}, "whsec_é"),
        ("\ud800", {"webhook-id": "m", "webhook-timestamp": "0", "webhook-signature": "v1,"}, "whsec_AAAA"),
    ],
)
def test_no_request_makes_verify_fail_otherwise(body: Any, headers: Any, secret: Any) -> None:
    """Whatever a sender puts into a request, and whatever the secret is, verify raises its own error."""
    with pytest.raises(WebhookVerificationError):
        webhooks.verify(body, headers, secret, now_seconds=0)


@pytest.mark.parametrize("secret", ["", "whsec_", None])
def test_an_empty_secret_verifies_nothing(secret: Any) -> None:
    """Anyone can sign with an empty key, so a setting that is missing must not mean that every request is valid."""
    body = b'{"id": "evt_1", "type": "ping", "timestamp": "2026-11-27T08:00:00.000Z", "data": {}}'
    signature = base64.b64encode(hmac.digest(b"", b"m.0." + body, "sha256")).decode()
    headers = {"webhook-id": "m", "webhook-timestamp": "0", "webhook-signature": f"v1,{signature}"}
    with pytest.raises(WebhookVerificationError, match="The secret is not a signing secret"):
        webhooks.verify(body, headers, secret, now_seconds=0)


REPLIES: Final[list[tuple[httpx2.Response, type[PressworkError]]]] = [
    (httpx2.Response(200, content=b""), InvalidResponseError),
    (httpx2.Response(200, content=b"\xff"), InvalidResponseError),
    (httpx2.Response(200, json=[]), InvalidResponseError),
    (httpx2.Response(200, json={}), InvalidResponseError),
    (httpx2.Response(200, json={"items": {"a": 1}}), InvalidResponseError),
    (httpx2.Response(200, json={"items": [1]}), InvalidResponseError),
    (httpx2.Response(200, json={"items": [{"createdAt": "soon"}]}), InvalidResponseError),
    (httpx2.Response(200, content=b"[" * 100_000), InvalidResponseError),
    (httpx2.Response(302, headers={"Location": "/elsewhere"}), APIStatusError),
    (httpx2.Response(404, content=b"<html>Not here</html>"), APIStatusError),
    (httpx2.Response(422, json={"error": "text"}), APIStatusError),
    (
        httpx2.Response(422, json={"error": {"code": 1, "message": None, "details": [], "requestId": {}}}),
        APIStatusError,
    ),
    (httpx2.Response(422, json={"error": {"code": "VALIDATION", "details": {"issues": [1, {}]}}}), ValidationError),
    (httpx2.Response(429, headers={"Retry-After": "soon"}), APIStatusError),
]


@pytest.mark.parametrize(
    ("reply", "kind"), REPLIES, ids=[f"{reply.status_code}-{n}" for n, (reply, _) in enumerate(REPLIES)]
)
def test_whatever_a_server_replies_is_an_error_of_this_package(
    reply: httpx2.Response, kind: type[PressworkError]
) -> None:
    """A response of another program raises InvalidResponseError or APIStatusError, and both print."""
    with (
        httpx2.Client(transport=httpx2.MockTransport(lambda _: reply)) as http,
        pytest.raises(PressworkError) as refused,
    ):
        Presswork(api_key="lp_test_x", http_client=http, max_retries=1, sleep=lambda _: None).projects.list()
    assert type(refused.value) is kind
    assert str(refused.value)
    assert str(pickle.loads(pickle.dumps(refused.value))) == str(refused.value)  # noqa: S301  our own bytes


@pytest.mark.parametrize("header", ["soon", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"])
def test_a_retry_after_that_is_no_time_is_ignored(header: str) -> None:
    """The call is retried under its key, which its error has."""
    sent: list[str] = []

    def busy(request: httpx2.Request) -> httpx2.Response:
        sent.append(request.headers["Idempotency-Key"])
        return httpx2.Response(503, headers={"Retry-After": header})

    with httpx2.Client(transport=httpx2.MockTransport(busy)) as http, pytest.raises(APIStatusError) as refused:
        Presswork(api_key="lp_test_x", http_client=http, max_retries=1, sleep=lambda _: None).projects.create(name="a")
    assert sent == [refused.value.idempotency_key] * 2


def test_a_reply_that_can_not_be_decoded_is_an_error_of_this_package() -> None:
    """A body with a broken compression is no response."""
    sent: list[httpx2.Request] = []

    def broken(request: httpx2.Request) -> httpx2.Response:
        sent.append(request)
        return httpx2.Response(200, headers={"Content-Encoding": "gzip"}, content=b"not compressed")

    with (
        httpx2.Client(transport=httpx2.MockTransport(broken)) as http,
        pytest.raises(APIConnectionError, match="Decoding"),
    ):
        Presswork(api_key="lp_test_x", http_client=http, max_retries=1, sleep=lambda _: None).projects.list()
    assert len(sent) == 2


def test_an_unusable_environment_is_an_error_of_this_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy variable that is no URL, a missing key, and a closed client raise PressworkError."""
    monkeypatch.delenv("PRESSWORK_API_KEY", raising=False)
    with pytest.raises(PressworkError, match="There is no API key"):
        Presswork()
    closed = Presswork(api_key="lp_test_x")
    closed.close()
    with pytest.raises(PressworkError, match="can't be used"):
        closed.service.whoami()
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "gopher://proxy")
    with pytest.raises(PressworkError, match="HTTPS_PROXY"):
        Presswork(api_key="lp_test_x")


def test_a_client_of_another_event_loop_is_an_error_of_this_package() -> None:
    """An asyncio client that is closed says so."""

    async def use() -> None:
        awaiting = AsyncPresswork(api_key="lp_test_x", base_url=NOWHERE)
        await awaiting.close()
        with pytest.raises(PressworkError, match="belongs to one event loop"):
            await awaiting.service.whoami()

    asyncio.run(use())


def test_an_error_of_a_callback_stays_as_it_is(tmp_path: Path) -> None:
    """What `on_progress` raises is the caller's own, also a RuntimeError; it is not taken for one of the connection."""

    def failing(_: object) -> None:
        raise RuntimeError("out of paper")

    def serve(request: httpx2.Request) -> httpx2.Response:
        if request.method == "PUT":
            request.read()
        target = {"filename": "a.jpg", "uploadUrl": f"{NOWHERE}/u", "method": "PUT", "headers": {}}
        return httpx2.Response(201, json={"items": [{"containerId": "cnt_1", "files": [target]}]})

    (tmp_path / "a.jpg").write_bytes(JPEG)
    with httpx2.Client(transport=httpx2.MockTransport(serve)) as http:
        presswork = Presswork(api_key="lp_test_x", base_url=NOWHERE, http_client=http)
        with pytest.raises(RuntimeError, match="out of paper"):
            presswork.content.upload_files(tmp_path / "a.jpg", project_id="prj_1", caption="", on_progress=failing)


ERRORS: Final[list[tuple[PressworkError, str]]] = [
    (PressworkError("Wrong."), "Wrong."),
    (InvalidArgumentError("Wrong."), "Wrong."),
    (APIConnectionError("Lost."), "Lost."),
    (
        APIConnectionError("Lost.", idempotency_key="k"),
        "Lost. The call may have had its effect. To repeat it safely, pass idempotency_key='k'.",
    ),
    (InvalidResponseError("Odd.", response=RESPONSE), "Odd. The response begins with: <p>proxy</p>"),
    (WaitTimeoutError("Late.", pending_ids=["sp_1"]), "Late."),
    (WebhookVerificationError("Forged."), "Forged."),
    (
        ValidationError(
            "a: Too short. (1 more in details.issues)",
            code="VALIDATION",
            details={
                "issues": [
                    {"path": "a", "message": "Too short.", "code": "too_short"},
                    {"path": "b[0]", "message": "Unknown.", "code": "unknown_field"},
                ],
                "truncated": True,
            },
            response=RESPONSE,
        ),
        (
            "a: Too short. (422, VALIDATION, request req_1)\n"
            "  a: Too short. [too_short]\n"
            "  b[0]: Unknown. [unknown_field]\n"
            "  truncated: true"
        ),
    ),
    (
        APIStatusError("New.", code=None, details={"path": "files[0]", "left": {"a": 1}}, response=RESPONSE),
        'New. (422, request req_1)\n  path: files[0]\n  left: {"a": 1}',
    ),
]


@pytest.mark.parametrize(("error", "text"), ERRORS, ids=[text for _, text in ERRORS])
def test_errors_pickle_copy_and_print_completely(error: PressworkError, text: str) -> None:
    """A copy has the class, the text and every attribute of the original."""
    error.idempotency_key = error.idempotency_key or "k" if isinstance(error, APIStatusError) else error.idempotency_key
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):  # noqa: S301  our own bytes
        assert type(again) is type(error)
        assert (str(again), repr(again), again.args, vars(again)) == (text, repr(error), error.args, vars(error))
    assert type(error).__module__ == "presswork_client"


def test_the_log_setting(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """PRESSWORK_LOG sets the level and adds one handler; another value is reported and has no effect."""
    logger = logging.getLogger("presswork_client")
    before, handlers = logger.level, list(logger.handlers)
    try:
        monkeypatch.setenv("PRESSWORK_LOG", "verbose")
        Presswork(api_key="lp_test_x").close()
        assert "PRESSWORK_LOG is 'verbose', which has no effect. Use info or debug." in caplog.text
        assert logger.handlers == handlers
        monkeypatch.setenv("PRESSWORK_LOG", "DEBUG")
        Presswork(api_key="lp_test_x").with_options(max_retries=0).close()
        assert (logger.level, len(logger.handlers)) == (logging.DEBUG, len(handlers) + 1)
    finally:
        logger.setLevel(before)
        logger.handlers[:] = handlers


def _public(thing: object) -> set[str]:
    return {name for name in dir(thing) if not name.startswith("_")}


def test_the_public_surface_is_as_listed(presswork: Presswork) -> None:
    """Names without an underscore are for users: a new one is added here on purpose, and nothing internal is among them."""
    resources = set(RESOURCES)
    assert _public(presswork) == {*resources, "close", "with_options"}
    for resource in resources:
        methods = {
            name.partition(".")[2] for name in [*METHODS.values(), *EXTRA_METHODS] if name.startswith(f"{resource}.")
        }
        raw = set() if resource == "events" else {"with_raw_response"}
        assert _public(getattr(presswork, resource)) == {*methods, *raw}, resource
    assert _public(Model) == {"raw", "response"}
    assert _public(Content) - set(inspect.signature(Content).parameters) == set()
    assert _public(Page) == {"items", "next_cursor", "answer", "response", "has_next_page", "next_page", "pages"}
    assert _public(Publication) == {
        "content",
        "answer",
        "posts",
        "idempotency_key",
        "scheduled_post_ids",
        "warnings",
        "failed",
    }
    assert _public(RawResponse) - {"http", "parsed"} == {
        "status_code",
        "headers",
        "content",
        "request_id",
        "attempts",
        "is_replayed",
    }
    assert _public(PressworkError) - _public(Exception) == {"idempotency_key"}
    assert _public(APIStatusError) - _public(PressworkError) == {"status_code", "request_id", "issues"}
    errors = {name for name in vars(presswork_client.errors) if name.endswith("Error")}
    generated = {*presswork_client.models.__all__, *(kind.__name__ for kind in BY_CODE.values())}
    assert _public(presswork_client) - generated - errors == {
        "ApiResponse", "AsyncPage", "AsyncPages", "AsyncPresswork", "DEFAULT_BASE_URL", "FileSource", "InsightsFilters", "Model", "NOT_GIVEN", "NotGiven",
        "Page", "PostFilters", "Presswork", "Publication", "RawResponse", "StreamEvent", "StreamReset", "Target", "TargetParam", "UploadProgress", "UsagePeriod",
        "WebhookEvent",
        "choices", "errors", "models", "params", "webhooks",
    }  # fmt: skip


def test_the_package_loads_the_client_when_it_is_used() -> None:
    """Errors, choices and parameters come without the HTTP client and the objects; `import *` brings all, and no more."""
    code = """
import sys, presswork_client
from presswork_client import NOT_GIVEN, APIStatusError, Target, choices
print(sorted({"httpx2", "presswork_client.models"} & set(sys.modules)))
names = {}
exec("from presswork_client import *", names)
print(sorted({name for name in dir(presswork_client) if not name.startswith("_")} - set(names)))
print(names["Presswork"] is presswork_client._client.Presswork, hasattr(presswork_client, "Missing"))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "[]", "True False"]


def test_a_time_keeps_its_instant_and_a_name_its_meaning(presswork: Presswork) -> None:
    """An error of a call has the key that it was sent with, and datetimes in any zone are sent in UTC."""
    with pytest.raises(APIConnectionError) as lost:
        presswork.publishing.schedule(
            container_id="cnt_1", targets=[POST], scheduled_for=datetime.now(UTC), idempotency_key="mine"
        )
    assert lost.value.idempotency_key == "mine"
    assert f"POST /v1/content/cnt_1/schedule got no response from {NOWHERE} in 1 attempt (ConnectError" in str(
        lost.value
    )
    assert lost.value.__cause__ is not None
    assert lost.value.__cause__.__cause__ is None
