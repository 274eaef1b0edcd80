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


async def test_texts_and_links_become_content(content_client: Any, files: Any, picture: bytes) -> None:
    """A row may have a text, a link or both instead of media; what is wrong with a link is found in the dry run."""
    world = World(api=content_client.api, client=content_client.client)
    account = await world.account(content_client.project_id, "threads", "luna")
    instagram = await world.account(content_client.project_id, "instagram", "luna")
    path = f"/v1/projects/{content_client.project_id}/imports"
    page = files.put("menu.html", b"<title>Spring menu</title>")
    good = [
        {"caption": "Six new loaves", "accounts": account},
        {"link": page, "accounts": account},
        {"caption": "Menu", "link": page, "accounts": account},
    ]
    bad = {
        ("link", "conflicting_options"): {"media": files.put("a.jpg", picture), "link": page, "accounts": account},
        ("link", "invalid_format"): {"link": "menu", "accounts": account},
        ("media", "required"): {"caption": " ", "accounts": account},
        ("altText", "too_many"): {"caption": "Menu", "altText": "A loaf", "accounts": account},
        ("link", "url_refused"): {"link": "http://user:secret@example.com/", "accounts": account},
        ("accounts", "SOCIAL_ACCOUNT_NOT_PUBLISH_READY"): {"caption": "Menu", "accounts": instagram},
    }
    dry = (await content_client.client.post(path, json={"rows": [*good, *bad.values()], "strict": False})).json()
    found = [
        [(one["column"], one["code"]) for one in row["findings"] if one["severity"] == "error"] for row in dry["rows"]
    ]
    assert found == [*[[]] * len(good), *[[one] for one in bad]]
    exclusive = {"containerId": "cnt_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55", "link": page, "accounts": account}
    (row,) = (await content_client.client.post(path, json={"rows": [exclusive]})).json()["rows"]
    assert ("link", "conflicting_options") in [(one["column"], one["code"]) for one in row["findings"]]
    made = await content_client.client.post(path, json={"rows": good, "strict": False, "dryRun": False})
    assert made.status_code == 201, made.text
    contents = [
        (await content_client.client.get(f"/v1/content/{row['containerId']}")).json() for row in made.json()["rows"]
    ]
    assert [one["mediaType"] for one in contents] == ["text"] * 3
    assert [(one["text"], one["link"] and one["link"]["url"]) for one in contents] == [
        ("Six new loaves", None),
        ("", page),
        ("Menu", page),
    ]


async def test_parts_become_a_thread(content_client: Any, files: Any, picture: bytes) -> None:
    """A cell of parts has lines of hyphens between them; what is wrong with it is found in the dry run."""
    world = World(api=content_client.api, client=content_client.client)
    account = await world.account(content_client.project_id, "threads", "luna")
    instagram = await world.account(content_client.project_id, "instagram", "luna")
    path = f"/v1/projects/{content_client.project_id}/imports"
    thread = "Six new loaves\n---\nRye --- with caraway\r\n-----\nSpelt"
    bad = {
        ("parts", "conflicting_options"): {"parts": thread, "caption": "Menu", "accounts": account},
        ("parts", "too_few"): {"parts": "Six new loaves", "accounts": account},
        ("parts", "blank"): {"parts": "Six new loaves\n---\n\n---\nRye", "accounts": account},
        ("accounts", "SOCIAL_ACCOUNT_NOT_PUBLISH_READY"): {"parts": thread, "accounts": instagram},
    }
    good = {"parts": thread, "accounts": account}
    dry = (await content_client.client.post(path, json={"rows": [good, *bad.values()], "strict": False})).json()
    errors = [
        list(dict.fromkeys((one["column"], one["code"]) for one in row["findings"] if one["severity"] == "error"))
        for row in dry["rows"]
    ]
    assert errors == [[], *[[one] for one in bad]]
    made = await content_client.client.post(path, json={"rows": [good], "dryRun": False})
    assert made.status_code == 201, made.text
    (row,) = made.json()["rows"]
    content = (await content_client.client.get(f"/v1/content/{row['containerId']}")).json()
    assert [part["text"] for part in content["parts"]] == ["Six new loaves", "Rye --- with caraway", "Spelt"]
    assert len((await world.post(row["scheduledPostIds"][0]))["parts"]) == 3
