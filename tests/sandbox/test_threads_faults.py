"""Threads: every fault on every operation, and lost answers of the live call."""

from collections.abc import Awaitable, Callable

import httpx2
import pytest
from tests.sandbox.running_sandbox import RunningSandbox, picture
from tests.sandbox.threads_client import SCOPES, Threads, authorize, exchange, lengthen, login, refresh, refusal

Calls = dict[str, Callable[[], Awaitable[httpx2.Response]]]
DAY = 86_400


async def every_call(sandbox: RunningSandbox) -> Calls:
    """Return a call for each operation that succeeds once without a fault."""
    threads = await login(sandbox, scope=f"{SCOPES},threads_manage_insights")
    await sandbox.advance(DAY)
    code = await authorize(sandbox, "brand")
    short = (await exchange(sandbox, await authorize(sandbox, "brand"))).json()["access_token"]
    media_id = await threads.post(media_type="TEXT", text="Live")
    gone = await threads.post(media_type="TEXT", text="To delete")
    asked = (await sandbox.comment("threads", media_id))["id"]
    guarded = await threads.post(media_type="TEXT", text="Guarded", enable_reply_approvals="true")
    waiting = (await sandbox.comment("threads", guarded))["id"]
    container = await threads.container(media_type="TEXT", text="Next")
    await threads.finished(container)
    return {
        "token": lambda: exchange(sandbox, code),
        "exchange": lambda: lengthen(sandbox, short),
        "refresh": lambda: refresh(sandbox, threads.token),
        "me": lambda: threads.call("GET", "me"),
        "debug_token": lambda: threads.call("GET", "debug_token", {"input_token": short}),
        "threads": lambda: threads.create(media_type="TEXT", text="New"),
        "container_status": lambda: threads.call("GET", container, {"fields": "status,error_message"}),
        "threads_publish": lambda: threads.publish(container),
        "permalink": lambda: threads.call("GET", media_id, {"fields": "permalink"}),
        "threads_list": lambda: threads.call("GET", "me/threads"),
        "replies_list": lambda: threads.call("GET", f"{media_id}/replies"),
        "own_replies": lambda: threads.call("GET", "me/replies"),
        "conversation": lambda: threads.call("GET", f"{media_id}/conversation"),
        "manage_reply": lambda: threads.call("POST", f"{asked}/manage_reply", {"hide": "true"}),
        "pending_replies": lambda: threads.call("GET", f"{guarded}/pending_replies"),
        "manage_pending_reply": lambda: threads.call("POST", f"{waiting}/manage_pending_reply", {"approve": "true"}),
        "threads_publishing_limit": lambda: threads.read_limit("quota_usage"),
        "insights": lambda: threads.call("GET", f"{media_id}/insights", {"metric": "views"}),
        "user_insights": lambda: threads.call("GET", "me/threads_insights", {"metric": "views"}),
        "delete": lambda: threads.call("DELETE", gone),
    }


async def test_faults_before_the_effect(sandbox: RunningSandbox) -> None:
    """Errors by name, HTTP 500 and 502, and a cut connection: in the platform's envelope, and nothing happened."""
    calls = await every_call(sandbox)
    for operation, call in calls.items():
        await sandbox.fault("threads", operation, "platform_error", value={"code": 2, "message": "Outage"})
        answer = await call()
        assert (answer.status_code, answer.json()["error"]["message"]) == (400, "Outage"), operation
        await sandbox.fault(
            "threads", operation, "platform_error", value={"code": 4, "subcode": 2207051, "status": 403}
        )
        answer = await call()
        assert (answer.status_code, refusal(answer)) == (403, (4, 2207051)), operation
        await sandbox.fault("threads", operation, "http_500")
        answer = await call()
        assert (answer.status_code, answer.json()["error"]["code"]) == (500, 2), operation
        await sandbox.fault("threads", operation, "html_502")
        answer = await call()
        assert (answer.status_code, answer.headers["content-type"][:9]) == (502, "text/html"), operation
        await sandbox.fault("threads", operation, "drop_before_effect")
        with pytest.raises(httpx2.RemoteProtocolError):
            await call()
        await sandbox.fault("threads", operation, "latency", value={"ms": 1})
        assert (await call()).status_code == 200, operation
    journal = await sandbox.calls(platform="threads", handle="brand")
    assert {line["operation"] for line in journal if line["fault"] == "drop_before_effect"} == set(calls)
    assert await sandbox.items("faults") == []


async def test_malformed_answers(sandbox: RunningSandbox) -> None:
    """A truncated answer has had its effect."""
    for operation, call in (await every_call(sandbox)).items():
        await sandbox.fault("threads", operation, "malformed_json")
        answer = await call()
        assert answer.status_code == 200, operation
        with pytest.raises(ValueError, match=r"."):
            answer.json()


