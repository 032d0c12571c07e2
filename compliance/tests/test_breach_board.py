"""The board of compliance: breaches per 10,000 over time, and overrides by officer and rule, week by week (F97)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Debtor
from collections_crm import testing as make
from compliance.models import AuditDay, Override
from users.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
SignIn = Callable[[User], Client]


def audited(days_ago: int, contacts: int, breaches: int) -> None:
    day = make.NOON.date() - timedelta(days=days_ago)
    AuditDay.objects.create(day=day, contacts=contacts, breaches=breaches, breaches_now=breaches, run_at=make.NOON)


def asked(dana: Debtor, by: User, *rules: str, days_ago: int = 0, **more: Any) -> None:
    at = make.NOON - timedelta(days=days_ago)
    Override.objects.create(
        debtor=dana, channel="call", rule_ids=list(rules), reason="She asked for a call today", requested_by=by,
        requested_at=at, expires_at=at + timedelta(hours=24), **more,
    )  # fmt: skip


def test_the_rate_of_weeks_and_of_all_days_is_shown(cora: User, sign_in: SignIn) -> None:
    audited(1, 4000, 1)
    audited(9, 6000, 0)

    page = sign_in(cora).get("/breaches/").content.decode()

    assert "Breaches per 10,000 contacts" in page and page.count("<path") >= 2
    assert "10,000" in page  # contacts judged again
    assert "2.5" in page and "Nov 2" in page  # 1 in 4,000, and the week before that


def test_without_an_audited_day_nothing_is_drawn(cora: User, sign_in: SignIn) -> None:
    assert "No day was audited yet" in sign_in(cora).get("/breaches/").content.decode()


def test_the_week_counts_what_each_officer_asked_for_by_rule(
    dana: Debtor, danas_account: Account, olive: User, pavel: User, lee: User, cora: User, sign_in: SignIn
) -> None:
    given: dict[str, Any] = {"approved": True, "decided_by": lee, "decided_at": make.NOON}
    asked(dana, olive, "REGF-1006.14-FREQ-7IN7", "POLICY-HOLD", **given, used_at=make.NOON)
    asked(dana, olive, "POLICY-HOLD", **{**given, "approved": False})
    asked(dana, pavel, "POLICY-HOLD")
    asked(dana, pavel, "POLICY-HOLIDAY", days_ago=7)
    browser = sign_in(cora)

    def cells(day: str = "") -> list[list[str]]:
        page = browser.get(f"/overrides/week/{day}")
        return [
            [line.who, line.rule, *map(str, (line.asked, line.given, line.refused, line.used))]
            for line in page.context["lines"]
        ]

    assert cells() == [
        ["Olive Marsh", "POLICY-HOLD", "2", "1", "1", "1"],
        ["Olive Marsh", "REGF-1006.14-FREQ-7IN7", "1", "1", "0", "1"],
        ["Pavel Novak", "POLICY-HOLD", "1", "0", "0", "0"],
    ]
    assert cells("?day=2026-11-10") == [["Pavel Novak", "POLICY-HOLIDAY", "1", "0", "0", "0"]]
    assert cells("?day=soon") == cells()


def test_a_lead_of_another_team_sees_none_of_them(
    dana: Debtor, danas_account: Account, olive: User, south: object, sign_in: SignIn
) -> None:
    other = make.user("Rosa Brandt", "lead", team=south)  # type: ignore[arg-type]
    asked(dana, olive, "POLICY-HOLD")

    assert sign_in(other).get("/overrides/week/").context["lines"] == []
    assert sign_in(olive).get("/overrides/week/").status_code == 403
