"""Pages of one record: deals, persons, organisations; adding them; the trash."""
