"""Queues for leads and managers: the floor, absences, taking over, and the weights before and after."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from accounts.models import Account
from collections_crm import testing as make
from strategies import services as work
from strategies.models import PersonHold, PriorityWeights, WorkItem
from strategies.rules import priority
from users.models import User

SignIn = Callable[[User], Client]


@pytest.fixture
def worked(danas_account: Account, noon: datetime) -> Account:
    work.refresh_all(noon)
    work.refresh_counts(at=noon)
    return danas_account


def test_the_lead_sees_who_has_whom_and_officers_do_not(
    lee: User, olive: User, worked: Account, sign_in: SignIn, noon: datetime
) -> None:
    work.claim_next(user=olive, at=noon)

    html = sign_in(lee).get("/queues/").content.decode()

    assert "Olive Marsh" in html and "Dana Reyes" in html and "Northwind electric" in html
    assert sign_in(olive).get("/queues/").status_code == 403


def test_a_lead_takes_over_from_the_floor(
    lee: User, olive: User, worked: Account, sign_in: SignIn, noon: datetime
) -> None:
    work.claim_next(user=olive, at=noon)

    answer = sign_in(lee).post(f"/queues/P-{worked.debtor_id}/take-over/", {"reason": "asked for a lead"})

    assert answer.status_code == 303
    assert PersonHold.objects.get(released_at=None).user == lee


def test_an_absence_moves_work_and_lists_it(
    lee: User, olive: User, pavel: User, worked: Account, sign_in: SignIn
) -> None:
    WorkItem.objects.update(assigned_to=olive)

    page = sign_in(lee).post("/queues/absent/", {"absent": olive.pk, "to": pavel.pk})

    assert "Moved 1 from Olive Marsh to Pavel Novak" in page.content.decode()
    assert WorkItem.objects.get().assigned_to == pavel


def test_an_absence_of_another_teams_officer_is_refused(
    lee: User, quinn: User, worked: Account, sign_in: SignIn
) -> None:
    assert sign_in(lee).post("/queues/absent/", {"absent": quinn.pk}).status_code == 422


def test_the_manager_compares_before_anything_is_saved(
    max_: User, worked: Account, sign_in: SignIn, noon: datetime
) -> None:
    gus = make.debtor("Gus Okafor")
    make.phone(gus, "+19155550177")
    make.account("6000.00", debtor=gus, portfolio=worked.portfolio)
    make.address(gus)
    work.refresh_all(noon)
    client = sign_in(max_)
    heavy = {**priority.DEFAULT, "amount": 100, "reason": 0}

    assert "Gus Okafor" in client.get("/queues/weights/").content.decode()
    compared = client.post("/queues/weights/", {**heavy, "compare": "1"})

    places = compared.context["compare"]
    assert [(p.before.name, p.after.name) for p in places][0][1] == "Gus Okafor"
    assert [p.before.points for p in places] == list(
        WorkItem.objects.order_by("-priority", "id").values_list("priority", flat=True)
    )
    assert not PriorityWeights.objects.exists()
    assert client.post("/queues/weights/", {**heavy, "save": "1", "note": "big first"}).status_code == 303
    work.refresh_all(noon)
    assert WorkItem.objects.get(debtor=gus).priority == places[0].after.points


@pytest.mark.parametrize("wrong", ["-1", "101", "many", "1.5", ""])
def test_an_impossible_weight_is_refused_at_the_field(wrong: str, max_: User, worked: Account, sign_in: SignIn) -> None:
    answer = sign_in(max_).post("/queues/weights/", {**priority.DEFAULT, "amount": wrong, "save": "1"})

    assert answer.status_code == 422 and not PriorityWeights.objects.exists()


def test_leads_and_compliance_do_not_change_weights(lee: User, cora: User, worked: Account, sign_in: SignIn) -> None:
    assert sign_in(lee).get("/queues/weights/").status_code == 403
    assert sign_in(cora).get("/queues/weights/").status_code == 200
    assert sign_in(cora).post("/queues/weights/", {**priority.DEFAULT, "save": "1"}).status_code == 403
