"""What a maintainer runs for a release: `make version` writes a version, `make release` builds everything and uploads nothing."""
