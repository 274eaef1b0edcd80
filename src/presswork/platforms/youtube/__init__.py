"""YouTube, by its Data API: videos, uploaded as private and then made visible."""
