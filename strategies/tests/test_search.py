"""Search by anything, bad numbers included; only one's own people; no balance, no clear number."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from accounts.models import Account, ContactPoint, Debtor, Identifier
from collections_crm import testing as make
from users.models import Team, User

SignIn = Callable[[User], Client]
HX = {"HX-Request": "true"}


def found(client: Client, text: str) -> str:
    answer = client.get("/search/", {"q": text}, headers=HX)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(
    "text",
    [
        "dana", "REYES", "reyes dana", "Réyes", "(915) 555-0142", "915.555.0142", "+1 915 555 0142", "19155550142",
        "Dana.Reyes@Example.com", "2210 Magoffin", "2210 magoffin ave",
    ],
)  # fmt: skip
def test_dana_is_found_by(text: str, olive: User, danas_account: Account, sign_in: SignIn) -> None:
    html = found(sign_in(olive), text)

    assert "Dana Reyes" in html and f"/people/P-{danas_account.debtor_id}/" in html
    assert "250.00" not in html


def test_dana_is_found_by_our_references_and_the_creditors(
    olive: User, danas_account: Account, sign_in: SignIn
) -> None:
    client = sign_in(olive)
    for text in (f"P-{danas_account.debtor_id}", f"l-{danas_account.pk}", danas_account.reference.lower()):
        assert "Dana Reyes" in found(client, text), text


def test_a_number_marked_bad_still_finds_her_and_says_so(olive: User, danas_account: Account, sign_in: SignIn) -> None:
    moment = datetime.fromisoformat("2026-11-03T10:00:00+00:00")
    ContactPoint.objects.filter(kind="PHONE").update(status="BAD", status_at=moment)

    assert "marked bad on November 3, 2026" in found(sign_in(olive), "9155550142")


def test_a_whole_social_security_number_finds_her_masked_and_its_end_does_not(
    olive: User, danas_account: Account, sign_in: SignIn
) -> None:
    number = Identifier(debtor=danas_account.debtor, kind="SSN")
    number.seal("900-12-4417")
    number.save()
    client = sign_in(olive)

    for text in ("900-12-4417", "900124417"):
        html = found(client, text)
        assert "Dana Reyes" in html and "•••-••-4417" in html and "900-12" not in html
    assert "Dana Reyes" not in found(client, "4417")


def test_quinn_finds_nobody_of_north_by_any_of_it(quinn: User, danas_account: Account, sign_in: SignIn) -> None:
    client = sign_in(quinn)
    for text in ("dana", f"P-{danas_account.debtor_id}", "9155550142", danas_account.reference):
        assert "Dana" not in found(client, text)


def test_hundreds_of_namesakes_elsewhere_hide_nobody(
    olive: User, quinn: User, south: Team, danas_account: Account, sign_in: SignIn
) -> None:
    theirs = make.portfolio("Southern water", team=south)
    first = make.account(debtor=make.debtor("Maria Lopez"), portfolio=theirs)
    others = Debtor.objects.bulk_create(Debtor(name="Maria Lopez", folded_name="maria lopez") for _ in range(499))
    _same_debt_of(first, others)
    hers = make.account(debtor=make.debtor("Maria Lopez"), portfolio=danas_account.portfolio)

    html = found(sign_in(olive), "maria lopez")
    assert f"/people/P-{hers.debtor_id}/" in html and html.count("Maria Lopez") == 1
    assert f"/people/P-{hers.debtor_id}/" not in found(sign_in(quinn), "maria lopez")


def _same_debt_of(account: Account, people: list[Debtor]) -> None:
    """Each owes what this account is; without journals, which a search never reads."""
    for number, person in enumerate(people):
        account.pk, account.debtor, account.reference = None, person, f"SW-{number}"
        account.balance, account._state.adding = 0, True
        account.save()


def test_a_guarantor_is_found_through_the_debt(
    olive: User, danas_account: Account, gus: Debtor, sign_in: SignIn
) -> None:
    danas_account.parties.create(debtor=gus, role="GUARANTOR")

    assert "Gus Okafor" in found(sign_in(olive), "okafor")


@pytest.mark.parametrize("text", ["", "x", "\0", "%", "____", "‮dana", "' OR 1=1 --", "P-99999999999999999999", "🙂🙂"])
def test_odd_text_finds_nobody_and_breaks_nothing(
    text: str, olive: User, danas_account: Account, sign_in: SignIn
) -> None:
    assert "Dana" not in found(sign_in(olive), text)


def test_a_megabyte_is_cut_off(olive: User, danas_account: Account, sign_in: SignIn) -> None:
    assert "Nothing found" in found(sign_in(olive), "d" * 1_000_000)


def test_the_page_of_results_works_without_script(olive: User, danas_account: Account, sign_in: SignIn) -> None:
    html = sign_in(olive).get("/search/?q=dana").content.decode()

    assert "<html" in html and "1 found" in html


def test_admins_search_no_people(ada: User, sign_in: SignIn, danas_account: Account) -> None:
    assert sign_in(ada).get("/search/?q=dana", headers=HX).status_code == 403


def test_the_list_of_people_starts_with_the_latest_and_pages_by_key(
    olive: User, danas_account: Account, sign_in: SignIn
) -> None:
    for number in range(55):
        make.account(debtor=make.debtor(f"Person {number}"), portfolio=danas_account.portfolio)
    client = sign_in(olive)

    first = client.get("/people/").context["page"]
    second = client.get(f"/people/?after={first.next}").context["page"]

    assert len(first.rows) == 50 and len(second.rows) == 6
    assert client.get("/people/?after=garbage").status_code == 200
