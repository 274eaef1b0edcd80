"""The tools over /mcp, through the client of the official SDK."""

import json
from datetime import timedelta

import pytest
from tests.agents.conftest import connected
from tests.api.wire import error, refusal
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.posts.conftest import ReadyProject

from presswork.agents.explain import explain
from presswork.agents.tools import tools_for
from presswork.callers.model import Tier

NAMES = {
    "whoami",
    "list_projects",
    "list_accounts",
    "upload_content",
    "preflight",
    "publish",
    "schedule",
    "list_posts",
    "explain_post",
    "post_results",
    "cancel_post",
    "take_down_post",
    "edit_live_post",
    "edit_post",
    "move_post",
    "list_comments",
    "reply",
    "approve",
    "reject",
}
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}
ACCEPT = {"Accept": "application/json, text/event-stream"}


async def test_agent_checks_publishes_once_and_explains(
    api: Api, ready_project: ReadyProject, clock: MovableClock
) -> None:
    """Tool list, whoami, preflight, publish, the same publish again, explain, cancel: as an agent does it."""
    targets = [{"socialAccountId": ready_project.instagram, "mode": "publish"}]
    async with connected(ready_project.client, f"{api.base_url}/mcp") as agent:
        assert {tool.name for tool in (await agent.client.list_tools()).tools} == NAMES
        assert (await agent.call("whoami"))["environment"] == "test"
        (account,) = (await agent.call("list_accounts", platform="instagram"))["items"]
        assert account["socialAccountId"] == ready_project.instagram
        assert len((await agent.call("list_projects"))["items"]) == 1
        checked = await agent.call("preflight", containerId=ready_project.image, targets=targets)
        assert (checked["ok"], await ready_project.posts()) == (True, 0)
        first = await agent.call("publish", containerId=ready_project.image, targets=targets)
        again = await agent.text("publish", containerId=ready_project.image, targets=targets)
        assert await ready_project.posts() == 1
        assert (first["replayed"], "nothing new was queued" in again) == (False, True)
        (post,) = first["scheduledPostIds"]
        more = await agent.call(
            "publish", containerId=ready_project.image, targets=targets, idempotencyKey="on-purpose"
        )
        assert (more["replayed"], await ready_project.posts()) == (False, 2)
        assert [one["id"] for one in (await agent.call("list_posts", status=["queued"], limit=1))["items"]] != []
        answer = await agent.call("explain_post", scheduledPostId=post)
        assert (answer["post"]["status"], answer["hasEnded"], answer["timeline"][0]["event"]) == (
            "queued",
            False,
            "queued",
        )
        assert "no worker has claimed it" in answer["explanation"]
        changes = {"captionOverride": "Open until noon", "reset": ["firstCommentOverride"], "revision": 1}
        changed = await agent.call("edit_post", scheduledPostId=post, **changes, options={"shareReelToFeed": None})
        assert (changed["captionOverride"], changed["revision"]) == ("Open until noon", 2)
        assert "stale_revision" in await agent.refusal("edit_post", scheduledPostId=post, **changes)
        assert (await agent.call("explain_post", scheduledPostId=post))["post"]["captionOverride"] == "Open until noon"
        at = (clock.now() + timedelta(days=1)).isoformat()
        assert post in await agent.text("move_post", scheduledPostId=post, scheduledFor=at)
        assert "no default queue" in await agent.refusal("move_post", scheduledPostId=post, queue="default")
        assert "canceled for good" in await agent.text("cancel_post", postId=post, reason="test")
        assert (await agent.call("explain_post", scheduledPostId=post))["hasEnded"]
        assert "CONFLICT" in await agent.refusal("cancel_post", scheduledPostId=post)


