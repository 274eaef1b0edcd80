"""Steps of approval: who decides them, what each approval changes, and the reminders while content waits."""

import asyncio
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from tests.api.wire import error, issues, refusal
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.databases import until_waiting
from tests.links.review_flow import ReviewFlow
from tests.people.people import People, user_id_of
from tests.posts.conftest import ReadyProject, bare
from tests.posts.test_schedule import schedule, to

from presswork.content.reminders import remind
from presswork.core.ids import public_id
from presswork.core.timestamps import write_instant

Json = dict[str, Any]  # Any: nested JSON
EDITORS: Json = {"name": "Editors", "roles": ["approver", "admin"], "quorum": 2}
CUSTOMER: Json = {"name": "Customer", "reviewLink": True}


@dataclass(frozen=True, kw_only=True)
class Steps:
    """A project whose content is approved in steps."""

    project: ReadyProject
    people: People

    async def policy(self, **body: object) -> httpx2.Response:
        """Set the review policy."""
        return await self.project.client.patch(
            f"/v1/projects/{self.project.project}/content-review-policy", json={"policy": "review_all", **body}
        )

    async def content(self, text: str = "Rye bread") -> str:
        """Make content that waits for approval, and return its id."""
        made = await self.project.client.post(f"/v1/projects/{self.project.project}/content", json={"text": text})
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    async def read(self, container: str) -> Json:
        """Read a container."""
        return dict((await self.project.client.get(f"/v1/content/{container}")).json())

    async def progress(self, container: str) -> list[tuple[str, str, int]]:
        """Return the steps of a container: name, status and number of approvals."""
        steps = (await self.read(container))["steps"]
        return [(step["name"], step["status"], len(step["approvals"])) for step in steps]


async def approve(client: httpx2.AsyncClient, container: str, **body: object) -> httpx2.Response:
    """Approve as a caller."""
    return await client.post(f"/v1/content/{container}/approve", json=body)


@pytest.fixture
async def steps(api: Api, ready_project: ReadyProject) -> Steps:
    """A project without a policy yet."""
    return Steps(project=ready_project, people=People(api))


async def test_content_is_approved_step_by_step(steps: Steps, clock: MovableClock, picture: bytes) -> None:
    """Each step counts each person and key once, the last approval approves the content with all that an approval does, and
    history and audit log name the step."""
    named = await steps.people.signed_in("approver")
    lawyer = {"name": "Law", "userIds": [await user_id_of(named)]}
    set_policy = await steps.policy(steps=[EDITORS, lawyer])
    assert set_policy.status_code == 200, set_policy.text
    assert set_policy.json()["steps"] == [EDITORS, {**lawyer, "quorum": 1}]
    container = await steps.project.world.content(steps.project.project, picture)
    assert await steps.progress(container) == [("Editors", "current", 0), ("Law", "waiting", 0)]
    at = clock.now() + timedelta(hours=1)
    held = await schedule(steps.project, container, at, {**to(steps.project.instagram), "mode": "publish"})
    assert held.status_code == 202, held.text
    editor, key = await steps.people.signed_in("approver"), steps.project.client
    first = await approve(editor, container, note="Good.")
    assert first.status_code == 200, first.text
    assert first.json() == {
        "id": container,
        "approvalStatus": "pending",
        "currentStep": "Editors",
        "approvedAt": write_instant(clock.now()),
        "approvedBy": await user_id_of(editor),
    }
    twice = await approve(editor, container)
    assert refusal(twice) == (409, "CONFLICT")
    assert error(twice)["details"] == {
        "reason": "already_approved",
        "containerId": container,
        "approvalStatus": "pending",
        "currentStep": "Editors",
    }
    assert (await approve(key, container)).json()["currentStep"] == "Law"
    assert await steps.project.posts() == 0
    read = await steps.read(container)
    assert (read["approvalStatus"], read["currentStep"], read["reviewNote"]) == ("pending", "Law", None)
    assert [one["by"][:4] for one in read["steps"][0]["approvals"]] == ["usr_", "key_"]
    for other in (key, editor):  # neither decides this step, in any way
        for call, body in (("approve", {}), ("reject", {"reason": "No."}), ("request-changes", {"note": "No."})):
            refused = await other.post(f"/v1/content/{container}/{call}", json=body)
            assert refusal(refused) == (403, "FORBIDDEN_SCOPE"), call
            assert error(refused)["details"] == {
                "reason": "not_your_step",
                "containerId": container,
                "currentStep": "Law",
                "userIds": lawyer["userIds"],
            }
    last = await approve(named, container)
    assert (last.status_code, last.json()["approvalStatus"]) == (200, "approved")
    assert last.json()["pendingSchedulePromotion"]["status"] == "ok"
    assert await steps.project.posts() == 1
    assert "currentStep" not in last.json()
    assert await steps.progress(container) == [("Editors", "done", 2), ("Law", "done", 1)]
    history = (await key.get(f"/v1/content/{container}/review")).json()["items"]
    assert [(one["decision"], one["step"], one["note"]) for one in history] == [
        ("approved", "Editors", "Good."),
        ("approved", "Editors", None),
        ("approved", "Law", None),
    ]
    log = (await (await steps.people.key()).get("/v1/audit-log", params={"objectId": container})).json()["items"]
    assert [one["detail"]["step"] for one in reversed(log) if one["action"] == "content.approve"] == [
        "Editors",
        "Editors",
        "Law",
    ]
    assert refusal(await approve(named, container)) == (409, "CONFLICT")


