"""The start-up check for private attributes of libraries."""

import re
import tomllib
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from presswork.core import library_internals
from presswork.core.errors import Unavailable
from presswork.core.library_internals import missing_internals, require_internals

ROOT = Path(__file__).parents[2]


async def test_the_installed_libraries_have_what_is_needed() -> None:
    """Nothing is missing in the versions that the tests run with."""
    assert await missing_internals() == []
    await require_internals()


async def test_a_library_that_has_changed_is_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names the library, its version, the attribute and what to install."""

    class Renamed(aiohttp.TCPConnector):
        def __getattribute__(self, name: str) -> object:
            if name == "_factory":
                raise AttributeError(name)
            return super().__getattribute__(name)

    monkeypatch.setattr(aiohttp, "TCPConnector", Renamed)
    with pytest.raises(Unavailable, match=r"aiohttp \d.* has no TCPConnector\._factory.*Install .*aiohttp>=") as caught:
        await require_internals()
    assert len(re.findall("has no", caught.value.message)) == 1


async def test_a_pool_that_has_changed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for the database driver."""
    monkeypatch.setattr(asyncpg, "Pool", type("Pool", (), {}))
    assert [sentence.split(",")[0] for sentence in await missing_internals()] == [
        f"asyncpg {asyncpg.__version__} has no Pool._queue"
    ]


def test_the_dependencies_have_the_same_bounds() -> None:
    """What the check recommends is what the package asks for."""
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    for library, bounds in library_internals._SUPPORTED.items():
        assert f"{library}{bounds}" in dependencies
