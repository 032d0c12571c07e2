"""The very paper that was sent or received, to those who may see its debt (F28, RELIABILITY 34)."""

from uuid import UUID

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from accounts import documents
from accounts.models import Debtor, Document
from core import audit, clock
from users.permissions import StaffRequest, role

_POLICY = "default-src 'none'; frame-ancestors 'none'"


@role("officer", "lead", "manager", "compliance")
@require_GET
def document(request: StaffRequest, document_id: UUID) -> HttpResponse:
    """Letters we printed open in their own tab; every other paper, and any with ?download, is handed over as a file.

    Chromium's PDF viewer does not start under a sandbox policy (RELIABILITY 34), so what is shown inline goes without
    one; that is only what our own compiler wrote.
    """
    seen = Q(pk__in=Document.objects.visible_to(request.user).filter(pk=document_id).values("pk"))
    seen |= Q(account=None, debtor__in=Debtor.objects.visible_to(request.user))
    row = get_object_or_404(Document.objects.filter(seen), pk=document_id)
    try:
        content = documents.read(row)
    except documents.Missing as gone:
        raise Http404(str(gone)) from gone
    audit.record("document.opened", actor=request.user, subject=row, person_id=row.debtor_id, at=clock.now())
    ours = row.kind.startswith("message.") and row.content_type == "application/pdf"
    inline = ours and "download" not in request.GET
    response = HttpResponse(content, content_type=row.content_type if inline else "application/octet-stream")
    name = f"{row.kind}-{str(row.pk)[:8]}{'.pdf' if row.content_type == 'application/pdf' else ''}".lower()
    response["Content-Disposition"] = f'{"inline" if inline else "attachment"}; filename="{name}"'
    response["Content-Security-Policy"] = _POLICY if inline else f"{_POLICY}; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response
