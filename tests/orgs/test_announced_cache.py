"""The cache of keys and sessions: what made-up names can do to it."""

from collections import Counter

from presswork.orgs.announced_cache import AnnouncedCache


async def test_made_up_names_drop_no_rows() -> None:
    """A client that sends random tokens does not make the keys of others be read again; its misses are kept, too."""
    reads = Counter[str]()

    async def read(name: str) -> str | None:
        reads[name] += 1
        return name.upper() if name.startswith("key") else None

    cache = AnnouncedCache[str, str](read)
    cache.on_connected()
    assert await cache.find("key") == "KEY"
    for number in range(25_000):
        assert await cache.find(f"token {number}") is None
    assert await cache.find("key") == "KEY"
    assert await cache.find("token 24999") is None
    assert (reads["key"], reads["token 24999"]) == (1, 1)


async def test_an_announced_name_is_read_again() -> None:
    """Also one that had no row."""
    rows: dict[str, str] = {}

    async def read(name: str) -> str | None:
        return rows.get(name)

    cache = AnnouncedCache[str, str](read)
    cache.on_connected()
    assert await cache.find("key") is None
    rows["key"] = "first"
    assert await cache.find("key") is None
    cache.forget("key")
    assert await cache.find("key") == "first"
    rows["key"] = "second"
    assert await cache.find("key") == "first"
    cache.forget("key")
    assert await cache.find("key") == "second"
