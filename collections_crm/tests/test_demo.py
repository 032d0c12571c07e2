"""The demo is alive, adds up, keeps the rules it was made by, and can be begun again."""

import re
import stat
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts import services as accounts
from accounts.models import Account, ContactPoint, Debtor, Identifier
from collections_crm.demo import content, load
from collections_crm.demo.holds import NOT_OWED, RIGHT
from compliance.models import ContactEvent, Hold
from contacts.models import Dispute, Interaction, ScriptVersion
from core import clock
from ledger.check import problems
from ledger.models import Balance
from letters.models import Message, TemplateVersion
from payments.models import Payment, Promise
from users.models import User

MOMENT = datetime(2026, 11, 24, 19, 30, tzinfo=UTC)  # Tuesday, 1:30 PM in Chicago
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any) -> Any:
    """300 accounts, loaded once for this module and rolled back after it."""
    from django.db import transaction

    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.clock.now", lambda: MOMENT)
        patch.setenv("DEMO_PASSWORD", "walnut summer kettle")
        atomic = transaction.atomic()
        atomic.__enter__()
        call_command("load_demo", "--accounts", "300", stdout=StringIO())
        yield
        transaction.set_rollback(True)
        atomic.__exit__(None, None, None)


def test_the_ledger_of_the_demo_proves_itself() -> None:
    assert list(problems()) == []
    for account in Account.objects.all():
        assert account.balance == sum(Balance.objects.filter(subject_id=account.pk).values_list("amount", flat=True))


def test_there_are_as_many_accounts_as_asked_for_with_a_year_behind_them() -> None:
    assert Account.objects.count() == 300
    first = Interaction.objects.order_by("started_at").values_list("started_at", flat=True)[0]
    assert MOMENT - timedelta(days=400) < first < MOMENT - timedelta(days=250)
    assert not Interaction.objects.filter(started_at__gt=MOMENT).exists()
    assert not Payment.objects.filter(received_at__gt=MOMENT).exists()


def test_this_morning_was_worked_and_messages_still_wait() -> None:
    morning = MOMENT.astimezone(ZoneInfo("America/Chicago")).replace(hour=0, minute=0)
    assert Interaction.objects.filter(started_at__gte=morning).count() >= 3
    assert Message.objects.filter(state="QUEUED").exists()
    assert not Message.objects.filter(state="QUEUED", due_at__lt=MOMENT).exists()


def test_the_first_night_after_the_load_finds_every_debt_in_its_bucket() -> None:
    counts = accounts.age_accounts(on=clock.today("America/Chicago", MOMENT), at=MOMENT)

    assert counts["moved"] == 0
    assert counts["snapshots"] == 0


def test_every_first_notice_goes_out_within_five_days_of_placement() -> None:
    for message in Message.objects.filter(kind="validation_notice").select_related("account"):
        assert 0 < (message.due_at.date() - message.account.placed_on).days <= 5


def test_nobody_is_called_before_the_first_notice_or_outside_the_hours_of_any_zone() -> None:
    noticed = {e.account_ids[0]: e.at for e in ContactEvent.objects.filter(kind="validation_notice").order_by("-at")}
    calls = ContactEvent.objects.filter(kind="call", direction="out").select_related("debtor")
    assert calls.count() > 500
    for call in calls:
        assert all(call.at > noticed[account] for account in call.account_ids)
        for zone in call.debtor.zones:
            assert 8 <= call.at.astimezone(ZoneInfo(zone)).hour < 21


def test_nobody_is_called_more_than_seven_times_in_seven_days_nor_after_a_conversation() -> None:
    days: dict[int, list[Any]] = defaultdict(list)
    for call in ContactEvent.objects.filter(kind="call").order_by("at").select_related("debtor"):
        days[call.debtor_id].append((call.at.astimezone(ZoneInfo(call.debtor.home_zone)).date(), call))
    agreed = set(
        ContactEvent.objects.filter(kind="consent", facts__scope="call").values_list("debtor_id", "facts__valid_from")
    )
    starts = {(who, datetime.fromisoformat(start).date()) for who, start in agreed}
    for calls in days.values():
        for number, (day, call) in enumerate(calls):
            earlier = [other for other in calls[:number] if (day - other[0]).days < 7]
            assert len(earlier) < 7
            talked = [one for _, one in earlier if one.outcome == "conversation"]
            consented = (call.debtor_id, call.at.astimezone(ZoneInfo("America/Chicago")).date()) in starts
            assert not talked or consented or call.direction == "in"


def test_nothing_goes_out_against_a_hold_on_the_person() -> None:
    for hold in Hold.objects.filter(account=None):
        after = ContactEvent.objects.filter(debtor=hold.debtor, at__gt=hold.since, direction="out")
        assert not after.exists()
        then = Account.objects.filter(debtor=hold.debtor, placed_on__lte=hold.since.date())
        assert not then.filter(status__in=("NEW", "ACTIVE", "ARRANGED")).exists()


