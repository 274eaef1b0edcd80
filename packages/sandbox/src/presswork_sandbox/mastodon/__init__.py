"""Mastodon: one API on any server, each with its own apps, limits and posts."""