async def test_a_link_decides_the_step_of_links_alone(steps: Steps) -> None:
    """Before its turn the page says who decides and has no buttons; then a person at it approves, and a key can't."""
    assert (await steps.policy(steps=[{"name": "Editors", "roles": ["approver"]}, CUSTOMER])).status_code == 200
    container, flow = await steps.content(), ReviewFlow(project=steps.project)
    link = await flow.make(container)
    person = await flow.person(link)
    assert "Waits for: Editors" in person.text
    assert 'value="approve:' not in person.shown.text
    await person.write()
    forced = await person.decide("approve", container, **{f"revision-{bare(container)}": "1"})
    assert (forced.status_code, (await steps.read(container))["currentStep"]) == (409, "Editors")
    assert "Your decision was not recorded" in person.text
    assert (await approve(steps.project.client, container)).json()["currentStep"] == "Customer"
    assert error(await approve(steps.project.client, container))["details"]["reviewLink"] is True
    await person.open()
    assert (await person.decide("approve", container)).status_code == 303
    read = await steps.read(container)
    assert (read["approvalStatus"], read["approvedBy"], read["reviewerName"]) == ("approved", link["id"], "Marta")
    assert read["steps"][1]["approvals"] == [{"by": link["id"], "name": "Marta", "at": read["approvedAt"]}]


async def test_two_links_of_a_quorum_count_each_once(steps: Steps) -> None:
    """A second approval through the same link has no effect, and the page says what is missing."""
    assert (await steps.policy(steps=[{**CUSTOMER, "quorum": 2}])).status_code == 200
    container, flow = await steps.content(), ReviewFlow(project=steps.project)
    one, other = [await flow.person(await flow.make(container)) for _ in range(2)]
    assert (await one.decide("approve", container)).status_code == 303
    assert "Your approval counts. 1 of 2 approvals are there." in one.text
    assert 'value="approve:' not in one.shown.text
    await one.write()
    assert (await one.decide("approve", container, **{f"revision-{bare(container)}": "1"})).status_code == 409
    assert await steps.progress(container) == [("Customer", "current", 1)]
    await other.open()
    assert (await other.decide("approve", container)).status_code == 303
    assert (await steps.read(container))["approvalStatus"] == "approved"


async def test_of_two_approvals_at_once_exactly_one_moves_the_step(steps: Steps) -> None:
    """Both wait for the same lock; the second counts for the step that the first has begun, which is not its own."""
    named = await steps.people.signed_in("approver")
    law = {"name": "Law", "userIds": [await user_id_of(named)]}
    assert (await steps.policy(steps=[{"name": "Editors", "roles": ["approver"]}, law])).status_code == 200
    container, editor = await steps.content(), await steps.people.signed_in("approver")
    pool = steps.project.pool
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM content_containers WHERE id = $1 FOR UPDATE", bare(container))
        calls = [asyncio.create_task(approve(client, container)) for client in (editor, steps.project.client)]
        await asyncio.create_task(until_waiting(pool, 2))
    statuses = [(await call).status_code for call in calls]
    assert sorted(statuses) == [200, 403]
    assert await steps.progress(container) == [("Editors", "done", 1), ("Law", "current", 0)]


