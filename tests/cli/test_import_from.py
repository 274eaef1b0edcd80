"""`presswork import-from` against a running server."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from tests.cli.foreign_files import DRAFT, DUE, HANDLE, LATER, MISSING, PRODUCTS, postiz
from tests.cli.person import Person
from tests.cli.program import PROGRAM
from tests.sdk.world import connect

pytestmark = pytest.mark.slow


def _connect(person: Person, project: str, handle: str) -> None:
    headers = {"Authorization": f"Bearer {person.key}"}
    with httpx2.Client(base_url=person.url, headers=headers, trust_env=False) as client:
        connect(client, project, "threads", handle)


@pytest.fixture
def project(person: Person) -> str:
    """A project with one of the two accounts of the files."""
    made: str = person.call("POST", "/v1/projects", name=f"Moved {uuid4()}", timezone="UTC").json()["id"]
    _connect(person, made, HANDLE)
    return made


def _write(folder: Path, files: Mapping[str, object]) -> Sequence[str]:
    for name, document in files.items():
        (folder / name).write_text(json.dumps(document))
    return [str(folder / name) for name in files]


def _run(person: Person, product: str, *arguments: str, status: int = 0) -> dict[str, Any]:
    return dict(person.json("import-from", product, *arguments, status=status))


def _results(document: Mapping[str, Any]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in document["posts"]:
        found.setdefault(one["result"], []).append(one["foreignId"])
    return found


def _count_posts(person: Person, project: str) -> int:
    found: Any = person.json("posts", "--project", project, "--limit", "200")["items"]
    return len(found)


def test_posts_are_taken_over_once(person: Person, project: str, tmp_path: Path) -> None:
    """For each product: a dry run writes nothing, a run schedules, a second one finds all of it, and a changed post is reported."""
    to = ("--project", project)
    for number, (product, files_of) in enumerate(PRODUCTS.items()):
        files = _write(tmp_path, files_of(name=product))
        waits = [] if product == "ayrshare" else ["waits"]
        dry = _run(person, product, *files, *to, "--dry-run")
        assert sorted(_results(dry)) == sorted(["would be scheduled", "would become content", *waits]), product
        assert _count_posts(person, project) == number, product
        done = _run(person, product, *files, *to)
        assert sorted(_results(done)) == sorted(["scheduled", "content", *waits]), product
        assert [one["connectUrl"] is not None for one in done["projects"]] == [bool(waits)], product
        again = _run(person, product, *files, *to)
        assert len(_results(again)["taken over before"]) == 2, product
        changed = _write(tmp_path, files_of(name=product, due=LATER))
        assert len(_results(_run(person, product, *changed, *to))["changed"]) == 1, product
        assert _count_posts(person, project) == number + 1, product
    found: Any = person.json("content", "--project", project, "--label", "postiz draft")["items"]
    assert [one["caption"] for one in found] == [DRAFT]


@pytest.mark.exhaustive
def test_two_runs_at_once_create_each_post_once(person: Person, project: str, tmp_path: Path) -> None:
    """Four runs start together with the same files: all succeed, and the post and the draft exist once."""
    files = _write(tmp_path, postiz(name="race"))
    command = [*PROGRAM, "import-from", "postiz", *files, "--project", project, "--json"]
    runs = [
        subprocess.Popen(
            command, env=person.environment(), cwd=person.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(4)
    ]
    said = [(*run.communicate(), run.returncode) for run in runs]
    assert [status for _, _, status in said] == [0] * 4, said
    assert _count_posts(person, project) == 1
    assert len(person.call("GET", f"/v1/projects/{project}/content").json()["items"]) == 2


def test_posts_of_a_missing_account_wait_until_it_is_connected(person: Person, project: str, tmp_path: Path) -> None:
    """The link is for the missing accounts; the run after the login takes their posts, and only those."""
    command = ("import-from", "postiz", *_write(tmp_path, postiz(name="wait")), "--project", project)
    first = person.run(*command)
    assert first.status == 0, first.stderr
    assert f"To connect: threads:@{MISSING}." in first.stderr
    assert "otherwise they go out twice" in first.stderr
    url = next(word for word in first.stderr.split() if "/connect/" in word)
    assert httpx2.get(url, trust_env=False, follow_redirects=True).is_success
    _connect(person, project, MISSING)
    done = _results(person.json(*command))
    assert done["scheduled"] == ["postiz:wait-1b"]
    assert "postiz:wait-1" in done["taken over before"]
    assert _count_posts(person, project) == 2


def test_customers_become_projects(person: Person, project: str, tmp_path: Path) -> None:
    """Customers need a project each: named, or created once and found again. A dry run creates none."""
    files = dict(postiz(name="agency"))
    accounts: Any = files["integrations.json"]
    owners = ({"id": "c1", "name": "Rye & Co"}, {"id": str(uuid4()), "name": "Oats"})
    files["integrations.json"] = [{**one, "customer": owner} for one, owner in zip(accounts, owners, strict=True)]
    names = _write(tmp_path, files)
    refused = person.run("import-from", "postiz", *names)
    assert (refused.status, "Oats, Rye & Co" in " ".join(refused.stderr.split())) == (1, True), refused.stderr
    options = ("--customer", f"c1={project}", "--create-projects")
    dry = _run(person, "postiz", *names, *options, "--dry-run")["projects"]
    assert [one["projectId"] for one in dry] == [project, None]
    first, again = (_run(person, "postiz", *names, *options)["projects"] for _ in range(2))
    assert [one["projectId"] for one in first] == [one["projectId"] for one in again]
    assert [one["connectUrl"] is not None for one in first] == [False, True]
    created = person.call("GET", f"/v1/projects/{first[1]['projectId']}").json()
    assert (created["name"], created["customerExternalId"]) == ("Oats", f"postiz:{owners[1]['id']}")


def test_posts_that_do_not_fit_are_explained(person: Person, project: str, tmp_path: Path) -> None:
    """An overdue post, a text that is too long, and a post whose media are not known: a sentence each, and exit status 1."""
    files = dict(postiz(name="bad", due="2020-01-01T00:00:00.000Z"))
    posts: Any = files["posts.json"]
    late = posts["posts"][0]
    bare = {name: value for name, value in late.items() if name != "image"}
    long = {**late, "id": "bad-l", "publishDate": DUE, "content": "x" * 2000}
    files["posts.json"] = {"posts": [late, {**bare, "id": "bad-m", "publishDate": DUE}, long]}
    names = _write(tmp_path, files)
    found = _run(person, "postiz", *names, "--project", project, status=1)
    reasons = {one["foreignId"]: one["reason"] for one in found["posts"]}
    assert "It was due at 2020-01-01" in reasons["postiz:bad-1"]
    assert "does not say which media" in reasons["postiz:bad-m"]
    assert "500" in reasons["postiz:bad-l"]
    assert _count_posts(person, project) == 0
    as_text = _run(person, "postiz", *names, "--project", project, "--as-text", status=1)
    assert _results(as_text)["scheduled"] == ["postiz:bad-m"]
    unknown = person.run("import-from", "hootsuite", *names)
    assert (unknown.status, "Use postiz, mixpost, buffer, ayrshare." in unknown.stderr) == (1, True), unknown.stderr


def test_posts_of_a_project_with_approval_wait_once(person: Person, project: str, tmp_path: Path) -> None:
    """Where content is approved first, the call waits for it, and a second run finds it waiting."""
    policy = person.call("PATCH", f"/v1/projects/{project}/content-review-policy", policy="review_all")
    assert policy.is_success, policy.text
    files = _write(tmp_path, postiz(name="held"))
    assert _results(_run(person, "postiz", *files, "--project", project))["waits for approval"] == ["postiz:held-1"]
    assert "postiz:held-1" in _results(_run(person, "postiz", *files, "--project", project))["taken over before"]
    pending = person.call("GET", f"/v1/projects/{project}/content?approvalStatus=pending").json()["items"]
    assert sorted(one["caption"] == DRAFT for one in pending) == [False, True]
