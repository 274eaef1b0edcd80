"""Recurring posts and evergreen content: posts that are made ahead of time by a rule, or for free slots of a queue."""