async def test_decisions_and_edits_in_a_step(steps: Steps) -> None:
    """A request for changes keeps the step; an edit of covered texts begins again at the first one, one of labels does not;
    a rejection ends it. Of texts that are not covered, approvals stay."""
    first = {"name": "First", "roles": ["approver"]}
    for covers, after_edit in (("content_and_text", "First"), ("content", "Second")):
        policy = {"covers": covers, "steps": [first, {**first, "name": "Second"}]}
        assert (await steps.policy(**policy)).status_code == 200
        container, client = await steps.content(), steps.project.client
        assert (await approve(client, container, revision=1)).json()["currentStep"] == "Second"
        asked = await client.post(f"/v1/content/{container}/request-changes", json={"note": "Name the bakery."})
        assert (asked.status_code, (await steps.read(container))["currentStep"]) == (200, "Second")
        await client.patch(f"/v1/content/{container}", json={"labels": ["spring"]})
        assert (await steps.read(container))["currentStep"] == "Second"
        edited = await client.patch(f"/v1/content/{container}", json={"caption": "Rye of the Corner Bakery"})
        assert (edited.status_code, edited.json()["currentStep"]) == (200, after_edit)
        stale = await approve(client, container, revision=1)
        assert error(stale)["details"]["reason"] == "stale_revision"
        rejected = await client.post(f"/v1/content/{container}/reject", json={"reason": "Never."})
        assert rejected.status_code == 200, rejected.text
        read = await steps.read(container)
        assert (read["approvalStatus"], read["currentStep"]) == ("rejected", None)
        assert "current" not in {step["status"] for step in read["steps"]}


async def test_a_policy_with_steps_affects_new_content_only(steps: Steps) -> None:
    """Content keeps the steps of its creation; an approval of covered content that an edit takes back begins at the first step."""
    before = await steps.content()
    only = {"name": "Only", "roles": ["approver"]}
    assert (await steps.policy(covers="content_and_text", steps=[only])).status_code == 200
    container = await steps.content()
    assert (await steps.policy(steps=None)).json().get("steps") is None
    assert (await steps.read(before))["steps"] == (await steps.read(await steps.content()))["steps"] == []
    assert (await approve(steps.project.client, container)).json()["approvalStatus"] == "approved"
    await steps.project.client.patch(f"/v1/content/{container}", json={"caption": "Other"})
    read = await steps.read(container)
    assert (read["approvalStatus"], read["currentStep"]) == ("pending", "Only")
    assert await steps.progress(container) == [("Only", "current", 0)]


async def test_invalid_steps_are_refused(steps: Steps) -> None:
    """One kind of deciders, a quorum that can be reached, names of their own, and users who may decide on the project."""
    viewer = await user_id_of(await steps.people.signed_in("viewer"))
    elsewhere = await user_id_of(
        await steps.people.signed_in("approver", project_ids=[await steps.project.world.project("Other")])
    )
    stranger = await user_id_of(await steps.people.signed_in("approver", organization="Rival"))
    roles = {"name": "A", "roles": ["approver"]}
    for body, path in (
        ({"steps": [{"name": "A"}]}, "steps[0]"),
        ({"steps": [{**roles, "reviewLink": True}]}, "steps[0]"),
        ({"steps": [{"name": "A", "reviewLink": False}]}, "steps[0].reviewLink"),
        ({"steps": [{"name": "A", "roles": ["author"]}]}, "steps[0].roles[0]"),
        ({"steps": [{"name": "A", "roles": []}]}, "steps[0].roles"),
        ({"steps": [{"name": "A", "userIds": [viewer], "quorum": 2}]}, "steps[0]"),
        ({"steps": [{**roles, "quorum": 11}]}, "steps[0].quorum"),
        ({"steps": [{**roles, "name": "x" * 61}]}, "steps[0].name"),
        ({"steps": [{**roles, "name": " "}]}, "steps[0].name"),
        ({"steps": [roles, {**roles, "name": "a"}]}, "steps"),
        ({"steps": [{**roles, "name": str(place)} for place in range(4)]}, "steps"),
        ({"steps": [{"name": "A", "userIds": [viewer]}]}, "steps[0].userIds[0]"),
        ({"steps": [{"name": "A", "userIds": [elsewhere]}]}, "steps[0].userIds[0]"),
        ({"steps": [roles, {"name": "B", "userIds": [stranger]}]}, "steps[1].userIds[0]"),
        ({"reminder": {"afterHours": 0}}, "reminder.afterHours"),
        ({"reminder": {"afterHours": 1, "repeatHours": 721}}, "reminder.repeatHours"),
    ):
        assert list(issues(await steps.policy(**body))) == [path], body
    read = await steps.project.client.get(f"/v1/projects/{steps.project.project}/content-review-policy")
    assert read.json()["policy"] == "auto_approve"


