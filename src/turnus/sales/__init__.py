"""Pipelines, stages, lost reasons and deals."""
