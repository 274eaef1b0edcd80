"""A cluster under faults, and a ledger that is checked afterwards: `make chaos`. See docs/reliability.md."""
