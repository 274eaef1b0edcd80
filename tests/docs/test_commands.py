"""The commands of the documentation work unchanged."""

import re
import subprocess
from pathlib import Path
from typing import Final

import pytest
from tests.cli.program import running_up
from tests.docs.conftest import Reader, reader_of
from tests.docs.pages import DOCS, README, ROOT, shell_blocks

_DONE_BY_THE_TEST: Final = re.compile(r"^(make \w+|\.venv/bin/presswork up)$")
"""Lines that do what the fixture has already done."""


def _commands(blocks: list[str], url: str) -> str:
    """Join blocks into one script, with the URL of the running server instead of the default one."""
    lines = [line for block in blocks for line in block.splitlines() if not _DONE_BY_THE_TEST.fullmatch(line)]
    return "\n".join(lines).replace("http://127.0.0.1:8000", url)


@pytest.mark.exhaustive
def test_documented_commands_work_unchanged(tmp_path: Path) -> None:
    """The commands of the quickstart and of the pages after it succeed in one session, with the described results.

    The server is new: the commands have its sandbox to themselves.
    """
    names = ("quickstart", "api-guide", "how-a-post-goes-live", "from-pending-to-published")
    pages = (*(DOCS / f"{name}.md" for name in names), README)
    blocks = [block for page in pages for block in shell_blocks(page)]
    with running_up(tmp_path / "data") as up:
        done = reader_of(up, tmp_path).type(_commands(blocks, up.url))
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert done.stdout.count('"status":"published"') >= 3
    assert '"status":"failed"' not in done.stdout
    assert "Fresh from the oven" in done.stdout
    # The post whose response was dropped was reconciled and exists once, beside that of the quickstart.
    assert "repeats nothing before it knows." in done.stdout
    assert re.findall(r'"kind": ?"(\w+)"', done.stdout) == ["feed_image", "feed_image"]
    # Approval: both pictures are held, one approved call becomes a post, which is rescheduled; the other is rejected.
    assert done.stdout.count('"gateStatus":"blocked_on_approval"') == 2
    assert '"pendingSchedulePromotion":{"status":"ok"' in done.stdout
    assert '"droppedScheduleCalls":1' in done.stdout
    assert done.stdout.count('"event":"rescheduled"') == 1
    assert done.stdout.count('"status":"canceled","canceledAt"') == 1
    # The guide announces each refused call; curl exits with 0 for it.
    refused = re.findall(r'"error":\{"code":"(\w+)"', done.stdout)
    assert refused == [
        "VALIDATION",
        "APPROVAL_REQUIRED",
        "FORBIDDEN_SCOPE",
        "CONTENT_REJECTED",
        "CONFLICT",
    ], done.stdout
    assert re.search(r'\{"scheduledPostIds":\["sp_[0-9a-f-]{36}"\]\}$', done.stdout.strip())


def test_customers_are_set_up_by_the_commands_of_their_pages(reader: Reader) -> None:
    """Two customers, from the key of the installation to the numbers for the bill; then a provider of one creates a person."""
    customers, scim = (shell_blocks(DOCS / f"{name}.md") for name in ("run-it-for-your-customers", "scim"))
    session = [*customers, "export PRESSWORK_URL=$URL PRESSWORK_KEY=$LINDT_KEY", *scim]
    done = reader.type(_commands(session, reader.url))
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    for made in (
        '"postsPerMonth":1000',
        '"clientIdHint":"3456"',
        '"policy":"review_all"',
        '"secondFactor":"admins"',
        '"totalResults":1',
        '"role":"publisher"',
        '"active":false',
    ):
        assert made in done.stdout, (made, done.stdout)


def test_documented_make_targets_exist() -> None:
    """Each `make …` in a shell block is a target of the Makefile."""
    pages = (README, DOCS / "quickstart.md", ROOT / "CONTRIBUTING.md")
    named = {
        name
        for page in pages
        for block in shell_blocks(page)
        for name in re.findall(r"^make (\w+)", block, re.MULTILINE)
    }
    assert {"setup", "demo"} <= named
    for name in sorted(named):
        done = subprocess.run(["make", "-n", "-C", str(ROOT), name], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_readme_fits_on_a_screen() -> None:
    """The README has at most 60 lines."""
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 60
