"""Fixtures of imports: projects of the tests of posts, and files of those of content."""

from tests.content.conftest import content_client, files, picture
from tests.posts.conftest import ready_project

__all__ = ["content_client", "files", "picture", "ready_project"]
