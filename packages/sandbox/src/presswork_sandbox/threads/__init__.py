"""Threads: login, containers, publishing, replies."""
