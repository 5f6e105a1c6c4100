"""Settings: the company, users, fields, pipelines, and a person's own profile."""
