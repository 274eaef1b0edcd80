"""The command line as a client of a running Presswork: it calls the public API and needs no database."""
