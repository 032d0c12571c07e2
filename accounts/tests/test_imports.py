"""Placement files end to end: uploaded by Ada, released by Max, loaded to the cent, once, and whatever is killed."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db.models import Count, Sum

from accounts import services as accounts
from accounts.buckets import bucket_codes
from accounts.models import Account, AccountParty, ContactPoint, Debtor, Identifier, ImportFile, ImportRow, Portfolio
from accounts.reports import acknowledgement, problem_rows
from accounts.services import building, decisions, imports, loading
from accounts.services.running import work_imports
from accounts.signals import placement_loaded, placement_released
from accounts.tests.placement_files import HEADER, cells, line, table, workbook
from core.models import AuditEvent
from ledger.check import problems
from ledger.models import Journal
from users.models import User

DATA = settings.BASE_DIR.parent / "shared" / "data"
real = pytest.mark.skipif(not DATA.exists(), reason="the shared data are not beside this clone")
Load = Callable[..., ImportFile]


def receive(content: bytes | Path, book: Portfolio, by: User, at: datetime, **more: Any) -> ImportFile:
    name = more.pop("name", content.name if isinstance(content, Path) else "placement.csv")
    raw = content.read_bytes() if isinstance(content, Path) else content
    row, _ = imports.receive(chunks=[raw], name=name, portfolio=book, placed_on=at.date(), by=by, at=at, **more)
    return row


@pytest.fixture
def checked(northwind: Portfolio, ada: User, noon: datetime) -> Load:
    def run(content: bytes | Path, **more: Any) -> ImportFile:
        row = receive(content, northwind, ada, noon, **more)
        if row.state == "MAPPING":
            imports.set_map(import_file=row, layout=imports.layout_of(row), by=ada, at=noon)
        work_imports(at=noon)
        row.refresh_from_db()
        return row

    return run


@pytest.fixture
def loaded(checked: Load, max_: User, noon: datetime) -> Load:
    def run(content: bytes | Path, **more: Any) -> ImportFile:
        row = checked(content, **more)
        imports.release(import_file=row, by=max_, at=noon, reason="Agreed with the creditor")
        work_imports(at=noon)
        row.refresh_from_db()
        return row

    return run


@real
@pytest.mark.parametrize(
    ("name", "rows", "total"),
    [
        ("consumer_cards/placement_2005-06-30.csv", 2293, "112826704.00"),
        ("consumer_loans/placement_pipe.txt", 83, "1342522.00"),
        ("chargeoff_recoveries/chargeoff_placement.csv", 101, "1140978.13"),
    ],
)
def test_a_real_file_is_loaded_with_its_published_total(loaded: Load, name: str, rows: int, total: str) -> None:
    row = loaded(DATA / name)

    batch = row.placement
    assert batch is not None
    assert (row.state, row.accepted, row.loaded_rows) == ("LOADED", rows, rows)
    assert row.total == batch.placed_amount == Decimal(total)
    assert batch.accounts_count == Account.objects.count() == rows
    assert f"Amount placed,{total}" in acknowledgement(row)
    assert list(problems()) == []


def _fixed(*rows: list[str]) -> bytes:
    widths = [max(len(row[at]) for row in rows) + 2 for at in range(len(rows[0]))]
    return "".join(
        "".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n" for row in rows
    ).encode()


@pytest.mark.parametrize("form", ["workbook", "fixed width"])
def test_a_workbook_and_a_fixed_width_file_are_loaded_to_the_cent(loaded: Load, form: str) -> None:
    header = [name.replace(" ", "_") for name in HEADER.split(",")]
    dense = {"Street": "12-Mill-Road", "Phone": "312-555-0110"}  # a gap in every row would be taken for a column's end
    rows = [cells(**dense), cells(Account="NE-0002", Last_Name="Vance", Principal="7.25", Balance="12.25", **dense)]
    rows.append(cells(Account="NE-0003", Last_Name="Reyes", Balance="99.99", **dense))
    make_file = workbook if form == "workbook" else _fixed

    row = loaded(make_file(header, *rows), name="placement.xlsx" if form == "workbook" else "placement.txt")

    assert (row.state, row.rows_read, row.accepted, row.held) == ("LOADED", 3, 2, 1), row.fault
    assert row.total == Decimal("117.25")
    assert {(a.reference, a.balance) for a in Account.objects.filter(needs_decision="")} == {
        ("NE-0001", Decimal("105.00")),
        ("NE-0002", Decimal("12.25")),
    }
    assert set(ContactPoint.objects.filter(kind="PHONE").values_list("value", flat=True)) == {"+13125550110"}
    assert list(problems()) == []


@real
def test_the_buckets_at_placement_are_the_published_ones(loaded: Load) -> None:
    loaded(DATA / "consumer_cards" / "placement_2005-06-30.csv")
    published = json.loads((DATA / "consumer_cards" / "expected.json").read_text())

    pairs = dict(zip(bucket_codes("bank"), published["placement"]["by_bucket"].values(), strict=True))
    for code, expected in pairs.items():
        mine = Account.objects.filter(bucket=code).aggregate(accounts=Count("pk"), balance=Sum("balance"))
        assert (mine["accounts"], mine["balance"] or 0) == (expected["accounts"], expected["balance"]), code


@real
def test_the_dirty_file_loads_its_good_rows_and_holds_the_doubtful_ones(loaded: Load) -> None:
    row = loaded(DATA / "consumer_cards" / "placement_dirty.csv")

    assert (row.rows_read, row.accepted, row.held, row.rejected, row.duplicates) == (304, 279, 19, 4, 2)
    held = Account.objects.exclude(needs_decision="")
    assert held.count() == 15
    assert {account.status for account in held} == {"HELD"}
    assert not any(account.is_collectable for account in held)
    assert set(Account.objects.values_list("currency", flat=True)) == {"USD"}


@real
def test_fifty_customers_own_the_invoices(loaded: Load) -> None:
    row = loaded(DATA / "b2b_ar" / "invoices.csv")

    assert row.accepted == 1267
    assert Debtor.objects.filter(kind="FIRM").count() == 50


def test_one_person_with_two_debts_is_made_once_and_her_number_is_sealed(loaded: Load) -> None:
    header = HEADER + ",SSN,Co-Borrower,Note"
    rows = [
        line() + ",900-12-3456,Sam Cole,her old number is 900-12-3456",
        line(Account="NE-0002", DOB="") + ",900-12-3456,Sam Cole,",
    ]

    row = loaded(table(*rows, header=header))

    dana = Debtor.objects.get(last_name="Cole", first_name="Dana")
    assert dana.accounts.count() == 2
    assert Identifier.objects.get().reveal() == "900123456"
    assert AccountParty.objects.filter(role="CO_OBLIGOR").values("debtor").distinct().count() == 1
    kept = json.dumps(list(ImportRow.objects.values_list("values", "raw"))) + json.dumps(
        list(Account.objects.values_list("extra", flat=True))
    )
    assert "900-12-3456" not in kept and "900123456" not in kept
    assert "***-**-3456" in kept
    assert row.loaded_rows == 2


def test_a_person_on_file_is_recognized_by_name_and_birth_date(loaded: Load, dana: Debtor) -> None:
    row = loaded(table(line(First_Name="Dana", Last_Name="Reyes", DOB="04/09/1987")))

    assert Account.objects.get(placement=row.placement).debtor == dana
    dana.refresh_from_db()
    assert set(dana.zones) == {"America/Denver", "America/Chicago"}
    assert ContactPoint.objects.filter(debtor=dana, kind="PHONE").count() == 2


def test_somebody_of_the_same_name_born_on_another_day_is_somebody_else(loaded: Load, dana: Debtor) -> None:
    row = loaded(table(line(First_Name="Dana", Last_Name="Reyes", DOB="04/10/1987")))

    assert Account.objects.get(placement=row.placement).debtor != dana


def test_the_same_bytes_open_their_first_import_and_load_nothing(loaded: Load, checked: Load) -> None:
    first = loaded(table(line()))
    again = checked(table(line()))

    assert again == first
    assert Account.objects.count() == 1


def test_a_number_placed_before_is_a_duplicate_and_says_which_debt_it_is(loaded: Load, checked: Load) -> None:
    loaded(table(line()))
    row = checked(table(line(), line(Account="NE-0002")))

    account = Account.objects.get()
    staged = ImportRow.objects.get(import_file=row, outcome="DUPLICATE")
    assert staged.reason == f"Already on file as L-{account.pk}."
    assert (row.accepted, row.duplicates) == (1, 1)


def test_nobody_releases_what_she_uploaded(checked: Load, ada: User, noon: datetime) -> None:
    row = checked(table(line()))

    with pytest.raises(imports.ImportRefused, match="somebody else has to release"):
        imports.release(import_file=row, by=ada, at=noon)

    assert not Account.objects.exists()


def test_control_figures_that_differ_ask_for_a_reason(checked: Load, max_: User, noon: datetime) -> None:
    row = checked(table(line()), control=imports.Control(count=2, total=Decimal("105.00")))

    assert imports.differences(row) == ["The creditor says 2 rows; the file has 1."]
    with pytest.raises(imports.ImportRefused, match="Say why"):
        imports.release(import_file=row, by=max_, at=noon)


def test_a_fault_at_the_end_of_the_file_loads_nothing(checked: Load) -> None:
    row = checked(table(line(), line(Account="NE-0002")) + b'NE-3,"Dana')

    assert row.state == "FAULTED"
    assert "quotation mark" in row.fault
    assert not ImportRow.objects.exists()


def test_a_load_broken_off_between_chunks_goes_on_where_it_stopped(
    checked: Load, max_: User, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "CHUNK", 2)
    row = checked(table(*(line(Account=f"NE-{n}", Last_Name=f"Cole{n}") for n in range(5))))
    imports.release(import_file=row, by=max_, at=noon)
    write, calls = building.Chunk.write, []

    def breaks(chunk: building.Chunk) -> None:
        calls.append(1)
        write(chunk)
        if len(calls) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(building.Chunk, "write", breaks)
    with pytest.raises(KeyboardInterrupt):
        work_imports(at=noon)
    assert Account.objects.count() == 2
    assert work_imports(at=noon) == {"checked": 0, "loaded": 0, "failed": 0}  # the lease still runs

    ImportFile.objects.update(lease_until=noon - timedelta(seconds=1))
    work_imports(at=noon)

    row.refresh_from_db()
    assert (row.state, row.loaded_rows, Account.objects.count(), Journal.objects.count()) == ("LOADED", 5, 5, 5)
    assert list(problems()) == []


def test_a_worker_whose_lease_was_taken_writes_nothing_more(checked: Load, max_: User, noon: datetime) -> None:
    row = checked(table(line()))
    imports.release(import_file=row, by=max_, at=noon)
    from core import work

    (mine,) = work.claim(imports.LOAD, at=noon, limit=1)
    work.claim(imports.LOAD, at=noon + timedelta(minutes=2), limit=1)

    assert loading.load(mine, at=noon) is False
    assert not Account.objects.exists()


def test_a_row_without_an_address_is_loaded_and_told_to_compliance(loaded: Load) -> None:
    heard: list[dict[str, Any]] = []

    def listen(**facts: Any) -> None:
        heard.append(facts)

    placement_loaded.connect(listen)
    try:
        loaded(table(line(Street="", City="", State="", ZIP="")))
    finally:
        placement_loaded.disconnect(listen)

    account = Account.objects.get()
    assert account.status == "NEW"
    assert heard[0]["without_address"] == [account.pk]


def test_whoever_listens_hears_of_the_debts_nobody_has_to_decide_on(
    loaded: Load, max_: User, noon: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    heard: list[list[int]] = []

    def listen(account_ids: list[int], **facts: Any) -> None:
        heard.append(account_ids)

    placement_released.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            loaded(table(line(), line(Account="NE-0002", DOB="01/01/2020")))
        clear, held = (Account.objects.get(reference=name).pk for name in ("NE-0001", "NE-0002"))
        assert heard == [[clear]]

        with django_capture_on_commit_callbacks(execute=True):
            staged = ImportRow.objects.get(outcome="HELD")
            decisions.decide(row=staged, accept=True, reason="The creditor confirmed", by=max_, at=noon)
    finally:
        placement_released.disconnect(listen)

    assert heard == [[clear], [held]]


def test_a_saved_map_remembers_the_columns_of_the_next_file(
    checked: Load, northwind: Portfolio, ada: User, noon: datetime
) -> None:
    row = receive(table(line()), northwind, ada, noon)
    imports.set_map(import_file=row, layout=imports.layout_of(row), save_as="Northwind monthly", by=ada, at=noon)

    second = receive(table(line(Account="NE-9")), northwind, ada, noon)

    assert (second.state, second.map_name) == ("TO_CHECK", "Northwind monthly")


def test_max_accepts_a_held_debt_and_it_can_be_collected(loaded: Load, max_: User, noon: datetime) -> None:
    loaded(table(line(DOB="01/01/2020")))
    staged = ImportRow.objects.get()
    assert staged.outcome == "HELD"

    decisions.decide(row=staged, accept=True, reason="The creditor confirmed the date", by=max_, at=noon)

    account = Account.objects.get()
    assert (account.status, account.needs_decision, account.is_collectable) == ("ACTIVE", "", True)
    assert AuditEvent.objects.filter(action="import.row_decided", actor=max_).count() == 1


def test_a_held_debt_that_is_rejected_leaves_the_books(loaded: Load, max_: User, noon: datetime) -> None:
    loaded(table(line(DOB="01/01/2020")))

    decisions.decide(row=ImportRow.objects.get(), accept=False, reason="A child", by=max_, at=noon)

    account = Account.objects.get()
    assert (account.status, account.balance) == ("RECALLED", Decimal("0.00"))
    assert accounts.payoff(account=account, on=date(2026, 11, 17)).amount == 0
    with pytest.raises(imports.ImportRefused, match="decided already"):
        decisions.decide(row=ImportRow.objects.get(), accept=True, reason="No, after all", by=max_, at=noon)


def test_the_rows_left_out_leave_as_text_that_no_spreadsheet_runs(checked: Load) -> None:
    row = checked(table(line(), line(Account="NE-0002", First_Name="=cmd()", Balance="", Principal="")))

    text = "".join(problem_rows(row))

    assert "NE-0002,Rejected,balance,The row states no balance." in text
    assert "'=cmd()" in text
