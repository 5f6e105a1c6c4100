"""Registers the package with Django."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "turnus.web"
    label = "web"
