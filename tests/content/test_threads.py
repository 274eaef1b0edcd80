"""Threads of posts over HTTP: content in parts, how it is edited and approved, and what a target may do with it."""

from collections.abc import Mapping
from typing import Any

import pytest
from tests.content.conftest import issues_of
from tests.media.pdfs import pdf
from tests.world import World

TEXTS = ("Six new loaves", "Rye, with caraway", "Spelt: from Saturday on")
PARTS = [{"text": text} for text in TEXTS]
URL = "https://a.example/a.jpg"


def shown(content: Any) -> list[tuple[str, list[str]]]:
    """Return the parts of a container: the text of each, and the ids of its media."""
    return [(part["text"], [item["id"] for item in part["media"]]) for part in content["parts"]]


async def test_parts_have_their_own_texts_and_media(content_client: Any, files: Any, picture: bytes) -> None:
    """Each part shows its own; the content's text is all texts with blank lines between them, its media are all media."""
    media = [{"url": files.put(f"{number}.jpg", picture), "altText": f"Loaf {number}"} for number in range(3)]
    parts = [{"text": TEXTS[0], "media": media[:2]}, {"text": TEXTS[1]}, {"text": "", "media": media[2:]}]
    made = (await content_client.create(parts=parts, firstComment="From six", key="k")).json()
    ids = [item["id"] for item in made["media"]]
    assert shown(made) == [(TEXTS[0], ids[:2]), (TEXTS[1], []), ("", ids[2:])]
    assert (made["status"], made["mediaType"], made["link"]) == ("completed", "multi", None)
    assert (made["text"], made["caption"]) == ("Six new loaves\n\nRye, with caraway",) * 2
    assert [part["media"][0]["altText"] for part in made["parts"] if part["media"]] == ["Loaf 0", "Loaf 2"]
    assert (await content_client.create(parts=parts, firstComment="From six", key="k")).json() == made
    read = (await content_client.client.get(f"/v1/content/{made['id']}")).json()
    assert shown(read) == shown(made)


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({"parts": PARTS[:1]}, ["parts"]),
        ({"parts": PARTS[:1] * 26}, ["parts"]),
        ({"parts": [*PARTS, {"text": " \n\u00a0"}]}, ["parts[3].text"]),
        ({"parts": [*PARTS, {"media": [{"url": URL}]}]}, ["parts[3].text"]),
        ({"parts": [*PARTS, {"text": "x", "media": [{"url": "menu"}]}]}, ["parts[3].media[0].url"]),
        ({"parts": [{"text": "x", "media": [{"url": URL}] * 18}] * 2}, ["parts"]),
        ({"parts": PARTS, "text": "x"}, ["parts"]),
        ({"parts": PARTS, "media": [{"url": URL}]}, ["parts"]),
        ({"parts": PARTS, "link": {"url": URL}}, ["parts"]),
    ],
)
async def test_bad_parts_are_named(content_client: Any, body: Any, paths: list[str]) -> None:
    """Each is an issue with a sentence that says what to do, and nothing is written."""
    refused = await content_client.create(**body)
    assert issues_of(refused) == paths
    assert all(issue["message"].endswith(".") for issue in refused.json()["error"]["details"]["issues"])
    assert await content_client.count("content_containers") == 0


async def test_media_that_do_not_go_together(content_client: Any, files: Any, picture: bytes) -> None:
    """The files of one part make one post; a file that can't be fetched is named by its place in its part."""
    both = [{"url": files.put("a.jpg", picture)}, {"url": files.put("b.pdf", pdf(1))}]
    refused = await content_client.create(parts=[*PARTS, {"text": "x", "media": both}])
    assert issues_of(refused)[0].startswith("parts[3].media")
    missing = await content_client.create(
        parts=[PARTS[0], {"text": "x", "media": [{"url": f"{files.base_url}/none.jpg"}]}]
    )
    assert (missing.status_code, missing.json()["error"]["details"]["path"]) == (422, "parts[1].media[0].url")
    assert content_client.stored() == []


