"""An inbox of 100,000 comments: each list and count reads an index, and a bounded number of rows."""

from collections.abc import Mapping

import pytest
from tests.comments.conftest import CommentWorld
from tests.db.plans import plan_of
from tests.posts.conftest import bare

from presswork.core.ids import new_id
from presswork.db.queries import load

_COMMENTS = 20_000
_FILL = """
INSERT INTO comments (id, project_id, organization_id, environment, social_account_id, post_id, platform, external_id, thread,
                      thread_at, author, text, is_own, offered, status, assignee_id, created_at, seen_at)
SELECT gen_random_uuid(), p.project_id, p.organization_id, p.environment, p.social_account_id, p.id, p.platform, 'c' || n,
       'c' || n / 3 * 3, now() - n / 3 * interval '1 minute', 'Ada', 'Comment ' || n, n % 10 = 0, '{reply}',
       CASE WHEN n % 10 = 0 THEN 'done' WHEN n % 100 = 1 THEN 'new' WHEN n % 100 = 2 THEN 'open' ELSE 'done' END,
       CASE WHEN n % 50 = 1 THEN $2::uuid END, now() - n * interval '20 seconds', now()
  FROM scheduled_posts p CROSS JOIN generate_series(1, $3::int) AS n WHERE p.id = $1
"""


async def fill(world: CommentWorld, comments: int) -> str:
    """Insert many comments; return the id of a person who is to answer some."""
    pool = world.ready_project.pool
    person = await pool.fetchval(
        """INSERT INTO users (id, organization_id, email, name, role, role_source, created_at, accepted_at)
           SELECT $1, organization_id, 'ada@example.com', 'Ada', 'publisher', 'administrator', now(), now()
             FROM projects WHERE id = $2 RETURNING id""",
        new_id(),
        bare(world.ready_project.project),
    )
    await pool.execute(_FILL, bare(world.post), person, comments)
    await pool.execute("ANALYZE comments")
    return str(person)


@pytest.fixture
async def filled(comment_world: CommentWorld) -> tuple[CommentWorld, str]:
    """A post with many comments."""
    return comment_world, await fill(comment_world, _COMMENTS)


async def test_each_list_reads_an_index(filled: tuple[CommentWorld, str]) -> None:
    """No list and no count reads the table as a whole, or more rows of it than a page needs."""
    world, person = filled
    pool, project = world.ready_project.pool, str(bare(world.ready_project.project))
    organization = str(
        await pool.fetchval(
            "SELECT organization_id FROM projects WHERE id = $1::uuid", bare(world.ready_project.project)
        )
    )
    statements = load("presswork.comments", "search.sql")
    far, near = "-infinity", "infinity"
    last = "ffffffff-ffff-ffff-ffff-ffffffffffff"
    keys = {
        "project": project,
        "account": str(bare(world.account)),
        "post": str(bare(world.post)),
        "assignee": person,
    }
    page: Mapping[str, list[str]] = {
        name: [organization, "test", "{new,open,done}", "{f,t}", near, last, far, "51", "{}", "51", *key]
        for name, key in {"all": [], **{name: [key] for name, key in keys.items()}}.items()
    }
    for name, values in page.items():
        nodes = await plan_of(pool, statements[f"search_{name}"], values, "custom")
        read = [node for node in nodes if node.get("Relation Name") == "comments"]
        assert all(node["Node Type"] != "Seq Scan" for node in read), name
        if name != "post":  # whose index knows no status: its comments are read
            assert sum(node["Actual Rows"] * node["Actual Loops"] for node in read) < 1_500, name
    nodes = await plan_of(pool, statements["thread_page"], [keys["post"], last, "51"], "custom")
    read = [node for node in nodes if node.get("Relation Name") == "comments"]
    assert all(node["Node Type"] != "Seq Scan" for node in read)
    assert sum(node["Actual Rows"] * node["Actual Loops"] for node in read) < 1_000
