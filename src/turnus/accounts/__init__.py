"""Who uses Turnus: the company, its users and teams, and who may see and do what."""
