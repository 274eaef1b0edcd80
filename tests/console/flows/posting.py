"""What flows need to exist: projects with accounts of the sandbox, content, and posts, made with the API."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Final

import httpx2
from tests.cli.program import until
from tests.sdk.world import connect, made

from presswork.media.samples import sample_picture

_PICTURE: Final = sample_picture(720, 900)


def new_account(client: httpx2.Client, handle: str) -> str:
    """Return a new account of Instagram, in a new project with the name of its handle."""
    project = made(client.post("/v1/projects", json={"name": handle, "timezone": "Europe/Berlin"}))
    return connect(client, project, "instagram", handle)


def new_content(client: httpx2.Client, account: str, caption: str) -> str:
    """Return new content with a picture, in the project of an account."""
    project = client.get(f"/v1/social-accounts/{account}").json()["projectId"]
    files = [{"filename": "a.jpg", "contentType": "image/jpeg", "sizeBytes": len(_PICTURE)}]
    opened = client.post(f"/v1/projects/{project}/content/uploads", json={"grouping": "per-file", "files": files})
    (container,) = opened.json()["items"]
    (target,) = container["files"]
    assert client.put(target["uploadUrl"], content=_PICTURE, headers=target["headers"]).is_success
    content = str(container["containerId"])
    assert client.post(f"/v1/content/{content}/finalize-upload", json={"caption": caption}).is_success
    return content


def publish(client: httpx2.Client, account: str, caption: str) -> str:
    """Publish new content, and return the post."""
    return publish_content(client, new_content(client, account, caption), account)


def publish_content(client: httpx2.Client, content: str, account: str) -> str:
    """Publish content that exists, and return the post."""
    (post,) = publish_to(client, content, [account])
    return post


def publish_to(client: httpx2.Client, content: str, accounts: Sequence[str]) -> list[str]:
    """Publish content to accounts, and return the posts."""
    targets = [{"socialAccountId": account, "mode": "publish"} for account in accounts]
    answer = client.post(f"/v1/content/{content}/publish", json={"targets": targets})
    assert answer.is_success, answer.text
    return [str(post) for post in answer.json()["scheduledPostIds"]]


def live_posts(client: httpx2.Client, name: str, *platforms: str) -> list[str]:
    """Return posts of one piece of content, named `name`, that are live on new accounts of these platforms."""
    project = made(client.post("/v1/projects", json={"name": name, "timezone": "Europe/Berlin"}))
    accounts = [connect(client, project, platform, name) for platform in platforms]
    posts = publish_to(client, new_content(client, accounts[0], f"Sale {name}"), accounts)
    assert until(lambda: all(read_post(client, post)["status"] == "published" for post in posts))
    return posts


def schedule(client: httpx2.Client, account: str, caption: str, *, copies: int = 1) -> list[str]:
    """Schedule content for noon of the day after tomorrow, an hour apart, and return the posts.

    At noon no clock changes, whatever day that is, and the day after.
    """
    content = new_content(client, account, caption)
    noon = datetime.combine(datetime.now(UTC).date() + timedelta(days=2), time(12), UTC)
    posts = []
    for number in range(copies):
        at = noon + timedelta(hours=number)
        body = {"targets": [{"socialAccountId": account, "mode": "publish"}], "scheduledFor": at.isoformat()}
        answer = client.post(f"/v1/content/{content}/schedule", json=body)
        assert answer.is_success, answer.text
        posts += answer.json()["scheduledPostIds"]
    return posts


def read_post(client: httpx2.Client, post: str) -> dict[str, object]:
    """Return the document of a post."""
    return dict(client.get(f"/v1/scheduled-posts/{post}").json())
