"""Thirty-two officers dial the same person in the same second: seven calls go out, never eight."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import close_old_connections, connection

from accounts.models import Account, Debtor
from collections_crm import testing as make
from compliance import services as compliance
from compliance.models import ContactEvent, VerdictRecord
from contacts import services as contacts
from contacts.models import Interaction
from users.models import Team, User

pytestmark = pytest.mark.django_db(transaction=True)
CROWD = 32


def test_of_thirty_two_calls_at_once_seven_go_out(dana: Debtor, danas_account: Account, north: Team) -> None:
    compliance.record_contact(
        debtor=dana, accounts=[danas_account], kind="validation_notice", at=make.NOON - timedelta(days=45)
    )
    officers = [make.user(f"Officer{n} Crowd", "officer", team=north) for n in range(CROWD)]
    start = Barrier(CROWD, timeout=60)

    def dial(officer: User) -> bool:
        close_old_connections()
        try:
            person = Debtor.objects.get(pk=dana.pk)
            account = Account.objects.select_related("portfolio__creditor").get(pk=danas_account.pk)
            point = person.contact_points.get(kind="PHONE")
            start.wait()
            contacts.start_call(debtor=person, point=point, accounts=[account], by=officer, at=make.NOON)
        except contacts.CallRefused as refused:
            assert refused.answer.rule_id == "REGF-1006.14-FREQ-7IN7"
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(CROWD) as crowd:
        went_out = sum(crowd.map(dial, officers))

    assert went_out == 7
    assert Interaction.objects.filter(kind="CALL").count() == 7
    assert ContactEvent.objects.filter(kind__in=["call", "attempt"], direction="out").count() == 7
    assert VerdictRecord.objects.filter(occasion="dial", decision="block").count() == CROWD - 7
