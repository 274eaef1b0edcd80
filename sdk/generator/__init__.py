"""The generator of the Python and TypeScript SDKs."""
