"""Bluesky: an account server (PDS), its OAuth server, the video service, and the reads that clients need around them."""
