"""First in, first out: which money counts for which promise. Properties and a few by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from payments.appropriation import Claim, Receipt, appropriate, fill, plan_standing, standings, verdict

START = datetime(2026, 11, 1, 12, tzinfo=UTC)

cents = st.integers(1, 50_000).map(lambda n: Decimal(n).scaleb(-2))
days = st.integers(0, 60)


@st.composite
def claims(draw: st.DrawFn) -> list[Claim[int]]:
    found = []
    for key in range(draw(st.integers(0, 6))):
        made = START + timedelta(days=draw(days))
        due = made.date() + timedelta(days=draw(st.integers(0, 30)))
        found.append(Claim(key, draw(cents), made, due, due + timedelta(days=draw(st.integers(0, 5)))))
    return found


@st.composite
def receipts(draw: st.DrawFn) -> list[Receipt]:
    found = []
    for _ in range(draw(st.integers(0, 8))):
        moment = START + timedelta(days=draw(days))
        found.append(Receipt(draw(cents), moment, moment.date()))
    return found


@given(claims(), receipts())
def test_no_cent_is_counted_twice_and_no_promise_gets_more_than_was_promised(
    promised: list[Claim[int]], came: list[Receipt]
) -> None:
    got = appropriate(claims=promised, receipts=came)

    assert set(got) == {claim.key for claim in promised}
    assert all(0 <= got[claim.key] <= claim.amount for claim in promised)
    assert sum(got.values(), Decimal(0)) <= sum((receipt.amount for receipt in came), Decimal(0))


@given(claims(), receipts())
def test_a_promise_gets_nothing_from_outside_its_time(promised: list[Claim[int]], came: list[Receipt]) -> None:
    got = appropriate(claims=promised, receipts=came)

    for claim in promised:
        within = [r.amount for r in came if r.received_at >= claim.made_at and r.received_on <= claim.last_day]
        assert got[claim.key] <= sum(within, Decimal(0))


@given(claims(), receipts(), cents, days)
def test_more_money_never_leaves_a_promise_with_less(
    promised: list[Claim[int]], came: list[Receipt], amount: Decimal, day: int
) -> None:
    moment = START + timedelta(days=day)
    before = appropriate(claims=promised, receipts=came)

    after = appropriate(claims=promised, receipts=[*came, Receipt(amount, moment, moment.date())])

    assert sum(after.values(), Decimal(0)) >= sum(before.values(), Decimal(0))


@given(st.lists(cents, max_size=20), st.integers(0, 2_000_000).map(lambda n: Decimal(n).scaleb(-2)))
def test_installments_take_the_money_in_their_order(amounts: list[Decimal], paid: Decimal) -> None:
    parts = fill(amounts=amounts, paid=paid)

    assert sum(parts, Decimal(0)) == min(paid, sum(amounts, Decimal(0)))
    for at, part in enumerate(parts):
        assert part == amounts[at] or not any(parts[at + 1 :])


def test_the_older_promise_takes_first_and_the_rest_goes_to_the_next() -> None:
    first = Claim("first", Decimal(100), START, date(2026, 11, 10), date(2026, 11, 12))
    second = Claim("second", Decimal(100), START, date(2026, 11, 20), date(2026, 11, 22))
    moment = datetime(2026, 11, 11, 12, tzinfo=UTC)

    got = appropriate(claims=[second, first], receipts=[Receipt(Decimal(150), moment, moment.date())])

    assert got == {"first": Decimal(100), "second": Decimal(50)}


def test_a_promise_is_judged_only_when_its_grace_is_over() -> None:
    facts = {"amount": Decimal(100), "tolerance_percent": Decimal(95)}

    assert verdict(**facts, paid=Decimal(94), over=False) == "OPEN"
    assert verdict(**facts, paid=Decimal(94), over=True) == "PART_KEPT"
    assert verdict(**facts, paid=Decimal(95), over=False) == "KEPT"
    assert verdict(**facts, paid=Decimal(0), over=True) == "BROKEN"


def test_an_installment_is_late_after_its_grace_and_missed_when_the_next_is_late_too() -> None:
    dues = [date(2026, 11, 1), date(2026, 11, 15), date(2026, 11, 29)]
    amounts = [Decimal(45)] * 3

    def on(day: date, paid: int) -> list[str]:
        parts = fill(amounts=amounts, paid=Decimal(paid))
        return list(standings(dues=dues, amounts=amounts, parts=parts, grace_days=5, on=day))

    assert on(date(2026, 11, 6), 0) == ["DUE", "DUE", "DUE"]
    assert on(date(2026, 11, 7), 0) == ["LATE", "DUE", "DUE"]
    assert on(date(2026, 11, 7), 45) == ["PAID", "DUE", "DUE"]
    assert on(date(2026, 11, 21), 0) == ["MISSED", "LATE", "DUE"]
    assert on(date(2026, 12, 30), 90) == ["PAID", "PAID", "MISSED"]
    assert plan_standing(["PAID", "LATE", "DUE"]) == "SLIPPING"
    assert plan_standing(["PAID", "PAID", "PAID"]) == "DONE"
