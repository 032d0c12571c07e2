"""The evidence pack: everything about one debt, or a sample of debts, in one indexed ZIP for an examiner (F102, D5).

Tables of higher apps are read by name, since compliance stands below them in the app graph.
Sealed values (Social Security, bank numbers) are not in it.
"""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from accounts import documents
from accounts.models import Account, AccountParty, ContactPoint, Document
from core import audit

from .models import ContactEvent, Hold, Override, Preference, VerdictRecord

# file name, what it is, model, the lookup that names the debt
_OF_DEBT = (
    ("calls_and_notes", "Calls and notes", "contacts.Interaction", "account"),
    ("disputes", "Disputes", "contacts.Dispute", "account"),
    ("messages", "Letters, e-mails and texts", "letters.Message", "account"),
    ("receipts", "What came back", "letters.Receipt", "message__account"),
    ("payments", "Payments", "payments.Payment", "account"),
    ("returns", "Returned payments", "payments.PaymentReturn", "payment__account"),
    ("promises", "Promises", "payments.Promise", "account"),
    ("arrangements", "Arrangements", "payments.Plan", "debts__account"),
    ("entries", "Debits and credits", "ledger.Entry", "subject_id"),
    ("quotes", "Quotes given", "accounts.Quote", "account"),
    ("snapshots", "What it was on which day", "accounts.AccountSnapshot", "account_id"),
)


Line = tuple[str, str, int, str]  # file, what, rows or pages, SHA-256


def pack(*, account: Account, by: Any, at: datetime) -> bytes:
    """The bytes of the ZIP. Taking it is itself an entry of the audit."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        index = add_account(archive, account)
        archive.writestr("index.csv", index_csv(index))
    audit.record(
        "evidence.taken", actor=by, subject=account, person_id=account.debtor_id, portfolio_id=account.portfolio_id,
        data={"files": len(index)}, at=at,
    )  # fmt: skip
    return out.getvalue()


def add_account(archive: zipfile.ZipFile, account: Account, folder: str = "") -> list[Line]:
    """Everything about one debt, under `folder`; the lines of the index."""
    index: list[Line] = []
    for name, title, rows in _tables(account):
        content = json.dumps(rows, cls=DjangoJSONEncoder, indent=1, ensure_ascii=False).encode()
        _add(archive, index, f"{folder}{name}.json", title, len(rows), content)
    for document in Document.objects.filter(account=account).order_by("added_at"):
        _add_document(archive, index, document, folder)
    return index


def _tables(account: Account) -> Iterator[tuple[str, str, list[Any]]]:
    person = account.debtor_id
    about = Q(account_ids__contains=[account.pk]) | Q(account_ids=[])
    yield "debt", "The debt", _rows(Account.objects.filter(pk=account.pk))
    yield "people", "Who has to do with it", _rows(AccountParty.objects.filter(account=account))
    yield "ways_to_reach", "Numbers and addresses", _rows(ContactPoint.objects.filter(debtor=person))
    yield (
        "contacts",
        "Contacts, consents and requests",
        _rows(ContactEvent.objects.filter(about, debtor=person).order_by("at")),
    )
    yield (
        "decisions",
        "Decisions with their rules and facts",
        _rows(VerdictRecord.objects.filter(about, debtor_id=person).order_by("asked_at")),
    )
    yield "holds", "Holds", _rows(Hold.objects.filter(Q(account=account) | Q(account=None), debtor=person))
    yield "wishes", "Wishes", _rows(Preference.objects.filter(debtor=person))
    yield "overrides", "Leave to act once", _rows(Override.objects.filter(debtor=person))
    for name, title, label, lookup in _OF_DEBT:
        yield name, title, _rows(apps.get_model(label)._default_manager.filter(**{lookup: account.pk}))
    yield "journals", "Postings", _rows(_journals(account))


def _journals(account: Account) -> models.QuerySet[Any]:
    """Its own, and the collective ones (a month's interest of many debts) in which it has an entry."""
    entries = apps.get_model("ledger.Entry")._default_manager.filter(subject_id=account.pk)
    named = set(entries.values_list("journal_id", flat=True))
    journals = apps.get_model("ledger.Journal")._default_manager
    return journals.filter(Q(subject_id=account.pk) | Q(pk__in=named)).order_by("posted_at", "pk")


def _rows(rows: models.QuerySet[Any]) -> list[Any]:
    return [{key: _plain(value) for key, value in row.items()} for row in rows.values()]


def _plain(value: Any) -> Any:
    return "(bytes)" if isinstance(value, (bytes, memoryview)) else value


def _add(archive: zipfile.ZipFile, index: list[Line], name: str, title: str, rows: int, content: bytes) -> None:
    archive.writestr(name, content)
    index.append((name, title, rows, hashlib.sha256(content).hexdigest()))


def _add_document(archive: zipfile.ZipFile, index: list[Line], document: Document, folder: str) -> None:
    ending = {"application/pdf": "pdf", "text/html": "html", "text/plain": "txt"}.get(document.content_type, "bin")
    name = f"{folder}documents/{document.added_at:%Y-%m-%d}-{document.kind}-{str(document.pk)[-8:]}.{ending}"
    try:
        _add(archive, index, name, document.name, document.pages, documents.read(document))
    except documents.Missing as gone:
        index.append((name, f"{document.name}: {gone}", 0, document.sha256))


def index_csv(index: list[Line]) -> str:
    """What is in the pack, one file a line."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("file", "what", "rows or pages", "sha256"))
    writer.writerows(index)
    return out.getvalue()
