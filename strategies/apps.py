"""Listens to the other apps once they are loaded."""

from django.apps import AppConfig


class StrategiesConfig(AppConfig):
    name = "strategies"

    def ready(self) -> None:
        from . import letter_facts, receivers, reminders

        receivers.connect()
        letter_facts.register()
        reminders.connect()