async def test_parts_are_edited(content_client: Any, files: Any, picture: bytes) -> None:
    """Media stay by their ids, wherever they go; new ones are fetched, and those that no part names are deleted."""
    media = [{"url": files.put(f"{number}.jpg", picture)} for number in range(2)]
    made = (await content_client.create(parts=[{"text": "A", "media": media}, {"text": "B"}])).json()
    first, second = (item["id"] for item in made["media"])
    new = {"url": files.put("new.jpg", picture), "altText": "Crust"}
    stays = {"assetId": second, "altText": "Crumb"}
    edited = await content_client.edit(
        made["id"], parts=[{"text": "C", "media": [new]}, {"text": "B", "media": [stays]}]
    )
    assert edited.status_code == 200, edited.text
    content = edited.json()
    fresh = content["media"][0]["id"]
    assert fresh not in (first, second)
    assert shown(content) == [("C", [fresh]), ("B", [second])]
    assert [item["altText"] for item in content["media"]] == ["Crust", "Crumb"]
    assert (content["revision"], content["text"], len(content_client.originals())) == (2, "C\n\nB", 2)
    for asset in (first, fresh):
        wrong = [{"text": "C", "media": [{"assetId": asset}, {"assetId": fresh}]}, {"text": "B"}]
        assert issues_of(await content_client.edit(made["id"], parts=wrong)) == [
            f"parts[0].media[{0 if asset == first else 1}].assetId"
        ]
    both = [{"text": "C", "media": [{"assetId": fresh, "url": URL}]}, {"text": "B"}]
    assert issues_of(await content_client.edit(made["id"], parts=both)) == ["parts[0].media[0]"]
    assert (await content_client.client.get(f"/v1/content/{made['id']}")).json()["revision"] == 2


async def test_a_text_becomes_parts_and_parts_stay_parts(content_client: Any) -> None:
    """A text alone can get parts. One text, or a link, can't replace them."""
    text = (await content_client.create(text="Menu")).json()["id"]
    assert shown((await content_client.edit(text, parts=PARTS)).json()) == [(text, []) for text in TEXTS]
    for wrong in ({"text": "Menu"}, {"link": {"url": URL}}):
        assert len(issues_of(await content_client.edit(text, **wrong))) == 1
    linked = (await content_client.create(text="Menu", link={"url": "https://a.example/"})).json()["id"]
    assert issues_of(await content_client.edit(linked, parts=PARTS)) == ["parts"]


async def test_edited_parts_are_approved_again(content_client: Any) -> None:
    """An approval that covers texts covers each part; the changes since then name it."""
    policy = {"policy": "review_all", "covers": "content_and_text"}
    path = f"/v1/projects/{content_client.project_id}/content-review-policy"
    assert (await content_client.client.patch(path, json=policy)).status_code == 200
    content = (await content_client.create(parts=PARTS)).json()
    assert (await content_client.client.post(f"/v1/content/{content['id']}/approve", json={})).status_code == 200
    changed = (await content_client.edit(content["id"], parts=[PARTS[0], {"text": "Wheat"}])).json()
    assert (changed["approvalStatus"], changed["revision"]) == ("pending", 2)
    review = (await content_client.client.get(f"/v1/content/{content['id']}/review")).json()
    changes = {one["field"]: (one["before"], one["after"]) for one in review["changedSince"]}
    assert changes == {"parts[1].text": (TEXTS[1], "Wheat"), "parts[2].text": (TEXTS[2], None)}


