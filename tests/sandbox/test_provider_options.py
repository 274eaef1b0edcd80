"""What the managed provider of the sandbox makes of a post's options: they are checked and shown as they came."""

from tests.every_row import every_row
from tests.sandbox.running_sandbox import JSON, RunningSandbox
from tests.sandbox.test_provider import dispatch, end, payload


async def test_options_are_handed_over(sandbox: RunningSandbox) -> None:
    """Options and the music mode are in the dispatch and in the params of the post, as they came."""
    options: JSON = {
        "instagramPostSettings": {"placement": "feed", "isAiGenerated": True, "userTags": [{"username": "nova"}]},
        "tiktokMusicMode": "auto",
    }
    body = payload(sandbox, **options)
    assert (await dispatch(sandbox, body)).status_code == 201
    assert (await end(sandbox))["status"] == "published"
    [post] = await sandbox.items("posts")
    [handed_over] = await sandbox.items("dispatches")
    for shown in (post["params"], handed_over["payload"]):
        assert {name: shown[name] for name in options} == options
    page = await sandbox.http.get(post["url"].replace("https://", "/sandbox/"))
    assert page.status_code == 200


async def test_a_story_is_published_as_a_story(sandbox: RunningSandbox) -> None:
    """The placement decides the kind and the permalink; a story has no comments."""
    body = payload(sandbox, instagramPostSettings={"placement": "story"}, firstComment="First")
    await dispatch(sandbox, body)
    assert (await end(sandbox))["status"] == "published"
    [post] = await sandbox.items("posts")
    assert (post["kind"], post["comments"]) == ("story", [])
    assert post["url"] == f"https://www.instagram.com/stories/luna/{post['externalId']}/"


async def test_invalid_options_are_refused(sandbox: RunningSandbox) -> None:
    """Each field is validated, and the error names it."""
    rows: list[JSON] = [
        {"tiktokMusicMode": "loud"},
        {"tiktokMusicMode": 5},
        {"instagramPostSettings": "story"},
        {"tiktokPostSettings": []},
    ]
    with every_row() as row:
        for change in rows:
            with row(change):
                answer = await dispatch(sandbox, payload(sandbox) | change)
                assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_body")
                assert next(iter(change)) in answer.json()["error"]["message"]
