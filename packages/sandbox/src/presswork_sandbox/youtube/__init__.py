"""The fake YouTube: Google's login, and the YouTube Data API v3 for uploads, channels and comments."""
