"""How a video is divided into chunks, against TikTok's own worked examples and for any size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.platforms.rows import each_row

from presswork.platforms.tiktok.rules import MAX_FILE_BYTES
from presswork.platforms.tiktok.video import ByteRange, ChunkPlan, ChunkRule


@each_row(
    ("size_bytes", "rule", "count", "last_bytes"),
    [
        (1, ChunkRule(), 1, 1),
        (4_194_304, ChunkRule(), 1, 4_194_304),
        (64_000_000, ChunkRule(), 1, 64_000_000),
        (64_000_001, ChunkRule(), 6, 14_000_001),
        (50_000_123, ChunkRule(single_max_bytes=5_000_000, chunk_bytes=10_000_000), 5, 10_000_123),
        (150_000_000, ChunkRule(single_max_bytes=64_000_000, chunk_bytes=32_000_000), 4, 54_000_000),
        (MAX_FILE_BYTES, ChunkRule(), 400, 10_000_000),
    ],
)
def test_known_sizes(size_bytes: int, rule: ChunkRule, count: int, last_bytes: int) -> None:
    """The count is rounded down and the last chunk contains the rest, as in TikTok's examples."""
    plan = ChunkPlan.of(size_bytes, rule)
    ranges = list(plan.ranges_from(0))
    assert (plan.count, len(ranges), ranges[-1].size_bytes) == (count, count, last_bytes)


@given(size_bytes=st.integers(1, MAX_FILE_BYTES))
def test_every_size_keeps_the_limits(size_bytes: int) -> None:
    """Any file is covered without a gap, in chunks of 5 to 64 MB and a last one of at most 128 MB."""
    plan = ChunkPlan.of(size_bytes, ChunkRule())
    ranges = list(plan.ranges_from(0))
    assert plan.count == max(1, size_bytes // plan.chunk_bytes)
    assert [one.first for one in ranges] == [0, *(one.last + 1 for one in ranges[:-1])]
    assert ranges[-1].last == size_bytes - 1
    assert ranges[-1].first == plan.last_first
    assert all(5_000_000 <= one.size_bytes <= 64_000_000 for one in ranges[:-1])
    assert ranges[-1].size_bytes <= 128_000_000


def test_resumes_anywhere() -> None:
    """From a position inside a chunk, the rest of that chunk is first, then whole ones."""
    plan = ChunkPlan(size_bytes=35, chunk_bytes=10, count=3)
    assert list(plan.ranges_from(13)) == [ByteRange(first=13, last=19), ByteRange(first=20, last=34)]
    assert list(plan.ranges_from(31)) == [ByteRange(first=31, last=34)]
    assert list(plan.ranges_from(35)) == []


@pytest.mark.parametrize("size_bytes", [0, -1, MAX_FILE_BYTES + 1])
def test_impossible_sizes(size_bytes: int) -> None:
    """An empty file and one over 4 GB can't be divided."""
    with pytest.raises(ValueError, match="bytes can't be uploaded"):
        ChunkPlan.of(size_bytes, ChunkRule())
