"""Registers the package with Django."""

from django.apps import AppConfig


class ListingConfig(AppConfig):
    name = "turnus.listing"
    label = "listing"
