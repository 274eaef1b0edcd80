"""Run a cluster under random faults and check a ledger afterwards: `make chaos`. See docs/reliability.md."""
