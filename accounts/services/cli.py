"""The import command's one call: receive, map, check, release, load, report."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from accounts.models import ColumnMap, ImportFile, ImportRow, Organization, OrganizationRole, Portfolio
from accounts.placement_file import ColumnMap as Layout
from accounts.services import imports
from accounts.services.imports import ImportRefused, State
from accounts.services.running import work_imports
from core import clock
from users.models import Role, Team, User

CHUNK = 1 << 20
BUSY = (State.TO_CHECK, State.CHECKING, State.TO_LOAD, State.LOADING)


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line said; names, "" or None where it said nothing."""

    path: Path
    creditor: str
    portfolio: str = ""
    map_name: str = ""
    by: str = ""
    release_by: str = ""
    placed_on: date | None = None


def run(request: Request, *, wait: Callable[[float], None]) -> dict[str, Any]:
    """Do all steps and return the report. Without `release_by` nothing goes live. Raises ImportRefused."""
    by = _user(request.by) if request.by else _first_admin()
    releaser = _user(request.release_by) if request.release_by else None
    if releaser == by:
        raise ImportRefused("Somebody other than the uploader has to release the file.")
    book = _portfolio(request, releaser or by)
    now = clock.now()
    placed_on = request.placed_on or clock.today(book.time_zone, now)
    row, _ = imports.receive(
        chunks=_chunks(request.path), name=request.path.name, portfolio=book, placed_on=placed_on, by=by, at=now
    )
    if row.state == State.MAPPING:
        _map(row, request, by)
    _settle(row, wait)
    if row.state == State.READY and releaser is not None and (row.accepted or row.held):
        imports.release(import_file=row, by=releaser, at=clock.now(), reason="Released at the command line")
        _settle(row, wait)
    return report(row)


def report(row: ImportFile) -> dict[str, Any]:
    """The figures and the verdict on each line, as plain values."""
    rows = ImportRow.objects.filter(import_file=row).order_by("line")
    lines = [
        {"line": line, "reference": reference, "outcome": outcome.lower(), "field": field, "reason": reason}
        for line, reference, outcome, field, reason in rows.values_list(
            "line", "reference", "outcome", "field", "reason"
        ).iterator(chunk_size=2000)
    ]
    return {
        "import": row.pk,
        "state": row.state.lower(),
        "rows": row.rows_read,
        "accepted": row.accepted,
        "held": row.held,
        "rejected": row.rejected,
        "duplicates": row.duplicates,
        "total": f"{row.total:.2f}",
        "fault": row.fault,
        "lines": lines,
    }


def _settle(row: ImportFile, wait: Callable[[float], None]) -> None:
    """Work the file here, or wait for the worker that has it."""
    row.refresh_from_db()
    while row.state in BUSY:
        counts = work_imports(at=clock.now(), rows=ImportFile.objects.filter(pk=row.pk))
        row.refresh_from_db()
        if counts["failed"]:
            raise ImportRefused(row.last_error)
        if row.state in BUSY and not counts["checked"] and not counts["loaded"]:
            wait(0.5)
            row.refresh_from_db()


def _map(row: ImportFile, request: Request, by: User) -> None:
    layout = imports.layout_of(row)
    if request.map_name:
        saved = ColumnMap.objects.filter(creditor=row.creditor_id, name=request.map_name).first()
        if saved is None:
            raise ImportRefused(f"{row.creditor.name} has no saved map named {request.map_name}.")
        layout = Layout.from_dict(saved.layout)
    imports.set_map(import_file=row, layout=layout, by=by, at=clock.now())


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def _user(name: str) -> User:
    found = User.objects.filter(username__iexact=name, is_active=True).first()
    if found is None:
        raise ImportRefused(f"There is no user named {name}.")
    return found


def _first_admin() -> User:
    for user in User.objects.filter(is_active=True).order_by("pk"):
        if Role.ADMIN.value in user.roles:
            return user
    raise ImportRefused("There is no administrator. Say with --by who uploads the file.")


@transaction.atomic
def _portfolio(request: Request, seen_by: User) -> Portfolio:
    """The named portfolio, the creditor's only or first one, or a new one named after the creditor."""
    name = " ".join(request.creditor.split())
    if not name or len(name) > 120:
        raise ImportRefused("Name the creditor in at most 120 characters.")
    creditor = Organization.objects.filter(name__iexact=name).first() or Organization.objects.create(name=name)
    for kind in (OrganizationRole.Kind.CREDITOR, OrganizationRole.Kind.OWNER):
        OrganizationRole.objects.get_or_create(organization=creditor, kind=kind)
    books = Portfolio.objects.filter(creditor=creditor).order_by("pk")
    wanted = request.portfolio or ""
    found = books.filter(name__iexact=wanted).first() if wanted else books.filter(active=True).first()
    if found is None:
        new = wanted or creditor.name
        if Portfolio.objects.filter(name__iexact=new).exists():
            raise ImportRefused(f"Another creditor has a portfolio named {new}. Name one with --portfolio.")
        found = Portfolio.objects.create(name=new, creditor=creditor, owner=creditor)
        found.teams.add(*_teams(seen_by))
    return found


def _teams(user: User) -> list[Team]:
    """Who works a portfolio made here: the user's teams, else the only team there is; else an admin says it later."""
    own = list(user.teams.all())
    every = list(Team.objects.all()[:2])
    return own or (every if len(every) == 1 else [])
