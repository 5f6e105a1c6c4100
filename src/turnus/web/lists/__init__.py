"""The lists of deals, persons and organizations, with their filters, columns and bulk changes."""
