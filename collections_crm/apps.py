"""Start-up checks of the whole project."""

from django.apps import AppConfig


class CrmConfig(AppConfig):
    name = "collections_crm"
    verbose_name = "Collections CRM"

    def ready(self) -> None:
        from . import checks  # noqa: F401  registers the system checks
