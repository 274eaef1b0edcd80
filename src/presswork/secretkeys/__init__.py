"""Secret keys over time: which one is the primary, which rows each one encrypts, and re-encryption."""
