"""Settings of the bare server that P14 runs beside the product: plain views, session and user, nothing else."""

from collections_crm.settings import *  # noqa: F403

ROOT_URLCONF = "bench.floors"
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
