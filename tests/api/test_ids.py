"""Ids on the wire: asyncpg's UUID type parses them exactly like Python's."""

from uuid import UUID

from hypothesis import example, given
from hypothesis import strategies as st

from presswork.core.ids import ACCOUNT, new_id, parse_id, public_id

_NEARLY = st.uuids().flatmap(
    lambda value: st.tuples(st.integers(0, 36), st.integers(0, 36), st.text(max_size=3)).map(
        lambda cut: str(value)[: cut[0]] + cut[2] + str(value)[cut[1] :]
    )
)


@given(st.one_of(st.uuids().map(str), st.uuids().map(lambda value: str(value).upper()), _NEARLY, st.text(max_size=40)))
@example("{0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55}")
@example("0191f3a27c1e7b609d0a3f6a2f1c8e55")
@example("urn:uuid:0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55")
def test_an_id_is_a_prefix_and_a_canonical_uuid(text: str) -> None:
    """A UUID in canonical form, in either case, is accepted; other forms are rejected."""
    try:
        wanted = UUID(text)
    except ValueError:
        wanted = None
    if wanted is not None and str(wanted) != text.lower():
        wanted = None
    try:
        found = parse_id(ACCOUNT, f"sa_{text}")
    except ValueError:
        found = None
    assert found == wanted


def test_new_id_equals_a_python_uuid() -> None:
    """A new id has version 7, equals the same Python UUID, has the same hash, and survives a round trip."""
    fresh = new_id()
    assert isinstance(fresh, UUID)
    assert fresh.version == 7
    assert {fresh: 1}[UUID(str(fresh))] == 1
    assert parse_id(ACCOUNT, public_id(ACCOUNT, fresh)) == fresh
    assert fresh < new_id()
