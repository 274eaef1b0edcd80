"""Media of imports: it is fetched and checked in dry runs, and becomes content before the posts are created."""

from typing import Any

from tests.content.conftest import issues_of
from tests.world import World


async def test_media_becomes_content_and_stays_when_the_import_is_refused(
    content_client: Any, files: Any, picture: bytes
) -> None:
    """A dry run stores nothing. A refused import names its content, which a repeated call with the same key uses again."""
    world = World(api=content_client.api, client=content_client.client)
    account = await world.account(content_client.project_id, "tiktok", "luna")
    path = f"/v1/projects/{content_client.project_id}/imports"
    good = {"media": files.put("a.jpg", picture), "altText": "A loaf", "caption": "Hi", "accounts": account}
    missing = {**good, "media": f"{files.base_url}/missing.jpg"}

    async def send(*rows: object, **more: object) -> Any:
        body = {"rows": rows, "strict": False, **more}
        return await content_client.client.post(path, json=body, headers={"Idempotency-Key": "k"})

    async def contents() -> list[str]:
        listed = await content_client.client.get(f"/v1/projects/{content_client.project_id}/content")
        return [item["id"] for item in listed.json()["items"]]

    dry = (await send(good, missing)).json()
    assert [row["ok"] for row in dry["rows"]] == [True, False]
    assert [(one["column"], one["code"]) for one in dry["rows"][1]["findings"]] == [("media", "MEDIA_UNREACHABLE")]
    assert await contents() == []
    refused = await send(good, missing, dryRun=False)
    assert issues_of(refused) == ["rows[1].media"]
    (kept,) = refused.json()["error"]["details"]["content"]
    assert ([kept["containerId"]], kept["row"]) == (await contents(), 1)
    made = await send(good, dryRun=False)
    assert made.status_code == 201, made.text
    assert [row["containerId"] for row in made.json()["rows"]] == [kept["containerId"]] == await contents()


async def test_a_dry_run_knows_which_texts_need_an_approval(content_client: Any, files: Any, picture: bytes) -> None:
    """After the first decisions content is born approved with its own texts only; words of options are refused alike."""
    world = World(api=content_client.api, client=content_client.client)
    account = await world.account(content_client.project_id, "tiktok", "luna")
    policy = {"policy": "review_first_n", "firstN": 1, "covers": "content_and_text"}
    path = f"/v1/projects/{content_client.project_id}"
    assert (await world.client.patch(f"{path}/content-review-policy", json=policy)).status_code == 200
    first = await world.content(content_client.project_id, picture)
    assert (await world.client.post(f"/v1/content/{first}/approve")).status_code == 200
    row = {
        "media": files.put("a.jpg", picture),
        "caption": "Hi",
        "accounts": account,
        "options": '{"tiktokPostSettings": {"title": "New"}}',
    }
    body = {"rows": [row, {**row, "options": ""}], "strict": False}
    dry = (await world.client.post(f"{path}/imports", json=body)).json()
    errors = [[one["code"] for one in row["findings"] if one["severity"] == "error"] for row in dry["rows"]]
    assert errors == [["APPROVAL_REQUIRED"], []]
    real = await world.client.post(f"{path}/imports", json={**body, "dryRun": False})
    assert issues_of(real) == ["rows[0].accounts"]
