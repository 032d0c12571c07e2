"""Includes each app's routes, nothing else."""

from importlib.util import find_spec

from django.urls import include, path

urlpatterns = [
    path("", include(f"{app}.urls"))
    for app in (
        "core",
        "users",
        "accounts",
        "compliance",
        "contacts",
        "letters",
        "payments",
        "strategies",
        "reports",
    )
    if find_spec(f"{app}.urls")
]

handler400 = "core.errors.bad_request"
handler403 = "core.errors.permission_denied"
handler404 = "core.errors.not_found"
handler500 = "core.errors.server_error"
