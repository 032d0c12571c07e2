"""The app; registers the number of open disputes beside its page, and listens for pauses that end."""

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "contacts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from core import nav

        from . import queries, receivers

        nav.register_count(name="contacts:disputes", count=lambda user: queries.open_disputes(user=user))
        receivers.connect()
