"""Registers the package with Django."""

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "turnus.contacts"
    label = "contacts"
