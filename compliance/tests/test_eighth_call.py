"""Thirty-two officers, each in a process of its own, dial the same person in the same moment: seven calls go out."""

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

from accounts.models import Account, Debtor
from collections_crm import testing as make
from compliance import services as compliance
from compliance.models import ContactEvent, VerdictRecord
from contacts.models import Interaction
from users.models import Team

pytestmark = pytest.mark.django_db(transaction=True)
CROWD = 32


def _dial_together(person: Debtor, account: Account, officers: list[int]) -> list[str]:
    """What each heard, from `compliance.tests.crowd` on this test's database."""
    server = urlsplit(os.environ["DATABASE_URL"])
    environment = os.environ | {
        "DATABASE_URL": urlunsplit(server._replace(path=f"/{connection.settings_dict['NAME']}")),
        "DJANGO_SETTINGS_MODULE": "collections_crm.settings",
        "CRM_DATA": str(settings.CRM_DATA),
    }
    command = [sys.executable, "-m", "compliance.tests.crowd", *map(str, (person.pk, account.pk, *officers))]
    done = subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, timeout=300, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return list(json.loads(done.stdout))


def test_of_thirty_two_processes_at_once_seven_place_a_call(dana: Debtor, danas_account: Account, north: Team) -> None:
    compliance.record_contact(
        debtor=dana, accounts=[danas_account], kind="validation_notice", at=make.NOON - timedelta(days=45)
    )
    officers = [make.user(f"Officer{n} Crowd", "officer", team=north).pk for n in range(CROWD)]

    heard = Counter(_dial_together(dana, danas_account, officers))

    assert heard == {"out": 7, "REGF-1006.14-FREQ-7IN7": CROWD - 7}
    assert Interaction.objects.filter(kind="CALL").count() == 7
    assert ContactEvent.objects.filter(kind__in=["call", "attempt"], direction="out").count() == 7
    assert VerdictRecord.objects.filter(occasion="dial", decision="block").count() == CROWD - 7
