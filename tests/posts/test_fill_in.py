"""Variables and link parameters, from preflight to the platform's post."""

import asyncio
from datetime import timedelta
from typing import Any

from tests.clocks import MovableClock
from tests.posts.conftest import ReadyProject
from tests.posts.test_publish import error
from tests.posts.test_schedule import schedule, to

UTM: dict[str, Any] = {"domains": ["shop.example"], "source": "{platform}", "medium": "social"}


async def set_values(ready_project: ReadyProject, **values: Any) -> dict[str, Any]:
    """Set the variables or link parameters of the project."""
    response = await ready_project.client.patch(f"/v1/projects/{ready_project.project}", json=values)
    assert response.status_code == 200, response.text
    return dict(response.json())


async def write(ready_project: ReadyProject, **texts: Any) -> Any:
    """Change the texts of the image."""
    return await ready_project.client.patch(f"/v1/content/{ready_project.image}", json=texts)


async def test_a_project_without_variables_leaves_braces_alone(ready_project: ReadyProject) -> None:
    """Its posts show no filled texts; neither do those of a project whose variables were removed again."""
    for values in ({}, {"variables": {"name": "Ana"}, "utm": UTM}, {"variables": None, "utm": None}):
        project = await set_values(ready_project, **values)
        assert (await write(ready_project, caption="Hi {{who}}", firstComment=None)).status_code == 200
        checked = await ready_project.client.post(
            f"/v1/content/{ready_project.image}/preflight", json={"targets": [to(ready_project.tiktok)]}
        )
        published = await ready_project.publish(ready_project.image, to(ready_project.tiktok))
        if project["variables"] is None:
            assert checked.json()["targets"][0]["texts"] is None
            post = await ready_project.world.post(published.json()["scheduledPostIds"][0])
            assert post["texts"] is None
            await ready_project.client.delete(f"/v1/scheduled-posts/{post['id']}")
        else:
            assert published.status_code == 422


async def test_a_post_keeps_the_values_that_preflight_showed(ready_project: ReadyProject) -> None:
    """The texts are filled in per platform; later changes of the values change no queued post, an edit takes the current ones."""
    client = ready_project.client
    await set_values(ready_project, variables={"who": "Ana", "other": "unused"}, utm=UTM)
    await write(ready_project, caption="Hi {{ who }}: https://shop.example/a#b", firstComment="{{who}}!")
    targets = [to(ready_project.tiktok), to(ready_project.instagram, captionOverride="Only {{who}}")]
    checked = (await client.post(f"/v1/content/{ready_project.image}/preflight", json={"targets": targets})).json()
    link = "https://shop.example/a?utm_source=tiktok&utm_medium=social#b"
    expected = [
        {"caption": f"Hi Ana: {link}", "firstComment": "Ana!"},
        {"caption": "Only Ana", "firstComment": "Ana!"},
    ]
    assert [target["texts"] for target in checked["targets"]] == expected
    posts: list[str] = []
    for number, keyed in enumerate((None, "once", "once")):
        response = await ready_project.publish(ready_project.image, *targets, key=keyed)
        assert response.status_code == 200, response.text
        assert ("idempotent-replayed" in response.headers) is (number == 2)
        posts = response.json()["scheduledPostIds"]
    await set_values(ready_project, variables={"who": "Bea"}, utm=None)
    for post, texts in zip(posts, expected, strict=True):
        assert (await ready_project.world.post(post))["texts"] == texts
    listed = (await client.get("/v1/scheduled-posts")).json()["items"]
    assert len(listed) == 4
    edited = await client.patch(f"/v1/scheduled-posts/{posts[1]}", json={"firstCommentOverride": "By {{who}}"})
    assert edited.json()["texts"] == {"caption": "Only Bea", "firstComment": "By Bea"}
    assert (await write(ready_project, caption="Now {{who}}")).status_code == 200
    assert (await ready_project.world.post(posts[0]))["texts"] == {"caption": "Now Bea", "firstComment": "Bea!"}
    await set_values(ready_project, variables={})
    kept = await write(ready_project, caption="Still {{who}}")  # a queued post keeps a value that is gone
    assert kept.status_code == 200, kept.text
    assert (await ready_project.world.post(posts[0]))["texts"]["caption"] == "Still Bea"


