"""Registers the package with Django."""

from django.apps import AppConfig


class RadarConfig(AppConfig):
    name = "turnus.radar"
    label = "radar"
