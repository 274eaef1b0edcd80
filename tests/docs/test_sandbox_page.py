"""The page about the sandbox names the operations at which faults can be set, as the sandbox has them."""

import re
from pathlib import Path
from typing import Final

from presswork_sandbox.faults import JOB_OPERATIONS, OPERATIONS

_PAGE: Final = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text("utf-8")
_NAME: Final = re.compile(r"`([a-z_]+)`")


def test_each_platform_has_one_row_with_its_operations() -> None:
    """The table of operations is complete, and names none that does not exist."""
    table = _PAGE.partition("| platform | operations |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `(\w+)`[^|]*\| (.+) \|$", table, re.MULTILINE)
    assert sorted(platform for platform, _ in rows) == sorted(OPERATIONS)
    for platform, text in rows:
        assert sorted(_NAME.findall(re.sub(r"\([^)]*\)", "", text))) == sorted(OPERATIONS[platform]), platform


def test_operations_of_jobs_are_named() -> None:
    """The paragraph on `stuck_processing` and `media_error` names each operation that takes them, by name or as a group."""
    paragraph = _PAGE.partition("`stuck_processing` and `media_error` can be set where")[2].partition("\n\n")[0]
    grouped = re.compile(r"(?:video|inbox|content)_init|\w+_initialize|videos|(?:video|reel)_(?:start|transfer|finish)")
    operations = {name for names in JOB_OPERATIONS.values() for name in names if not grouped.fullmatch(name)}
    assert operations <= set(_NAME.findall(paragraph)), operations - set(_NAME.findall(paragraph))
