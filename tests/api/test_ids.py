"""Ids on the wire: read by the driver's fast UUIDs exactly as Python's own would be."""

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
def test_an_id_is_its_prefix_and_a_uuid_in_the_usual_form(text: str) -> None:
    """What Python's UUID writes as it was read (in either case) is an id; anything else is refused."""
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


def test_a_fresh_id_is_a_uuid_like_any_other() -> None:
    """Version 7, equal to the same value made by Python's UUID, hashed alike, and read back from the wire."""
    fresh = new_id()
    assert isinstance(fresh, UUID)
    assert fresh.version == 7
    assert {fresh: 1}[UUID(str(fresh))] == 1
    assert parse_id(ACCOUNT, public_id(ACCOUNT, fresh)) == fresh
    assert fresh < new_id()
