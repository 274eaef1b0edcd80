"""A managed provider, as docs/provider-protocol.md describes one: it takes posts over and publishes them itself."""
