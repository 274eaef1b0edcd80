"""Fixtures of the tests of snippets."""

from tests.posts.conftest import ready_project as ready_project
