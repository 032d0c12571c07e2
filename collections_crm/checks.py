"""Refuse to start a production installation with weak settings (RELIABILITY 43)."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def production_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Errors for a production installation that would be unsafe to run."""
    if not settings.PRODUCTION:
        return []
    found: list[CheckMessage] = []
    if settings.DEBUG:
        found.append(Error("DEBUG must be off in production.", id="crm.E001"))
    if len(settings.SECRET_KEY) < 50:
        found.append(Error("SECRET_KEY must have at least 50 characters.", id="crm.E002"))
    if "*" in settings.ALLOWED_HOSTS:
        found.append(Error("ALLOWED_HOSTS must name the hosts; '*' is refused.", id="crm.E003"))
    if not settings.CRM_FIELD_KEYS or not settings.CRM_INDEX_KEY:
        found.append(Error("CRM_FIELD_KEYS and CRM_INDEX_KEY must be set: personal data needs them.", id="crm.E004"))
    return found
