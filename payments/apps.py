"""Payments tells accounts on which days a debt bears no interest."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "payments"

    def ready(self) -> None:
        from accounts.services import pauses

        from .services import stay_days

        pauses.register(stay_days.pauses)
