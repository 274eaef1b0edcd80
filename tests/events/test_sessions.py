"""The event stream of a signed-in user: its environment, its projects, and its end."""

from tests.events.conftest import reading
from tests.events.test_stream import publish
from tests.people.people import People
from tests.posts.conftest import ReadyProject, insert_account, insert_container


async def test_a_session_reads_the_events_of_its_projects_until_it_ends(ready_project: ReadyProject) -> None:
    """The environment comes from the address, since an EventSource sends no header. Signing out ends the stream."""
    people = People(ready_project.world.api)
    all_of_it = await people.signed_in("viewer")
    other = await ready_project.world.project("Another")
    limited = await people.signed_in("viewer", projectIds=[other])
    del all_of_it.headers["x-presswork-environment"]
    async with (
        reading(all_of_it, environment="test") as everything,
        reading(all_of_it, environment="live") as live,
        reading(limited) as part,
    ):
        post = await publish(ready_project)
        assert (await everything.event()).body["data"]["id"] == post
        account = await insert_account(ready_project.pool, other, "tiktok", ["user.info.basic", "video.publish"])
        container = await insert_container(ready_project.pool, other, "image")
        target = {"socialAccountId": account, "mode": "publish"}
        assert (await ready_project.publish(container, target)).status_code == 200
        theirs = await everything.event()
        assert (await part.event()).id == theirs.id
        signed_out = await all_of_it.post("/v1/auth/sign-out")
        assert signed_out.status_code < 300, signed_out.text
        assert await everything.until_end() == await live.until_end() == []
        listed = (await limited.get("/v1/scheduled-posts")).json()["items"]
        assert [item["projectId"] for item in listed] == [other]
        summary = (await limited.get("/v1/scheduled-posts/summary")).json()
        assert [entry["socialAccountId"] for entry in summary["accounts"]] == [account]
