"""The evidence of one account as a ZIP with an index (F102)."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from accounts.models import Account
from compliance.evidence import pack
from core import clock
from users.permissions import StaffRequest, role


@role("compliance")
@require_GET
def evidence(request: StaffRequest, debtor_id: int, account_id: int) -> HttpResponse:
    """Contacts, notices, consents, calls, balances and decisions of one debt; that it was taken is in the audit."""
    account = get_object_or_404(
        Account.objects.visible_to(request.user).select_related("debtor", "portfolio__creditor"),
        pk=account_id, debtor=debtor_id,
    )  # fmt: skip
    content = pack(account=account, by=request.user, at=clock.now())
    response = HttpResponse(content, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="evidence-{account.ref}.zip"'
    return response
