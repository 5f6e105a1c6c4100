"""The `turnus` command."""
