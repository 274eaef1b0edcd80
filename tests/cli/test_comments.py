"""`presswork comments` against a running server: the sandbox reports a comment by webhook, the worker reads it, and it is answered."""

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

import pytest
from tests.cli.person import Person

pytestmark = pytest.mark.slow
Found = TypeVar("Found")


def wait_for(find: Callable[[], Found | None]) -> Found:
    """Return what is found in the end: the worker is another process."""
    while True:
        if (found := find()) is not None:
            return found
        time.sleep(0.2)


def control(person: Person, path: str, **body: object) -> Mapping[str, Any]:
    """Call the sandbox's control surface."""
    response = person.call("POST", f"/sandbox/control/{path}", **body)
    assert response.is_success, response.text
    return cast("Mapping[str, Any]", response.json())


def test_a_comment_arrives_by_webhook_and_is_answered(person: Person) -> None:
    """Listed, shown, assigned, answered, hidden and done; what is not possible says why, and the exit status is 1."""
    hook = f"{person.url}/webhooks/instagram/test"
    control(person, "webhooks", platform="instagram", url=hook, allAccounts=True)
    published = person.run("publish", "a.jpg", "--to", "instagram:@cli.shop", "--caption", "Comments")
    post = next(line.split("\t")[0] for line in published.stdout.splitlines() if line.startswith("sp_"))
    where = {"platform": "instagram", "handle": "cli.shop", "postId": person.json("post", post)["externalId"]}
    control(person, "comments", **where, text="Do you have rye bread?", author="ada")

    def listed() -> str | None:
        rows = person.run("comments", "list", "--status", "new", "--account", str(account)).stdout.splitlines()[1:]
        return rows[0].split("\t")[0] if rows else None

    account = person.json("post", post)["socialAccountId"]
    comment = wait_for(listed)
    assert "Do you have rye bread?" in person.run("comments", "show", comment).stdout
    assert cast("int", person.json("comments", "summary")["new"]) >= 1
    wrong = person.run("comments", "assign", comment, "Someone Else")
    assert (wrong.status, "is not one person" in wrong.stderr) == (1, True)
    assert person.json("comments", "assign", comment, "--note", "Ask the baker")["note"] == "Ask the baker"
    reply = str(person.json("comments", "reply", comment, "From seven.")["id"])

    def posted() -> Mapping[str, object] | None:
        found = person.json("comments", "show", reply)
        return None if found["replyStatus"] == "queued" else found

    assert wait_for(posted)["replyStatus"] == "posted"
    assert person.json("comments", "show", comment)["status"] == "done"
    assert f"{comment} is hidden." in person.run("comments", "hide", comment).stdout
    assert f"{comment} is open." in person.run("comments", "open", comment).stdout
    refused = person.run("comments", "like", comment)
    assert (refused.status, "can't be liked" in refused.stdout.replace("\n", " ")) == (1, True)
    thread = person.run("comments", "list", "--post", post).stdout.splitlines()[1:]
    assert [row.split("\t")[0] for row in thread] == [comment, reply]
