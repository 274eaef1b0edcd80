"""Every pinned package has a licence that goes with ours, and the page tells it."""

import tomllib
from typing import Any

import pytest
from scripts.licences import PAGE, ROOT, LicenceUnknown, Pinned, faults_of, licence_of, page, pinned

Lock = dict[str, Any]  # what TOML holds


@pytest.fixture
def lock() -> Lock:
    """The lock file."""
    return tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))


def test_the_page_is_current(lock: Lock) -> None:
    """The page has each package of the lock file; `python -m scripts.licences > docs/licences.md` makes it anew."""
    assert PAGE.read_text(encoding="utf-8") == page(pinned(lock))


def test_nothing_is_wrong_now(lock: Lock) -> None:
    """All licences are known and allowed, all packages come from PyPI, all files have hashes."""
    assert faults_of(lock, pinned(lock)) == []


def test_what_is_wrong_is_told(lock: Lock) -> None:
    """A forbidden licence, a package from a git repository, a file without its hash, and an unknown package are each named."""
    bad = {"name": "bad", "source": {"git": "https://example.com/bad.git"}, "wheels": [{"url": "x"}]}
    faults = faults_of({"package": [bad]}, [Pinned("bad", "GPL-3.0-only", runs=True)])
    assert len(faults) == 3
    assert all(fault.startswith("bad") for fault in faults)
    with pytest.raises(LicenceUnknown, match="not-installed-anywhere"):
        licence_of("not-installed-anywhere")


@pytest.mark.parametrize(
    ("licence", "is_allowed"),
    [
        ("MIT", True),
        ("Apache-2.0 AND MIT", True),
        ("GPL-3.0-only OR MIT", True),
        ("MIT AND GPL-3.0-only", False),
        ("Proprietary", False),
    ],
)
def test_expressions_are_read(licence: str, is_allowed: bool) -> None:
    """One allowed choice is enough; what holds together must be allowed altogether."""
    assert Pinned("x", licence, runs=True).is_allowed is is_allowed
