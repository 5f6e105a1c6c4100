"""Addresses of the screens, area by area."""

from django.urls import path

urlpatterns: list = []
