"""Letters hears what people ask of us."""

from django.apps import AppConfig


class LettersConfig(AppConfig):
    name = "letters"

    def ready(self) -> None:
        """Connect the receivers."""
        from . import receivers  # noqa: F401
