"""Compliance listens as soon as the project is up."""

from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    name = "compliance"

    def ready(self) -> None:
        from . import receivers  # noqa: F401
