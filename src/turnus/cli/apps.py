"""Registers the package with Django."""

from django.apps import AppConfig


class CliConfig(AppConfig):
    name = "turnus.cli"
    label = "cli"
