"""A managed provider, as docs/provider-protocol.md describes one: it accepts posts and publishes them."""
