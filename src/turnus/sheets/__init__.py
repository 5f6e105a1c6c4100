"""Spreadsheets and CSV files <-> tables; the only code that knows a spreadsheet library."""
