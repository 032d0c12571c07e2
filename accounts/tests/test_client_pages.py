"""Ada keeps creditors, portfolios and the parts of a balance; papers go only to those who work the debt."""

from collections.abc import Callable
from datetime import datetime

from django.test import Client

from accounts import documents
from accounts.models import Account, Component, Organization, Portfolio
from core.models import AuditEvent
from ledger.models import LedgerAccount
from users.models import User

SignIn = Callable[[User], Client]


def test_court_costs_become_a_part_of_a_balance_without_a_change_of_code(ada: User, sign_in: SignIn) -> None:
    client = sign_in(ada)

    assert client.post("/clients/components/", {"name": "Court costs"}).status_code == 303

    part = Component.objects.get(name="Court costs")
    assert LedgerAccount.objects.filter(code=part.ledger_account, group="receivable").exists()
    assert "Court costs" in client.get("/clients/").content.decode()
    assert client.post("/clients/components/", {"name": "court costs"}).status_code == 422


def test_ada_adds_a_creditor_and_its_portfolio(ada: User, sign_in: SignIn) -> None:
    client = sign_in(ada)
    facts = {"name": "New", "roles": ["CREDITOR", "OWNER"], "active": "on"}
    made = client.post("/clients/new/", {**facts, "address": "100 Market Street\r\nSpringfield, IL 62701"})
    creditor = Organization.objects.get(name="New")
    assert creditor.address == "100 Market Street\nSpringfield, IL 62701", "an address keeps its lines"
    assert made["Location"] == f"/clients/{creditor.slug}/" == "/clients/new-2/"

    page = client.get(f"/clients/{creditor.slug}/portfolios/new/")
    values = {name: field.initial for name, field in page.context["form"].fields.items() if field.initial is not None}
    values |= {k: v for k, v in page.context["form"].initial.items() if v not in (None, [])}
    values |= {"name": "New cards", "product": "Credit card", "owner": creditor.pk, "charges_interest": ""}
    answer = client.post(f"/clients/{creditor.slug}/portfolios/new/", values)

    assert answer.status_code == 303, answer.content.decode()
    assert Portfolio.objects.get(name="New cards").creditor == creditor
    assert AuditEvent.objects.filter(action="portfolio.added", actor=ada).exists()


def test_a_part_of_the_order_that_does_not_exist_is_refused(ada: User, northwind: Portfolio, sign_in: SignIn) -> None:
    answer = sign_in(ada).post(f"/portfolios/{northwind.slug}/", {"allocation_order": "fees, moonlight"})

    assert answer.status_code == 422
    assert "Name each part once" in answer.content.decode()


def test_olive_opens_the_very_letter_and_quinn_finds_nothing(
    danas_account: Account, olive: User, quinn: User, ada: User, sign_in: SignIn, noon: datetime
) -> None:
    paper = documents.store(
        content=b"%PDF-1.7 the letter",
        debtor=danas_account.debtor,
        account=danas_account,
        kind="message.post",
        name="First notice",
        content_type="application/pdf",
        by=None,
        at=noon,
    )
    where = f"/documents/{paper.pk}/"

    shown = sign_in(olive).get(where)

    assert shown.content == b"%PDF-1.7 the letter"
    assert shown["Content-Disposition"].startswith("inline")
    assert "default-src 'none'" in shown["Content-Security-Policy"]
    assert "sandbox" in sign_in(olive).get(f"{where}?download=1")["Content-Security-Policy"]
    assert sign_in(quinn).get(where).status_code == 404
    assert sign_in(ada).get(where).status_code == 403
    assert AuditEvent.objects.filter(action="document.opened", actor=olive).count() == 2


def test_a_paper_that_somebody_sent_us_is_handed_over_as_a_file(
    danas_account: Account, olive: User, sign_in: SignIn, noon: datetime
) -> None:
    paper = documents.store(
        content=b"%PDF-1.7 from outside", debtor=danas_account.debtor, account=danas_account, kind="upload", name="x",
        content_type="application/pdf", by=olive, at=noon,
    )  # fmt: skip

    shown = sign_in(olive).get(f"/documents/{paper.pk}/")

    assert shown["Content-Disposition"].startswith("attachment")
    assert "sandbox" in shown["Content-Security-Policy"]


def test_a_paper_whose_bytes_were_changed_is_not_shown(
    danas_account: Account, olive: User, sign_in: SignIn, noon: datetime
) -> None:
    paper = documents.store(
        content=b"as sent", debtor=None, account=danas_account, kind="letter", name="x", content_type="text/plain",
        by=None, at=noon,
    )  # fmt: skip
    documents.path_of(paper.sha256).write_bytes(b"altered")

    assert sign_in(olive).get(f"/documents/{paper.pk}/").status_code == 404
