"""What the tests of secret keys share."""

from collections.abc import Iterator

import pytest
from tests.cli.program import Desk


@pytest.fixture(scope="session")
def desk() -> Iterator[Desk]:
    """The process that runs short commands."""
    desk = Desk()
    yield desk
    desk.close()