async def test_a_variable_without_a_value_is_refused_everywhere(
    ready_project: ReadyProject, clock: MovableClock
) -> None:
    """Publish, schedule and edits name the text and the variable, and write nothing; preflight has the same error."""
    client = ready_project.client
    post = (await ready_project.publish(ready_project.image, to(ready_project.tiktok))).json()["scheduledPostIds"][0]
    await set_values(ready_project, variables={"a": "1"})
    assert (await write(ready_project, caption="Hi {{gone}}")).status_code == 422
    assert (await ready_project.world.post(post))["texts"] is None
    await client.delete(f"/v1/scheduled-posts/{post}")
    assert (await write(ready_project, caption="Hi {{b}} {{a}}")).status_code == 200
    targets = [
        to(ready_project.instagram, captionOverride="Fine", firstCommentOverride="{{c}} {{d}}"),
        to(ready_project.tiktok, tiktokPostSettings={"title": "{{e}}"}),
    ]
    before = await ready_project.posts()
    wanted = {
        "targets[0].firstCommentOverride": "unknown_variable",
        "caption": "unknown_variable",
        "targets[1].tiktokPostSettings.title": "unknown_variable",
    }
    for call in (
        await ready_project.publish(ready_project.image, *targets),
        await ready_project.publish(ready_project.image, *targets, key="k"),
        await schedule(ready_project, ready_project.image, clock.now() + timedelta(hours=1), *targets),
    ):
        assert (call.status_code, error(call)["code"]) == (422, "VALIDATION"), call.text
        details = error(call)["details"]
        assert {issue["path"]: issue["code"] for issue in details["issues"]} == wanted
        assert (details["reason"], details["variables"]) == ("unknown_variable", ["c", "d", "b", "e"])
    assert await ready_project.posts() == before
    checked = (await client.post(f"/v1/content/{ready_project.image}/preflight", json={"targets": targets})).json()
    for target in checked["targets"]:
        assert (target["ok"], target["texts"]) == (False, None)
        assert "unknown_variable" in [one["details"].get("reason") for one in target["errors"]]
    await write(ready_project, caption="Hi {{a}}")
    post = (await ready_project.publish(ready_project.image, targets[1] | {"tiktokPostSettings": {}})).json()
    refused = await client.patch(
        f"/v1/scheduled-posts/{post['scheduledPostIds'][0]}", json={"captionOverride": "{{x}}"}
    )
    assert [issue["path"] for issue in error(refused)["details"]["issues"]] == ["captionOverride"]


async def test_calls_and_edits_at_once_leave_no_post_with_former_texts(ready_project: ReadyProject) -> None:
    """An edit comes before a publish call or refills its posts; variables that change meanwhile are those of either time."""
    await set_values(ready_project, variables={"a": "0"})
    await write(ready_project, caption="First {{a}}")

    async def publish() -> None:
        response = await ready_project.publish(ready_project.image, to(ready_project.tiktok))
        assert response.status_code == 200, response.text

    async def edit(number: int) -> None:
        assert (await set_values(ready_project, variables={"a": "0", f"b{number}": "1"}))["variables"]
        edited = await write(ready_project, caption=f"Edit {number} {{{{a}}}}")
        assert edited.status_code == 200, edited.text

    for round_ in range(5):
        await asyncio.gather(*(publish() for _ in range(6)), *(edit(10 * round_ + number) for number in range(2)))
        content = (await ready_project.client.get(f"/v1/content/{ready_project.image}")).json()
        posts = (await ready_project.client.get("/v1/scheduled-posts", params={"limit": 200})).json()["items"]
        assert len(posts) == 6 * (round_ + 1)
        assert {post["texts"]["caption"] for post in posts} == {content["caption"].replace("{{a}}", "0")}


async def test_a_schedule_call_that_waits_takes_the_values_of_its_approval(
    ready_project: ReadyProject, clock: MovableClock
) -> None:
    """If one is missing then, its promotion has failed, and the approval stays."""
    client = ready_project.client
    await ready_project.change("content_containers", ready_project.image, approval_status="pending")
    await set_values(ready_project, variables={"a": "1"})
    await write(ready_project, caption="Hi {{a}}")
    at = clock.now() + timedelta(hours=1)
    for _ in range(2):
        waiting = await schedule(ready_project, ready_project.image, at, to(ready_project.tiktok))
        assert waiting.status_code == 202, waiting.text
    await ready_project.change("content_containers", ready_project.video, approval_status="pending", caption="{{a}}")
    assert (await schedule(ready_project, ready_project.video, at, to(ready_project.tiktok))).status_code == 202
    await set_values(ready_project, variables={"a": "2"})
    approved = (await client.post(f"/v1/content/{ready_project.image}/approve", json={})).json()
    ids = approved["pendingSchedulePromotion"]["scheduledPostIds"]
    assert [(await ready_project.world.post(one))["texts"]["caption"] for one in ids] == ["Hi 2"] * 2
    await set_values(ready_project, variables={})
    refused = (await client.post(f"/v1/content/{ready_project.video}/approve", json={})).json()
    assert (refused["approvalStatus"], refused["pendingSchedulePromotion"]["status"]) == ("approved", "failed")
    assert refused["pendingSchedulePromotion"]["error"]["details"]["reason"] == "unknown_variable"
