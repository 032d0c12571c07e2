"""Numbers and addresses as records: where they came from, how they stand, where a person may be."""

from datetime import datetime
from typing import Any

import pytest

from accounts import services as accounts
from accounts.models import ContactPoint, Debtor
from collections_crm import testing as make
from core.models import AuditEvent
from users.models import User


def test_a_number_is_kept_in_one_form_and_only_once(dana: Debtor, olive: User, noon: datetime) -> None:
    first = accounts.add_contact_point(
        debtor=dana, kind="PHONE", value="(312) 555-0110", source="CONSUMER", by=olive, at=noon
    )
    again = accounts.add_contact_point(
        debtor=dana, kind="PHONE", value="+1 312-555-0110", source="CONSUMER", by=olive, at=noon
    )

    assert first == again
    assert first.value == "+13125550110"
    assert first.zone == "America/Chicago"


def test_a_chicago_number_adds_chicago_to_the_places_dana_may_be_in(dana: Debtor, olive: User, noon: datetime) -> None:
    accounts.add_contact_point(debtor=dana, kind="PHONE", value="3125550110", source="CONSUMER", by=olive, at=noon)

    dana.refresh_from_db()
    assert dana.home_zone == "America/Denver"
    assert sorted(dana.zones) == ["America/Chicago", "America/Denver"]
    assert dana.zone_key == "America/Chicago|America/Denver"


def test_a_wrong_number_is_switched_off_on_every_person_who_has_it(
    dana: Debtor, gus: Debtor, olive: User, noon: datetime
) -> None:
    mine = accounts.add_contact_point(
        debtor=dana, kind="PHONE", value="3125550110", source="CREDITOR", by=olive, at=noon
    )
    his = make.phone(gus, "+13125550110")

    accounts.set_contact_status(
        point=mine, status="WRONG_PARTY", by=olive, at=noon, reason="A stranger answered", everywhere=True
    )

    his.refresh_from_db()
    dana.refresh_from_db()
    assert his.status == ContactPoint.Status.WRONG_PARTY
    assert dana.zones == ["America/Denver"]
    assert AuditEvent.objects.filter(action="contact_point.status_changed").count() == 2


def test_a_number_that_went_bad_comes_back_when_dana_gives_it_herself(
    dana: Debtor, olive: User, noon: datetime
) -> None:
    point = make.phone(dana, "+13125550110", status="BAD")
    given: dict[str, Any] = {"debtor": dana, "kind": "PHONE", "value": "3125550110", "by": olive, "at": noon}

    accounts.add_contact_point(**given, source="CREDITOR")
    point.refresh_from_db()
    assert point.status == "BAD"

    accounts.add_contact_point(**given, source="CONSUMER")
    point.refresh_from_db()
    assert point.status == "ACTIVE"


@pytest.mark.parametrize(
    ("kind", "value", "place"),
    [
        ("PHONE", "555", {}),
        ("EMAIL", "dana at example", {}),
        ("ADDRESS", "", {"city": "El Paso", "state": "TX", "postal_code": "79901"}),
        ("ADDRESS", "1 Main St", {"city": "El Paso", "state": "ZZ", "postal_code": "79901"}),
        ("ADDRESS", "1 Main St", {"city": "El Paso", "state": "TX", "postal_code": "7990"}),
    ],
)
def test_what_is_no_phone_mail_or_address_is_refused_with_a_sentence(
    dana: Debtor, olive: User, noon: datetime, kind: str, value: str, place: dict[str, Any]
) -> None:
    with pytest.raises(accounts.ContactPointRefused, match=r"\.$"):
        accounts.add_contact_point(debtor=dana, kind=kind, value=value, source="CONSUMER", by=olive, at=noon, **place)


def test_an_address_whose_zip_and_state_disagree_counts_in_both_places(
    gus: Debtor, olive: User, noon: datetime
) -> None:
    accounts.add_contact_point(
        debtor=gus,
        kind="ADDRESS",
        value="1 Main St",
        city="Springfield",
        state="CA",
        postal_code="60601",
        source="CREDITOR",
        by=olive,
        at=noon,
    )

    gus.refresh_from_db()
    assert gus.zones == ["America/Chicago", "America/Los_Angeles"]
