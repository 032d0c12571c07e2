"""B: what comes in, what goes out, what is spare; and how a plan stands to it."""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account
from contacts import budget
from contacts import services as contacts
from contacts.budget import Line
from contacts.models import BudgetSheet
from contacts.tests.stories import dial, talk
from users.models import User

SignIn = Callable[[User], Client]
MARISOL = {
    "amount_wages": "640.00", "every_wages": "biweekly", "amount_benefits": "579.33", "every_benefits": "monthly",
    "amount_housing": "950.00", "every_housing": "monthly", "amount_food": "120.00", "every_food": "weekly",
    "amount_other_out": "335.00", "every_other_out": "monthly",
}  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "every", "month"),
    [
        ("100.00", "weekly", "433.33"),  # 100 × 52 ÷ 12 = 433.333…
        ("100.00", "biweekly", "216.67"),  # 100 × 26 ÷ 12 = 216.666…
        ("100.00", "semimonthly", "200.00"),
        ("100.00", "monthly", "100.00"),
        ("100.00", "yearly", "8.33"),
        ("0.01", "weekly", "0.04"),
    ],
)
def test_a_month_is_a_twelfth_of_a_year(amount: str, every: str, month: str) -> None:
    assert budget.monthly(Decimal(amount), every) == Decimal(month)


LINES = st.lists(
    st.builds(
        Line,
        st.sampled_from([code for code, _ in (*budget.INCOME, *budget.OUTGOINGS)]),
        st.decimals("0.01", "99999.99", places=2),
        st.sampled_from(sorted(budget.A_YEAR)),
    ),
    max_size=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LINES)
def test_the_lines_add_up_to_the_sums_beside_them(lines: list[Line]) -> None:
    month = budget.month(lines)

    assert month.income + month.outgoings == sum((line.monthly for line in lines), Decimal("0.00"))
    assert month.spare == month.income - month.outgoings


@pytest.mark.django_db
def test_the_sheet_is_kept_with_who_and_when_and_the_newest_counts(
    olive: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    client, path = sign_in(olive), f"/people/{danas_account.debtor.ref}/budget/"
    call = talk(danas_account, by=olive, at=noon)

    saved = client.post(path, {**MARISOL, "idempotency_key": "k1"})
    sheet = BudgetSheet.objects.get()

    assert saved.status_code == 303
    assert (sheet.income, sheet.outgoings) == (Decimal("1966.00"), Decimal("1805.00"))
    assert (sheet.made_by, sheet.made_at, sheet.call) == (olive, noon, call)
    again = client.get(path).content.decode()
    assert "Last written down by Olive Marsh" in again and 'value="640.00"' in again
    client.post(path, {**MARISOL, "amount_wages": "700.00", "idempotency_key": "k2"})
    assert BudgetSheet.objects.count() == 2


@pytest.mark.django_db
def test_a_plan_is_measured_against_the_spare_money(
    olive: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    client, ref = sign_in(olive), danas_account.debtor.ref
    talk(danas_account, by=olive, at=noon)
    terms = {"every": "biweekly", "first": "2026-11-27"}
    before = client.get(f"/people/{ref}/terms/", {**terms, "amount": "45.00"}).content.decode()
    client.post(f"/people/{ref}/budget/", {**MARISOL, "idempotency_key": "k1"})

    fits = client.get(f"/people/{ref}/terms/", {**terms, "amount": "45.00"}).content.decode()
    much = client.get(f"/people/{ref}/terms/", {**terms, "amount": "90.00"}).content.decode()

    assert "spare" not in before
    assert "Within the budget." in fits and "$97.50 of $161.00 spare a month, 60.6%" in fits
    assert "More than is spare." in much and "Offer less" in much


@pytest.mark.django_db
def test_the_plan_builder_asks_how_its_payment_stands_to_the_spare_money(
    olive: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    client, ref = sign_in(olive), danas_account.debtor.ref
    talk(danas_account, by=olive, at=noon)
    client.post(f"/people/{ref}/budget/", {**MARISOL, "idempotency_key": "k1"})

    page = client.get(f"/people/{ref}/arrangements/new/").content.decode()
    asked = re.search(rf'hx-get="(/people/{ref}/spare/[^"]+)"', page)
    assert asked
    path = unescape(asked[1])
    line = client.get(path).content.decode()

    assert " a month, " in line and ("Within the budget." in line or "More than is spare." in line)
    assert client.get(path.replace("amount=", "amount=x")).content == b""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "Enter at least one amount."),
        ({"amount_wages": "-5"}, "Wages: Write the amount in digits"),
        ({"amount_wages": "12.345"}, "Wages: Write the amount in digits"),
        ({"amount_wages": "5", "every_wages": "hourly"}, "Wages, how often:"),
    ],
)
def test_a_bad_figure_is_refused_and_nothing_is_kept(
    olive: User, danas_account: Account, sign_in: SignIn, noon: datetime, facts: dict[str, str], words: str
) -> None:
    talk(danas_account, by=olive, at=noon)

    answer = sign_in(olive).post(
        f"/people/{danas_account.debtor.ref}/budget/",
        {**facts, "idempotency_key": "k1"},
        headers={"HX-Request": "true"},
    )

    assert answer.status_code == 422 and words in answer.content.decode()
    assert not BudgetSheet.objects.exists()


@pytest.mark.django_db
def test_before_the_identity_check_there_is_no_budget(
    olive: User, quinn: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    dial(danas_account, by=olive, at=noon)
    person = f"/people/{danas_account.debtor.ref}"
    path = f"{person}/budget/"
    lines = [Line("wages", Decimal("640.00"), "biweekly")]
    contacts.save_budget(debtor=danas_account.debtor, call=None, lines=lines, currency="USD", by=olive, at=noon)

    assert sign_in(olive).get(path).status_code == 404
    assert sign_in(olive).get(f"{person}/spare/", {"amount": "45.00", "every": "biweekly"}).content == b""
    assert sign_in(quinn).post(path, {**MARISOL, "idempotency_key": "k"}).status_code == 404
