"""Pinterest: API v5 on its live host, and the same in a separate world on Pinterest's own sandbox host."""