async def reminders(steps: Steps) -> list[tuple[str, str | None]]:
    """Return the content and the step of each reminder that was sent, oldest first."""
    rows = await steps.project.pool.fetch(
        "SELECT data FROM webhook_deliveries WHERE event_type = 'content.reminder' ORDER BY id"
    )
    data = [json.loads(row["data"]) for row in rows]
    return [(one["id"], one["currentStep"]) for one in data]


async def test_reminders_are_sent_once_for_each_due_time(steps: Steps, clock: MovableClock) -> None:
    """Counted from the beginning of the step, again after each interval, once however many were missed, none after a decision."""
    hook = {"url": "https://hooks.example.com/one", "events": ["content.reminder"]}
    assert (await steps.project.client.post("/v1/webhook-endpoints", json=hook)).status_code == 201
    pool, first = steps.project.pool, {"name": "First", "roles": ["approver"]}
    reminder = {"afterHours": 24, "repeatHours": 12}
    answer = await steps.policy(steps=[first, {**first, "name": "Second"}], reminder=reminder)
    assert answer.json()["reminder"] == reminder
    container, other = await steps.content(), await steps.content()
    await steps.policy(reminder=None)
    await steps.content()  # has none
    start, sent = clock.now(), []
    for hours, expected in ((23.9, []), (24, ["First", "First"]), (35, []), (36, ["First", "First"])):
        for _ in range(2):
            await remind(pool, now=start + timedelta(hours=hours), limit=100)
        sent += expected
        assert [step for _, step in await reminders(steps)] == sent, hours
    clock.advance(timedelta(hours=40))
    await approve(steps.project.client, container)
    await steps.project.client.post(f"/v1/content/{other}/reject", json={"reason": "No."})
    for hours, count in ((63.9, 4), (100, 5), (107, 5), (112, 6)):  # 64 is due, 76 and 88 were missed
        await remind(pool, now=start + timedelta(hours=hours), limit=100)
        assert len(await reminders(steps)) == count, hours
    assert (await reminders(steps))[-1] == (container, "Second")
    await approve(steps.project.client, container)
    assert await remind(pool, now=start + timedelta(days=99), limit=100) == 0


async def test_a_decision_that_is_being_made_is_not_disturbed_by_its_reminder(
    steps: Steps, clock: MovableClock
) -> None:
    """A round of reminders passes over locked content, and content of an archived project."""
    hook = {"url": "https://hooks.example.com/one", "events": ["content.reminder"]}
    assert (await steps.project.client.post("/v1/webhook-endpoints", json=hook)).status_code == 201
    assert (await steps.policy(reminder={"afterHours": 1})).status_code == 200
    container = await steps.content()
    pool, due = steps.project.pool, clock.now() + timedelta(hours=2)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM content_containers WHERE id = $1 FOR UPDATE", bare(container))
        assert await remind(pool, now=due, limit=100) == 0
    assert (await remind(pool, now=due, limit=100), await reminders(steps)) == (1, [(container, None)])
    assert await remind(pool, now=due + timedelta(days=9), limit=100) == 0, "without an interval it is sent once"
    await steps.content()
    await steps.project.client.patch(f"/v1/projects/{steps.project.project}", json={"status": "archived"})
    await remind(pool, now=due + timedelta(days=9), limit=100)
    assert len(await reminders(steps)) == 1


async def test_uploads_are_reminded_of_from_their_completion(steps: Steps, clock: MovableClock, picture: bytes) -> None:
    """An open upload waits for its files, not for a decision."""
    assert (await steps.policy(reminder={"afterHours": 1})).status_code == 200
    container = await steps.project.world.content(steps.project.project, picture)
    due = await steps.project.pool.fetchval(
        "SELECT due_at FROM content_reminders WHERE container_id = $1", bare(container)
    )
    assert due == clock.now() + timedelta(hours=1)
    deleted = await steps.project.client.delete(f"/v1/content/{container}")
    assert deleted.status_code == 200, deleted.text
    assert await steps.project.pool.fetchval("SELECT count(*) FROM content_reminders") == 0
    assert public_id("cnt", bare(container)) == container
