"""Pinterest: Pins of pictures and videos on an account's boards."""
