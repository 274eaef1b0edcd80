"""Lists in a terminal of 80 columns and in a pipe: no id, link or header is broken."""

import csv
import re
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
from tests.cli.person import Person
from tests.cli.program import Up, environment
from tests.cli.terminal import COLUMNS, output_of
from tests.sdk.world import connect, made
from tests.tiers import exhaustive

from presswork.cli.table import Layout, Table

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def busy(person: Person) -> Person:
    """The user with live posts, content that waits for approval, and a webhook endpoint."""
    done = person.run(
        "publish", "a.jpg", "--to", "instagram:@cli.shop", "--to", "tiktok:@cli.shop", "--caption", "Spring " * 20
    )
    assert done.status == 0, done.stderr
    reviewed = made(person.call("POST", "/v1/projects", name="Reviewed by the brand's own people", timezone="UTC"))
    assert person.call("PATCH", f"/v1/projects/{reviewed}/content-review-policy", policy="review_all").is_success
    with httpx2.Client(
        base_url=person.url, headers={"Authorization": f"Bearer {person.key}"}, trust_env=False
    ) as client:
        connect(client, reviewed, "instagram", "a.much.longer.handle.of.a.shop")
    scheduled = person.run(
        "publish", "b.jpg", "--to", "@a.much.longer.handle.of.a.shop", "--at", "+2h", "--project", reviewed
    )
    assert "waits for approval" in scheduled.stdout, scheduled.stderr
    assert person.run("webhooks", "create", "https://example.com/a/rather/long/path/for/webhooks").status == 0
    return person


LISTS: Final = {
    "accounts": ("account", "socialAccountId"),
    "posts": ("post", "id"),
    "projects": ("project", "id"),
    "content": ("content", "id"),
    "webhooks list": ("endpoint", "id"),
}
"""What the first column of each list is called, and the ID in it."""


@pytest.mark.parametrize("command", ["posts", *exhaustive(["accounts", "projects", "content", "webhooks list"])])
def test_a_terminal_of_80_columns_breaks_nothing(busy: Person, command: str) -> None:
    """Each id is whole and begins its line; no line is wider than the terminal, unless it is one link alone."""
    header, id_name = LISTS[command]
    items = items_of(busy, command)
    shown = output_of(*command.split(), environment=busy.environment(), cwd=busy.folder)
    assert shown.status == 0, shown.text
    assert shown.lines[0].split("  ")[0] == header
    assert [line.split()[0] for line in shown.lines[1:] if not line.startswith("  ")] == [one[id_name] for one in items]
    assert [line for line in shown.lines if len(line) > COLUMNS and not re.fullmatch(r"  http://\S+", line)] == []
    assert "\x1b[" in shown.raw


