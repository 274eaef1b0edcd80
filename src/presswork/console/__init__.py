"""The console: a single-page application (sources in `console/`) that uses the public API alone."""
