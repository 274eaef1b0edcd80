"""Exponential backoff."""

from datetime import timedelta


def backoff(first: timedelta, longest: timedelta, *, failures: int) -> timedelta:
    """Return `first`, doubled for each of the earlier `failures`, at most `longest`."""
    return min(longest, first * (1 << min(failures, 16)))
