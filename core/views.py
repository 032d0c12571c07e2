"""Health of the process."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from .access import public


@public
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. No database."""
    return JsonResponse({"ok": True})


@public
def readyz(request: HttpRequest) -> HttpResponse:
    """PostgreSQL answers and every migration is applied; else 503."""
    try:
        executor = MigrationExecutor(connection)
        waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError:
        return JsonResponse({"ok": False, "database": False}, status=503)
    return JsonResponse({"ok": not waiting, "migrations_waiting": waiting}, status=503 if waiting else 200)
