"""Public ids: the form of a ULID."""

from uuid import UUID

from ulid import ULID

from presswork.core.ids import new_id, new_ulid, public_ulid


def test_a_uuid_is_written_as_a_ulid() -> None:
    """The 26 digits are those that another implementation writes for the same 128 bits."""
    for value in (UUID(int=0), UUID(int=2**128 - 1), UUID("0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"), new_id()):
        assert public_ulid("evt", value) == f"evt_{ULID.from_bytes(value.bytes)}"


def test_new_ulids_are_in_order() -> None:
    """A new ULID is valid, and sorts after those before it."""
    made = [new_ulid("req") for _ in range(100)]
    assert made == sorted(set(made))
    assert str(ULID.from_str(made[0].removeprefix("req_"))) == made[0].removeprefix("req_")