def test_a_pipe_gets_every_column_separated_by_tabs(busy: Person, subtests: pytest.Subtests) -> None:
    """One header line, then one line for each row with as many values, whole and without decoration."""
    for command, (header, id_name) in LISTS.items():
        with subtests.test(command=command):
            done = busy.run(*command.split())
            names, *rows = csv.reader(done.stdout.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
            assert names[0] == header
            assert {len(row) for row in rows} == {len(names)}
            assert [row[0] for row in rows] == [one[id_name] for one in items_of(busy, command)]
            assert not re.search("\x1b|…|—", done.stdout)


def test_posts_of_test_projects_link_to_the_sandbox(busy: Person) -> None:
    """`posts` and `post` show the sandbox's page of a post, on a separate line that is not broken."""
    shown = output_of("posts", environment=busy.environment(), cwd=busy.folder)
    links = [line.strip() for line in shown.lines if "/sandbox/" in line]
    assert len(links) == 2
    assert {httpx2.get(link, trust_env=False).status_code for link in links} == {200}
    post = items_of(busy, "posts")[0]["id"]
    (link,) = re.findall(r"http://\S+", busy.run("post", post).stdout)
    assert link == links[0]


def test_wide_shows_every_column(busy: Person) -> None:
    """With --wide a terminal shows what a pipe gets, and nothing is cut."""
    shown = output_of("content", "--wide", environment=busy.environment(), cwd=busy.folder)
    piped = busy.run("content").stdout.splitlines()[0].split("\t")
    assert re.split(r"\s{2,}", shown.lines[0].strip()) == piped
    assert ("Spring " * 20).strip() in shown.text


def test_no_color(busy: Person) -> None:
    """With NO_COLOR a terminal gets no colors."""
    given = {**busy.environment(), "NO_COLOR": "1"}
    shown = output_of("posts", environment=given, cwd=busy.folder)
    assert "published" in shown.text
    assert not re.search(r"\x1b\[[0-9;]*3\dm", shown.raw)


def test_pending_content(busy: Person) -> None:
    """`content --pending` shows what `approve` and `reject` decide about, and nothing else."""
    projects = {one["name"]: one["id"] for one in items_of(busy, "projects")}
    reviewed = projects["Reviewed by the brand's own people"]
    pending = items_of(busy, "content", "--pending", "--project", reviewed)
    assert [one["approvalStatus"] for one in pending] == ["pending"]
    nothing = busy.run("content", "--pending")
    assert (nothing.stdout.count("\n"), nothing.stderr) == (1, "No content waits for approval.\n")


def test_accounts_are_filtered(busy: Person) -> None:
    """`accounts` filters by platform and status, and an unknown value is refused with the known ones."""
    (account,) = items_of(busy, "accounts", "--platform", "tiktok")
    assert (account["platform"], account["readiness"]["publish"]["ready"]) == ("tiktok", True)
    assert busy.json("accounts", "--status", "disconnected")["items"] == []
    refused = busy.run("accounts", "--platform", "myspace")
    assert (refused.status, "instagram, tiktok" in refused.stderr) == (1, True)


def test_a_new_key_is_alone_on_standard_output(up: Up, person: Person) -> None:
    """`KEY=$(presswork key create …)` captures the key; the other words are on standard error."""
    made_key = person.run("key", "create", "--org", "Capture", "--data-dir", str(up.data_dir))
    assert re.fullmatch(r"lp_test_[A-Z2-7]{16}_[A-Za-z0-9_-]{43}\n", made_key.stdout)
    assert "not shown again" in made_key.stderr
    shown = output_of("key", "list", "--data-dir", str(up.data_dir), environment=environment(), cwd=person.folder)
    assert [line for line in shown.lines if len(line) > COLUMNS] == []
    assert all(re.match(r"key_[0-9a-f-]{36}  ", line) for line in shown.lines[1:])


def test_a_refused_connection_is_reported_at_once(person: Person) -> None:
    """Nothing listens at the URL: after one attempt the error names the URL and where it is from."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        done = person.run("posts", base_url=url, log="info")
    assert "retry" not in done.stderr
    assert done.status == 1
    assert f"{url} can't be reached: connection refused. Check the URL, which is from PRESSWORK_BASE_URL" in done.stderr
    assert (
        "'nonsense' is not the address of a server. It is from PRESSWORK_BASE_URL"
        in person.run("posts", base_url="nonsense").stderr
    )


def test_a_refused_key_says_where_it_is_from(person: Person, tmp_path: Path) -> None:
    """The error names the environment variable, or the file that `presswork login` stored."""
    wrong = person.key[:-4] + "AAAA"
    from_environment = person.run("posts", api_key=wrong, base_url=person.url)
    assert (from_environment.status, "from PRESSWORK_API_KEY" in from_environment.stderr) == (1, True)
    file = tmp_path / "login.json"
    file.write_text((person.folder / "login.json").read_text().replace(person.key, wrong))
    stored = person.command_process.run(["posts"], environment=environment(login_file=str(file)), cwd=tmp_path)
    assert (stored.status, f"from {file}" in stored.stderr) == (1, True)
    assert f"{person.url} does not accept the API key" in stored.stderr


def test_long_texts_are_cut_before_ids() -> None:
    """Columns are dropped by importance, then texts are cut; a value below its row is wrapped between words only."""
    layout = Layout(drop=("created", "note"), cut=("name",), below=("why",))
    table = Table(
        ("id", "name", "note", "created", "why"),
        [("x" * 40, "A name of a project that is long", "n" * 30, "2026-01-01", f"Because {'y' * 90} of it")],
        layout,
    )
    assert [line.plain for line in table.lines(60)] == [
        f"id{' ' * 38}  name",
        f"{'x' * 40}  A name of a proje…",
        "  why: Because",
        f"  {'y' * 90}",
        "  of it",
    ]
    assert len(list(table.lines(None))) == 2


def test_a_long_last_column_continues_on_the_next_line() -> None:
    """The timeline's messages are wrapped between words, beside the other columns."""
    table = Table(("at", "message"), [("09:07", f"One two {'z' * 40} three")], Layout(wrap="message"))
    assert [line.plain for line in table.lines(30)] == [
        "at     message",
        "09:07  One two",
        f"       {'z' * 40}",
        "       three",
    ]


def test_a_post_in_a_pipe_is_one_table(busy: Person) -> None:
    """`post` prints fields and timeline as rows of two columns."""
    post = items_of(busy, "posts")[0]["id"]
    rows = [line.split("\t") for line in busy.run("post", post).stdout.splitlines()]
    assert rows[:2] == [["field", "value"], ["post", post]]
    assert {len(row) for row in rows} == {2}
    assert any(re.match(r"20\d\d-.*Z published: ", value) for name, value in rows if name == "timeline")


def items_of(person: Person, command: str, *options: str) -> Sequence[dict[str, Any]]:  # Any: of JSON
    """Return the items that a list command prints as JSON."""
    items = person.json(*command.split(), *options)["items"]
    assert isinstance(items, list)
    assert items
    return items
