"""The lists of deals, persons and organisations, with their filters, columns and bulk changes."""
