"""The screens: one folder per area, templates and static files beside them."""