def test_every_dispute_is_answered_in_time_and_only_recent_ones_are_open() -> None:
    today = clock.today("America/Chicago", MOMENT)
    states = Counter(Dispute.objects.values_list("state", flat=True))
    assert states["ANSWERED"] > states["OPEN"]
    for one in Dispute.objects.select_related("account"):
        hold = Hold.objects.get(account=one.account, kind="DISPUTE", since=one.received_at)
        if one.state == "OPEN":
            assert one.due_on > today and hold.lifted_at is None
            continue
        assert one.answered_at is not None and one.answered_at.date() <= one.due_on
        assert one.answer and one.answered_by is not None and hold.lifted_at == one.answered_at
        sent = ContactEvent.objects.filter(
            debtor=one.debtor, kind="verification_sent", at=one.answered_at, account_ids=[one.account_id]
        )
        assert sent.exists() == (one.answer == RIGHT)
        again = ContactEvent.objects.filter(
            debtor=one.debtor, account_ids__contains=[one.account_id], kind="call", direction="out"
        )
        stopped = again.filter(at__gt=one.received_at, at__lt=one.answered_at)
        assert not stopped.exists()
        assert one.answer != NOT_OWED or not again.filter(at__gt=one.answered_at).exists()


def test_texts_go_only_to_numbers_with_a_consent_of_the_last_sixty_days() -> None:
    texts = ContactEvent.objects.filter(kind="sms", direction="out")
    assert texts.count() > 10
    for text in texts:
        about = ContactEvent.objects.filter(debtor=text.debtor, address=text.address, at__lt=text.at)
        given = about.filter(kind="consent", facts__scope="sms").order_by("-at").first()
        assert given is not None
        assert text.at - given.at < timedelta(days=60)
        assert not about.filter(kind="opt_out", at__gt=given.at).exists()


def test_most_promises_are_kept_and_their_money_is_in_the_ledger() -> None:
    states = Counter(Promise.objects.values_list("state", flat=True))
    judged = states["KEPT"] + states["PART_KEPT"] + states["BROKEN"]
    assert states["KEPT"] / judged > 0.5
    assert states["BROKEN"] > 0
    for promise in Promise.objects.filter(state="KEPT"):
        assert promise.account.payments.filter(state="POSTED", received_at__gte=promise.made_at).exists()


def test_no_number_or_address_could_be_a_real_one() -> None:
    for point in ContactPoint.objects.exclude(kind="ADDRESS"):
        if point.kind == "PHONE":
            assert re.fullmatch(r"\+1\d{3}55501\d\d", point.value)
        else:
            assert re.search(r"@example\.(com|org|net)$", point.value)
    assert Identifier.objects.exists()
    assert all(row.reveal().startswith("900-") for row in Identifier.objects.all())


def test_the_zones_of_a_person_are_those_of_the_zip_and_the_numbers() -> None:
    from accounts import places

    for debtor in Debtor.objects.prefetch_related("contact_points"):
        points = [p for p in debtor.contact_points.all() if p.usable]
        home = next((p.postal_code for p in points if p.kind == "ADDRESS"), "")
        numbers = [p.value for p in points if p.kind == "PHONE"]
        assert debtor.zones == list(places.zones_for(home, debtor.state, numbers))


def test_the_cast_can_sign_in_with_the_password_that_was_given() -> None:
    for name in ("olive", "pavel", "quinn", "lee", "max", "ada", "cora"):
        assert User.objects.get(username=name).check_password("walnut summer kettle")
    path = Path(settings.CRM_DATA) / "demo_logins.txt"
    if path.exists():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_second_load_is_refused_and_if_empty_says_so() -> None:
    with pytest.raises(CommandError, match="loaded already"):
        call_command("load_demo", "--accounts", "300", stdout=StringIO())
    said = StringIO()
    call_command("load_demo", "--accounts", "300", "--if-empty", stdout=said)
    assert "nothing was loaded" in said.getvalue()
    assert Account.objects.count() == 300


def test_absurd_sizes_are_refused_with_a_sentence() -> None:
    for size in ("0", "-5", "1000001"):
        with pytest.raises(CommandError, match="--accounts goes from"):
            call_command("load_demo", "--accounts", size, stdout=StringIO())


def test_shipping_content_twice_adds_nothing_and_leaves_an_admins_words() -> None:
    version = TemplateVersion.objects.filter(state="LIVE").order_by("pk")[0]
    TemplateVersion.objects.filter(pk=version.pk).update(state="RETIRED")
    mine = TemplateVersion.objects.create(
        template=version.template, number=2, lang=version.lang, body="Our own words.", state="LIVE"
    )
    before = TemplateVersion.objects.count(), ScriptVersion.objects.count()

    made = content.ship(at=MOMENT)

    assert made == {"templates": 0, "scripts": 0}
    assert (TemplateVersion.objects.count(), ScriptVersion.objects.count()) == before
    mine.refresh_from_db()
    assert mine.state == "LIVE"


def test_a_load_of_another_size_does_not_go_on_with_a_stopped_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from core.models import JobRun

    JobRun.objects.filter(job=load.JOB).update(state="RUNNING")
    with pytest.raises(CommandError, match="another size"):
        call_command("load_demo", "--accounts", "400", stdout=StringIO())
    JobRun.objects.filter(job=load.JOB).update(state="DONE")
