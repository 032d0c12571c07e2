"""Django for a benchmark, on the database that is given. Import this before anything of the project."""

import base64
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def django_on(url: str) -> None:
    """Set Django up on this database. Keys that are missing in the environment are made up for the run."""
    sys.path.insert(0, str(ROOT))
    key = base64.b64encode(b"bench only, never in production!").decode()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "collections_crm.settings")
    os.environ.setdefault("SECRET_KEY", "bench-only")
    os.environ.setdefault("CRM_FIELD_KEYS", f"k1:{key}")
    os.environ.setdefault("CRM_INDEX_KEY", key)
    os.environ.setdefault("CRM_LOG_LEVEL", "ERROR")
    os.environ["DATABASE_URL"] = url
    import django

    django.setup()
