"""U: take back the outcome or the skip of a moment ago, and be at the person again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from accounts.models import Debtor
from core import clock
from core.http import go
from strategies.desk import undo
from users.permissions import StaffRequest, role

from .common import ACTORS


@role(*ACTORS)
@require_POST
def undo_outcome(request: StaffRequest, debtor_id: int, call_id: int) -> HttpResponse:
    """The call waits for another outcome; what cannot be taken back is said."""
    debtor = get_object_or_404(Debtor.objects.visible_to(request.user), pk=debtor_id)
    try:
        call = undo.outcome(call_id=call_id, by=request.user, at=clock.now())
    except undo.UndoRefused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, f"Taken back. Say how the call ended. {undo.what_stays(call)}")
    return go(request, debtor.get_absolute_url())


@role(*ACTORS)
@require_POST
def unskip(request: StaffRequest, debtor_id: int) -> HttpResponse:
    """The skipped person is in hand again."""
    debtor = get_object_or_404(Debtor.objects.visible_to(request.user), pk=debtor_id)
    try:
        undo.skip(debtor=debtor, by=request.user, at=clock.now())
    except undo.UndoRefused as refused:
        messages.warning(request, str(refused))
    return go(request, debtor.get_absolute_url())