async def test_a_lost_answer_of_the_live_call(sandbox: RunningSandbox) -> None:
    """The post is live and the container says PUBLISHED, which proves it; a repetition makes no second post."""
    threads = await login(sandbox)
    for fault, more in (
        ("drop_after_effect", {}),
        ("http_500", {"value": {"afterEffect": True}}),
        ("platform_error", {"value": {"code": 4, "subcode": 2207051, "afterEffect": True}}),
    ):
        await sandbox.fault("threads", "threads_publish", fault, **more)
        container = await threads.container(media_type="TEXT", text=fault)
        await threads.finished(container)
        if fault == "drop_after_effect":
            with pytest.raises(httpx2.RemoteProtocolError):
                await threads.publish(container)
        else:
            assert (await threads.publish(container)).status_code >= 400
        assert (await threads.status(container))["status"] == "PUBLISHED"
        assert refusal(await threads.publish(container)) == (24, 4279009)
    texts = [one["text"] for one in (await threads.read("me/threads", "text"))["data"]]
    assert texts == ["platform_error", "http_500", "drop_after_effect"]


async def test_media_not_found_right_after_finished(sandbox: RunningSandbox) -> None:
    """24/4279009 as a fault has the words and the id of the real one, and leaves the container finished."""
    threads = await login(sandbox)
    container = await threads.container(media_type="TEXT", text="x")
    assert await threads.finished(container) == ["FINISHED"]
    await sandbox.fault("threads", "threads_publish", "platform_error", value={"code": 24, "subcode": 4279009})
    answer = await threads.publish(container)
    error = answer.json()["error"]
    assert (answer.status_code, error["message"]) == (400, "The requested resource does not exist")
    assert error["error_user_msg"] == f"The media with id {container} cannot be found."
    assert (await threads.status(container))["status"] == "FINISHED"
    assert (await threads.publish(container)).status_code == 200


async def test_known_errors_have_their_words(sandbox: RunningSandbox) -> None:
    """A fault without a message answers in the words that are known for its code and subcode."""
    threads = await login(sandbox)
    for value, words in (
        ({"code": 613, "subcode": 4279002}, "Calls to this api have exceeded the rate limit."),
        ({"code": 10, "subcode": 4279067}, "Application does not have permission for this action"),
        ({"code": -1, "subcode": 4279047}, "Fatal"),
        ({"code": 190, "subcode": 463}, "Error validating access token: Session has expired. Log in again."),
        ({"code": 1, "subcode": 4279013}, "(#1) The sandbox is set to return this error"),
    ):
        await sandbox.fault("threads", "me", "platform_error", value=value)
        assert (await threads.call("GET", "me")).json()["error"]["message"] == words
    await sandbox.fault("threads", "me", "platform_error", value={"code": 17, "regainMinutes": 7})
    usage = (await threads.call("GET", "me")).headers["x-business-use-case-usage"]
    assert '"estimated_time_to_regain_access":7' in usage


@pytest.mark.parametrize("operation", ["threads", "container_status"])
async def test_stuck_and_failed_processing(sandbox: RunningSandbox, operation: str) -> None:
    """A stuck container stays in progress until the fault is cleared; a failed one has the fault's error_message."""
    threads = await login(sandbox)
    image = {"media_type": "IMAGE", "image_url": sandbox.media.put("p.jpg", picture())}
    await sandbox.fault("threads", operation, "stuck_processing")
    container = await threads.container(**image)
    for _ in range(3):
        assert (await threads.status(container))["status"] == "IN_PROGRESS"
    await sandbox.advance(60)
    assert refusal(await threads.publish(container)) == (24, 4279009)
    free = await threads.container(**image)
    assert await threads.finished(free) == ["FINISHED"], "times counts containers"
    await sandbox.control("DELETE", "faults")
    assert await threads.finished(container) == ["FINISHED"]
    for value, message in (({}, "UNKNOWN"), ({"message": "FAILED_PROCESSING_AUDIO"}, "FAILED_PROCESSING_AUDIO")):
        await sandbox.fault("threads", operation, "media_error", value=value)
        failed = await threads.container(**image)
        for _ in range(2):
            state = await threads.status(failed)
            assert (state["status"], state["error_message"]) == ("ERROR", message)


async def test_an_expired_token(sandbox: RunningSandbox) -> None:
    """After token_expired the token is dead until it is refreshed, and on refresh it is dead for good."""
    threads = await login(sandbox)
    await sandbox.advance(DAY)
    await sandbox.fault("threads", "threads", "token_expired", handle="brand")
    assert refusal(await threads.create(media_type="TEXT", text="x")) == (190, 463)
    assert refusal(await threads.call("GET", "me")) == (190, 463)
    new = Threads(sandbox, (await refresh(sandbox, threads.token)).json()["access_token"])
    assert (await new.call("GET", "me")).status_code == 200
    await sandbox.advance(DAY)
    await sandbox.fault("threads", "refresh", "token_expired")
    assert refusal(await refresh(sandbox, new.token)) == (190, 463)
    assert refusal(await refresh(sandbox, new.token)) == (190, 463)


async def test_faults_of_other_operations_are_refused(sandbox: RunningSandbox) -> None:
    """Operations have the names of the endpoints, jobs are containers, and error codes are numbers."""
    for body in (
        {"operation": "media", "fault": "http_500"},
        {"operation": "threads_publish", "fault": "media_error"},
        {"operation": "token", "fault": "token_expired"},
        {"operation": "me", "fault": "platform_error", "value": {"code": "spam"}},
    ):
        assert (await sandbox.control("POST", "faults", {"platform": "threads", **body})).status_code == 400
