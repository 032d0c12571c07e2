"""Where we may collect: the map of the states, and who waits where a license has ended."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import Account, Debtor, Licence
from collections_crm import testing as make
from compliance import licence_map
from users.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon", "danas_account")]
SignIn = Callable[[User], Client]
TODAY = make.NOON.date()


@pytest.fixture(autouse=True)
def no_old_counts() -> None:
    cache.clear()


def texas_ends(day: date) -> None:
    Licence.objects.filter(state="TX").update(valid_until=day)


def look() -> tuple[str, str, str]:
    tile = licence_map.statemap(Licence.objects.all(), TODAY).tiles["TX"]
    return tile.kind, tile.short, tile.words


def test_a_tile_says_how_it_stands_in_words() -> None:
    assert look() == ("ok", "valid", "valid, no end")

    texas_ends(TODAY + timedelta(days=20))
    assert look() == ("hold", "to Dec 7", "valid to December 7, 2026")

    texas_ends(TODAY - timedelta(days=1))
    assert look() == ("stop", "1 held", "ended November 16, 2026; 1 person held back")


def test_a_person_whose_debts_are_paid_is_not_held_back(danas_account: Account) -> None:
    texas_ends(TODAY - timedelta(days=1))
    Account.objects.filter(pk=danas_account.pk).update(status="PAID")

    assert look()[1] == "ended"


def test_the_map_has_every_state_as_a_link_and_opens_the_people_there(
    dana: Debtor, cora: User, sign_in: SignIn
) -> None:
    texas_ends(TODAY - timedelta(days=1))
    browser = sign_in(cora)

    page = browser.get("/licences/").content.decode()
    assert page.count('class="tile"') == 52
    assert "Texas: ended November 16, 2026; 1 person held back" in page

    texas = browser.get("/licences/?state=TX").content.decode()
    assert f"P-{dana.pk}" in texas and "Held back there" in texas
    assert "Held back there" not in browser.get("/licences/?state=IL").content.decode()
    assert browser.get("/licences/?state=%3Cb%3E").status_code == 200


def test_ada_sees_the_map_but_no_person(dana: Debtor, ada: User, sign_in: SignIn) -> None:
    texas_ends(TODAY - timedelta(days=1))

    page = sign_in(ada).get("/licences/?state=TX").content.decode()

    assert f"P-{dana.pk}" not in page and "Nobody whom you may see" in page
