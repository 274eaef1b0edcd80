"""Fixtures of the tests of queues: a project that is ready to publish."""

from tests.posts.conftest import ready_project  # noqa: F401  a fixture
