"""What platforms can do."""
