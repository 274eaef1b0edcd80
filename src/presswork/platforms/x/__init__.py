"""X: posts, pictures, videos and threads, which cost money."""
