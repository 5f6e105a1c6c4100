"""Lists: saved filters, columns, sort orders; and turning a filter tree into a query."""
