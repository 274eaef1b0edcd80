"""Fixtures of the tests of recurring posts."""

from tests.posts.conftest import ready_project

__all__ = ["ready_project"]
