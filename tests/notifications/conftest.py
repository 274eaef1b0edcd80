"""Fixtures of the tests of notifications: files of the tests of content."""

from tests.content.conftest import picture, png, video

__all__ = ["picture", "png", "video"]