async def test_agent_takes_a_live_post_down(api: Api, ready_project: ReadyProject) -> None:
    """Where no call can do it, it learns what a person must do; what the platform can't change is refused with the reason."""
    targets = [{"socialAccountId": ready_project.instagram, "mode": "publish"}]
    async with connected(ready_project.client, f"{api.base_url}/mcp") as agent:
        made = await agent.call("publish", containerId=ready_project.image, targets=targets)
        (post,) = made["scheduledPostIds"]
        assert "CONFLICT" in await agent.refusal("take_down_post", scheduledPostId=post)
        await ready_project.change("scheduled_posts", post, status="published", external_id="1")
        assert "edit_not_supported" in await agent.refusal("edit_live_post", scheduledPostId=post, caption="New")
        assert "no call can delete it" in await agent.text("take_down_post", scheduledPostId=post, reason="Recalled")
        answer = await agent.call("explain_post", scheduledPostId=post)
        assert answer["nextStep"] == answer["post"]["liveAdvice"]
        await ready_project.change("scheduled_posts", post, live_status="gone", live_advice=None)
        assert "was deleted on its platform" in (await agent.call("explain_post", scheduledPostId=post))["explanation"]


def test_extras_of_a_live_post_are_explained() -> None:
    """What is pending is waited for; what failed is said, with the warning not to publish again."""
    done = {"kind": "thumbnail", "subject": None, "status": "done"}
    pending, failed = [{"kind": "caption", "subject": "de", "status": status} for status in ("pending", "failed")]
    steps = {}
    for extras in ([], [done], [done, pending], [pending, failed]):
        post = {"id": "sp_1", "platform": "youtube", "mode": "publish", "status": "published", "extras": extras}
        data = explain(post, {"items": []}).data
        steps[len(extras), "failed: caption de" in data["explanation"]] = data["nextStep"].split()[0]
    assert steps == {(0, False): "Nothing.", (1, False): "Nothing.", (2, False): "Wait", (2, True): "Do"}


async def test_agent_schedules_content_that_waits_and_approves_it(
    api: Api, ready_project: ReadyProject, clock: MovableClock
) -> None:
    """A schedule call for content that waits says so; approval queues the post, and reject is refused then."""
    await ready_project.change("content_containers", ready_project.image, approval_status="pending")
    targets = [{"socialAccountId": ready_project.instagram, "mode": "publish"}]
    at = (clock.now() + timedelta(days=1)).isoformat()
    async with connected(ready_project.client, f"{api.base_url}/mcp") as agent:
        waiting = await agent.text("schedule", containerId=ready_project.image, scheduledFor=at, targets=targets)
        assert "waits for approval" in waiting
        approved = await agent.call("approve", containerId=ready_project.image, note="Fine")
        (post,) = approved["pendingSchedulePromotion"]["scheduledPostIds"]
        answer = await agent.call("explain_post", scheduledPostId=post)
        assert "not due yet" in answer["explanation"]
        assert "CONFLICT" in await agent.refusal("reject", containerId=ready_project.image, reason="Too late")


async def test_refusals_say_what_a_right_call_is(api: Api, ready_project: ReadyProject) -> None:
    """Wrong arguments, an unknown tool, and what the API refuses come back as sentences, each with an example."""
    async with connected(ready_project.client, f"{api.base_url}/mcp") as agent:
        missing = await agent.refusal("publish", content_id="x")
        assert "content_id is not an argument of publish" in missing
        assert "containerId is required" in missing
        assert 'Example of a right call of publish: {"containerId": "cnt_' in missing
        assert "There is no tool delete_everything" in await agent.refusal("delete_everything")
        assert "is not an id" in await agent.refusal("approve", containerId="../../keys?x=")
        target = {"socialAccountId": ready_project.instagram, "mode": "publihs"}
        issue = await agent.refusal("publish", containerId=ready_project.image, targets=[target])
        assert "VALIDATION" in issue
        assert "targets[0].mode" in issue
        assert "presswork mcp" in await agent.refusal(
            "upload_content", projectId=ready_project.project, media=[{"path": "/etc/passwd"}], caption=""
        )


