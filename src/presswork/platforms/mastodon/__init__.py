"""Mastodon, at any server: texts, pictures and videos, each with a key that keeps a repeated call from posting twice."""
