"""Registers the package with Django."""

from django.apps import AppConfig


class FieldsConfig(AppConfig):
    name = "turnus.fields"
    label = "fields"
