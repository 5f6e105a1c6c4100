"""A person's own data: handing it out, erasing it."""
