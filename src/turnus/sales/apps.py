"""Registers the package with Django."""

from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "turnus.sales"
    label = "sales"
