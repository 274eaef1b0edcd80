"""What the documents have a reader type works, word for word."""

import re
import subprocess
from typing import Final

import pytest
from tests.docs.conftest import Reader
from tests.docs.pages import DOCS, README, ROOT, shell_blocks

_DONE_BY_THE_TEST: Final = re.compile(r"^(make \w+|\.venv/bin/presswork up)$")
"""Lines that set up what the fixture has set up already."""


def _commands(blocks: list[str], url: str) -> str:
    """Return blocks as one script against the running server; the documents name the default address."""
    lines = [line for block in blocks for line in block.splitlines() if not _DONE_BY_THE_TEST.fullmatch(line)]
    return "\n".join(lines).replace("http://127.0.0.1:8000", url)


@pytest.mark.xdist_group("reader")
def test_what_readers_type_works_as_it_stands(reader: Reader) -> None:
    """A reader types the quickstart, then what other pages add to it, in one session, and each call does what it says."""
    names = ("quickstart", "api-guide", "how-a-post-goes-live", "from-pending-to-published")
    pages = (*(DOCS / f"{name}.md" for name in names), README)
    blocks = [block for page in pages for block in shell_blocks(page)]
    done = reader.type(_commands(blocks, reader.url))
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert done.stdout.count('"status":"published"') >= 3
    assert '"status":"failed"' not in done.stdout
    assert "Fresh from the oven" in done.stdout
    # The post whose answer was lost on purpose was looked up, and is there once: beside the quickstart's own.
    assert "repeats nothing before it knows." in done.stdout
    assert re.findall(r'"kind": ?"(\w+)"', done.stdout) == ["feed_image", "feed_image"]
    # Approval: both pictures are held, one call that waited becomes a post, which is moved; the other is dropped.
    assert done.stdout.count('"gateStatus":"blocked_on_approval"') == 2
    assert '"pendingSchedulePromotion":{"status":"ok"' in done.stdout
    assert '"droppedScheduleCalls":1' in done.stdout
    assert done.stdout.count('"event":"rescheduled"') == 1
    assert done.stdout.count('"status":"canceled","canceledAt"') == 1
    # Where a call is refused, the guide says that it will be; curl alone does not fail on it.
    refused = re.findall(r'"error":\{"code":"(\w+)"', done.stdout)
    assert refused == [
        "VALIDATION",
        "APPROVAL_REQUIRED",
        "FORBIDDEN_SCOPE",
        "CONTENT_REJECTED",
        "CONFLICT",
    ], done.stdout
    assert re.search(r'\{"scheduledPostIds":\["sp_[0-9a-f-]{36}"\]\}$', done.stdout.strip())


def test_make_targets_that_are_named_exist() -> None:
    """Every `make …` of a document's shell blocks is a target of the Makefile."""
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