async def test_agent_creates_a_text_with_a_link(api: Api, ready_project: ReadyProject) -> None:
    """Without media the text or the link is the content; a page that can't be read is a warning, and so is said."""
    link = {"url": "https://bakery.invalid/menu", "title": "Spring menu"}
    async with connected(ready_project.client, f"{api.base_url}/mcp") as agent:
        made = await agent.call("upload_content", projectId=ready_project.project, caption="Six new loaves", link=link)
        assert (made["mediaType"], made["caption"], made["link"]["title"]) == ("text", "Six new loaves", "Spring menu")
        assert [one["code"] for one in made["warnings"]] == ["LINK_UNREADABLE"]
        text = await agent.text("upload_content", projectId=ready_project.project, caption="", link=link)
        assert "Warning, LINK_UNREADABLE: " in text
        both = {"link": link, "media": [{"url": "https://example.com/a.jpg"}]}
        for arguments, advice in (({}, "has neither media nor a link"), (both, "goes with a text alone")):
            refused = await agent.refusal("upload_content", projectId=ready_project.project, caption="", **arguments)
            assert advice in refused


async def test_read_only_key_cannot_write(api: Api, ready_project: ReadyProject) -> None:
    """A key that may only read lists and explains; publish, cancel and approve are refused with the missing scope."""
    reads = ("projects:read", "content:read", "publish:read", "social:read")
    client = await api.client(scopes=reads)
    targets = [{"socialAccountId": ready_project.instagram, "mode": "publish"}]
    async with connected(client, f"{api.base_url}/mcp") as agent:
        assert (await agent.call("preflight", containerId=ready_project.image, targets=targets))["ok"]
        refused = await agent.refusal("publish", containerId=ready_project.image, targets=targets)
        assert "FORBIDDEN_SCOPE" in refused
        assert "publish:write" in refused
        assert "content:approve" in await agent.refusal("approve", containerId=ready_project.image)
    assert await ready_project.posts() == 0


async def test_agent_publishes_a_thread(api: Api, ready_project: ReadyProject) -> None:
    """Parts are the content instead of a text and media; a refusal says what to do."""
    parts = [{"text": "Six new loaves"}, {"text": "Rye"}]
    async with connected(await api.client(), f"{api.base_url}/mcp") as agent:
        made = await agent.call("upload_content", projectId=ready_project.project, caption="", parts=parts)
        assert [part["text"] for part in made["parts"]] == ["Six new loaves", "Rye"]
        targets: list[dict[str, object]] = [{"socialAccountId": ready_project.instagram, "mode": "publish"}]
        for advice in ("Send `joinParts: true`", "content of the type text"):
            assert advice in await agent.text("preflight", containerId=made["id"], targets=targets)
            targets[0] |= {"joinParts": True}
        both = {"caption": "Menu", "parts": parts}
        assert "instead of text" in await agent.refusal("upload_content", projectId=ready_project.project, **both)


async def test_tool_list_is_small_and_complete(api: Api) -> None:
    """The list is below 10 kB as it is sent; each tool has an output schema and hints; writes say what they do."""
    client = await api.client()
    message = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
    answer = await client.post("/mcp", json=message, headers=ACCEPT)
    assert answer.status_code == 200, answer.text
    assert len(answer.content) < 10_000
    tools = {tool["name"]: tool for tool in answer.json()["result"]["tools"]}
    assert set(tools) == NAMES
    for name, tool in tools.items():
        assert tool["outputSchema"]["type"] == "object", name
        hints = tool["annotations"]
        reads = name.startswith(("list_", "explain", "post_results", "whoami", "preflight"))
        assert hints.get("readOnlyHint", False) is reads, name
        is_destructive = name.endswith("_post") and name != "explain_post"
        is_destructive |= name in {"publish", "schedule", "reply", "approve", "reject"}
        assert hints.get("destructiveHint") is (None if reads else is_destructive), name
        assert not is_destructive or tool["description"].split()[0].isupper(), name
    local = tools_for(has_local_files=True)
    assert "path" in json.dumps(local["upload_content"].input_schema)
    for tool in local.values():
        assert set(tool.example) <= set(tool.properties), tool.name
        assert set(tool.required) <= set(tool.example), tool.name