async def test_what_a_target_does_with_parts(content_client: Any) -> None:
    """A thread where the platform has them. Elsewhere, and in other modes, one text if the target says so, else a refusal."""
    world = World(api=content_client.api, client=content_client.client)
    project = content_client.project_id
    names = (("threads", "brand"), ("facebook", "brand"))
    threads, facebook = [await world.account(project, platform, handle) for platform, handle in names]
    content = (await content_client.create(parts=PARTS)).json()["id"]

    async def publish(*targets: Mapping[str, object], call: str = "publish") -> Any:
        body = {"targets": [{"mode": "publish", **target} for target in targets]}
        return await content_client.client.post(f"/v1/content/{content}/{call}", json=body)

    to_threads, to_facebook = {"socialAccountId": threads}, {"socialAccountId": facebook}
    joined = {**to_facebook, "joinParts": True}
    for target in (to_facebook, {**to_facebook, "joinParts": False}):
        refused = (await publish(to_threads, target)).json()["error"]
        assert (refused["code"], refused["details"]["reason"], refused["details"]["socialAccountId"]) == (
            "SOCIAL_ACCOUNT_NOT_PUBLISH_READY",
            "parts_not_supported",
            facebook,
        )
        assert "joinParts" in refused["message"]
    for target in (to_threads, joined):
        refused = await publish({**target, "captionOverride": "Other"})
        assert issues_of(refused) == ["targets[0].captionOverride"]
    verdict = (await publish(to_threads, to_facebook, joined, call="preflight")).json()
    assert [target["ok"] for target in verdict["targets"]] == [True, False, True], verdict
    assert verdict["targets"][0]["parts"] == [{"text": text, "media": []} for text in TEXTS]
    sent = await publish(to_threads, joined)
    assert (sent.status_code, "warnings" in sent.json()) == (200, False), sent.text
    thread, single = [await world.post(post) for post in sent.json()["scheduledPostIds"]]
    assert [part["status"] for part in thread["parts"]] == ["queued"] * 3
    assert (single["parts"], single["threadStatus"], single["joinParts"]) == (None, None, True)


async def test_each_part_is_checked(content_client: Any) -> None:
    """A part that is too long for one post is named, by publish and by preflight alike; `autoSplit` does not cut parts."""
    world = World(api=content_client.api, client=content_client.client)
    account = await world.account(content_client.project_id, "threads", "brand")
    content = (await content_client.create(parts=[*PARTS, {"text": "x" * 501}])).json()["id"]
    target = {"socialAccountId": account, "mode": "publish", "autoSplit": {"numbering": True}}
    verdict = await content_client.client.post(f"/v1/content/{content}/preflight", json={"targets": [target]})
    [error] = verdict.json()["targets"][0]["errors"]
    assert (error["code"], error["details"]["part"], error["message"][:8]) == ("PLATFORM_LIMIT", 4, "Part 4: ")
    assert "captionOverride" not in error["message"]
    sent = await content_client.client.post(f"/v1/content/{content}/publish", json={"targets": [target]})
    [warning] = sent.json()["warnings"]
    assert (warning["message"], warning["reason"]) == (error["message"], "caption_length")


async def test_a_text_that_can_not_be_split(content_client: Any) -> None:
    """A word that is longer than a part is no part; without `autoSplit`, a long text is too long."""
    world = World(api=content_client.api, client=content_client.client)
    account = await world.account(content_client.project_id, "threads", "brand")
    content = (await content_client.create(text="x" * 501)).json()["id"]
    target: dict[str, object] = {"socialAccountId": account, "mode": "publish"}
    for reason in ("caption_length", "part_unsplittable"):
        verdict = await content_client.client.post(f"/v1/content/{content}/preflight", json={"targets": [target]})
        [error] = verdict.json()["targets"][0]["errors"]
        assert (error["details"]["reason"], verdict.json()["targets"][0]["parts"]) == (reason, None)
        target["autoSplit"] = {}


async def test_a_waiting_call_becomes_a_thread(content_client: Any) -> None:
    """A schedule call that waits for approval makes a post with parts once it is approved; edited parts change the queued post."""
    world = World(api=content_client.api, client=content_client.client)
    account = await world.account(content_client.project_id, "threads", "brand")
    path = f"/v1/projects/{content_client.project_id}/content-review-policy"
    assert (await content_client.client.patch(path, json={"policy": "review_all"})).status_code == 200
    content = (await content_client.create(parts=PARTS)).json()["id"]
    when = await content_client.api.context.pool.fetchval("SELECT now() + interval '1 day'")
    targets = [{"socialAccountId": account, "mode": "publish"}]
    body = {"scheduledFor": when.isoformat(), "targets": targets}
    waiting = await content_client.client.post(f"/v1/content/{content}/schedule", json=body)
    assert waiting.status_code == 202, waiting.text
    approved = await content_client.client.post(f"/v1/content/{content}/approve", json={})
    (post,) = approved.json()["pendingSchedulePromotion"]["scheduledPostIds"]
    assert len((await world.post(post))["parts"]) == 3
    assert (await content_client.edit(content, parts=PARTS[:2])).status_code == 200
    assert len((await world.post(post))["parts"]) == 2
