"""Pages of one record: deals, persons, organizations; adding them; the trash."""
