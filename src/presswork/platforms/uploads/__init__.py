"""Uploads of media in ranges, and waits until a platform has processed them."""