async def test_only_own_pages_and_callers_with_credentials_reach_mcp(api: Api) -> None:
    """No credentials: 401 that names the metadata, also with a cookie. Another site's page, stream or host: refused."""
    anonymous = await api.anonymous()
    url = f"{api.base_url}/.well-known/oauth-protected-resource/mcp"
    for method in ("POST", "GET"):
        answer = await anonymous.request(method, "/mcp", json=INITIALIZE)
        assert refusal(answer) == (401, "UNAUTHENTICATED")
        assert answer.headers["www-authenticate"] == f'Bearer resource_metadata="{url}"'
    assert (await anonymous.get(url)).json()["resource"] == f"{api.base_url}/mcp"
    wrong = await anonymous.post("/mcp", json=INITIALIZE, headers={"Authorization": "Bearer lpo_access_" + "a" * 43})
    assert refusal(wrong) == (401, "UNAUTHENTICATED")
    client = await api.client()
    foreign = await client.post("/mcp", json=INITIALIZE, headers={**ACCEPT, "Origin": "https://evil.example"})
    assert refusal(foreign) == (403, "FORBIDDEN_ORIGIN")
    rebound = await client.post("/mcp", json=INITIALIZE, headers={**ACCEPT, "Host": "evil.example"})
    assert error(rebound)["details"]["reason"] == "host_not_allowed"
    assert refusal(await client.get("/mcp")) == (405, "METHOD_NOT_ALLOWED")
    large = await client.post("/mcp", content=b" " * 1_100_000, headers={"Content-Type": "application/json"})
    assert refusal(large) == (413, "PAYLOAD_TOO_LARGE")
    assert (await client.post("/mcp", json=INITIALIZE, headers=ACCEPT)).json()["result"]["serverInfo"][
        "name"
    ] == "presswork"


async def test_each_message_counts_as_a_read(api: Api) -> None:
    """Messages that run no tool are limited, too; a tool's calls of the API count beside its message."""
    client = await api.client(tier=Tier.STANDARD)
    listed = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    called = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "whoami", "arguments": {}}}
    left = []
    for message in (listed, called, listed):
        answer = await client.post("/mcp", json=message, headers=ACCEPT)
        assert answer.status_code == 200, answer.text
        left.append(int(answer.headers["ratelimit-remaining"]))
    assert left == [119, 118, 116]
    await api.context.pool.execute("UPDATE rate_windows SET calls = 120")
    for method in ("POST", "GET"):
        over = await client.request(method, "/mcp", json=listed, headers=ACCEPT)
        assert (refusal(over), over.headers["retry-after"]) == ((429, "RATE_LIMITED"), "60")


@pytest.mark.parametrize(
    ("status", "more", "says", "advises"),
    [
        ("published", {"publishedAt": "2026-11-27T10:00:00Z", "externalUrl": "https://x/1"}, "https://x/1", "done"),
        ("published", {"externalUrl": "https://x/1", "sandboxUrl": "http://a/sandbox/x/1"}, "http://a/sandbox/x/1", "done"),
        ("draft", {}, "nothing is public", "creator"),
        ("failed", {"lastError": {"code": "OUTCOME_UNKNOWN", "step": "look_up", "message": "Lost."}}, "Lost.", "may be live"),
        ("failed", {"lastError": {"code": "MEDIA_REJECTED", "step": "media", "message": "Codec."}}, "Codec.", "Nothing is live"),
        ("publishing", {}, "right now", "Don't publish it a second time"),
    ],
)  # fmt: skip
def test_explanations(status: str, more: dict[str, object], says: str, advises: str) -> None:
    """Each state is explained with its reason and the next step."""
    post = {"id": "sp_1", "platform": "instagram", "mode": "publish", "status": status, "scheduledFor": "x", **more}
    result = explain(post, {"items": [], "waiting": None})
    assert says in result.data["explanation"]
    assert advises in result.data["nextStep"]
