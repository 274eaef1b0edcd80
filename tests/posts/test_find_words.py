"""The search over everything: by the beginnings of words, of what the caller sees, by an index."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.clocks import MovableClock
from tests.databases import as_owner
from tests.db.plans import plan_of
from tests.posts.conftest import ReadyProject, bare, insert_account, insert_container
from tests.posts.test_lists import insert_posts
from tests.posts.test_overview import caller_of, insert_post

from presswork.api.search.routes import Searched
from presswork.core.enums import Environment
from presswork.core.ids import new_id
from presswork.db.queries import load
from presswork.posts.find_words import find_words


async def found(client: Any, q: str) -> dict[str, list[str]]:
    """Return the ids of what is found, by kind."""
    response = await client.get("/v1/search", params={"q": q})
    assert response.status_code == 200, response.text
    assert Searched.model_validate(response.json()).model_dump(mode="json", by_alias=True) == response.json()
    return {kind: [one["id"] for one in items] for kind, items in response.json().items()}


async def test_every_word_begins_a_word(ready_project: ReadyProject, clock: MovableClock) -> None:
    """Of captions, handles, names of accounts and of projects, in any order and case; posts of what was found are there, too."""
    client, pool = ready_project.client, ready_project.pool
    other = await ready_project.world.project("Corner & Söhne")
    account = await insert_account(pool, other, "instagram", [])
    await ready_project.change("social_accounts", account, handle="corner.bakery_7", display_name="Ines' Loaves")
    container = await insert_container(pool, other, "image")
    await ready_project.change(
        "content_containers", container, caption="Rye with caraway, from #seven. https://bäcker.example/rye"
    )
    mine, later = await insert_posts(ready_project, clock.now(), clock.now() + timedelta(hours=1))
    post = await insert_post(ready_project, account, container, clock.now())
    nothing: dict[str, list[str]] = {"content": [], "posts": [], "accounts": [], "projects": []}
    rye = nothing | {"content": [container], "posts": [post]}
    for q in ("rye", "RYE car", "caraway ry", "#seven", "bäck", "rye, with", "ry 'seven"):
        assert await found(client, q) == rye, q
    for q in ("corner.bak", "@corner_ba", "loav 7"):
        assert await found(client, q) == nothing | {"accounts": [account], "posts": [post]}, q
    await client.patch(f"/v1/content/{container}", json={"labels": ["Summer sale", "rye"]})
    for q in ("summer", "sal sum", "rye", "rye sum"):
        assert await found(client, q) == rye, q
    assert await found(client, "caraway summer") == nothing
    assert await found(client, "cor") == nothing | {"accounts": [account], "posts": [post], "projects": [other]}
    assert (await found(client, "hello"))["posts"] == [later, mine]
    for q in ("", "ye", "rye bread", "#", "' & !", "\\", "söhne:*|rye"):
        assert await found(client, q) == nothing, q
    stranger = await ready_project.world.api.client(organization="Strangers")
    live = await ready_project.world.api.client(environment=Environment.LIVE)
    for outsider in (stranger, live):
        assert await found(outsider, "rye") == nothing
    caller = await caller_of(ready_project)
    for projects, is_seen in (({bare(other)}, True), ({new_id()}, False)):
        text = await find_words(pool, "rye", visible_to=replace(caller, project_ids=frozenset(projects)))
        assert (container in text) == (post in text) == is_seen


async def test_words_are_found_by_indexes(ready_project: ReadyProject) -> None:
    """Of many captions, those with the words are read, and no more of a common word than the bound."""
    await ready_project.pool.execute(
        """INSERT INTO content_containers (id, project_id, organization_id, environment, status, approval_status, media_type, caption,
                                           created_at, updated_at)
           SELECT gen_random_uuid(), project_id, organization_id, environment, status, approval_status, media_type,
                  'common word' || n, created_at, updated_at
             FROM content_containers CROSS JOIN generate_series(1, 3000) AS n WHERE id = $1""",
        bare(ready_project.image),
    )
    # What waits for its place in the index has a cost of its own, which depends on when the server last cleaned up.
    clean = "SELECT gin_clean_pending_list('content_containers_by_words')"
    await as_owner(ready_project.pool, clean, "ANALYZE content_containers")
    caller = await caller_of(ready_project)
    statement = load("presswork.posts", "find_words.sql")["find_words"]
    for text, most in (("word17", 111), ("com", 500)):
        values = [
            str(caller.organization_id),
            "test",
            "{" + str(bare(ready_project.project)) + "}",
            text,
            "10",
            "500",
            "{queued}",
        ]
        plan = await plan_of(ready_project.pool, statement, values, "custom")
        assert any(node.get("Index Name") == "content_containers_by_words" for node in plan)
        scans = [node for node in plan if node.get("Relation Name") == "content_containers" and "words_of" in str(node)]
        assert sum(node["Actual Rows"] * node["Actual Loops"] for node in scans) <= most
