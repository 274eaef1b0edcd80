"""Fixtures of the tests about reads of live posts."""

from tests.insights.conftest import measured
from tests.posts.conftest import ready_project

__all__ = ["measured", "ready_project"]
