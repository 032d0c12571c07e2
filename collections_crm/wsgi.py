"""The web entry point."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from core.memory import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "collections_crm.settings")
application = get_wsgi_application()
list(get_resolver().url_patterns)  # every view is loaded before the first request, not in it
settle()
