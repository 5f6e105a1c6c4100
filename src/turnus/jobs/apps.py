"""Registers the package with Django."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "turnus.jobs"
    label = "jobs"
