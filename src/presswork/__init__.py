"""Presswork: publish one piece of content to many Instagram and TikTok accounts with one call."""

__version__ = "0.1.0"
