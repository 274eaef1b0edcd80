"""Threads: pictures, videos and carousels of Threads profiles."""
