"""The project: settings, routes, the Celery app and the local servers."""

from .celery import app as celery_app

__all__ = ["celery_app"]
