"""Bluesky, by the AT Protocol: pictures, galleries and videos, with an exact answer to what became of each post."""
