"""Every kind of broken file is answered in words on the page, and a workbook goes all the way by the pages alone."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Account, ImportFile, ImportRow, Portfolio
from accounts.services.running import work_imports
from accounts.tests.placement_files import HEADER, cells, workbook
from accounts.tests.test_placement_file_broken import FILES
from core.idempotency import new_key
from users.models import User

SignIn = Callable[[User], Client]
KINDS = (
    "only separators",
    "headers and nothing more",
    "rows without headers",
    "one column",
    "no account number",
    "no amount",
    "no name",
    "three hundred columns too many",
    "quotes never closed",
    "one line of two million letters",
    "a PDF",
    "an old Excel file",
    "a program",
    "a web page",
    "a JSON file",
    "two encodings in one file",
    "a file cut inside a letter",
    "a zip archive",
    "an archive cut off",
    "a binary workbook",
    "a zip bomb",
    "an entity bomb",
    "an empty workbook",
    "a workbook with headers only",
    "a workbook with a broken sheet",
)
PLAIN = {  # words that stand on every page of an import, too
    "no account number": "No column holds the account number.",
    "no amount": "No column holds the balance or the principal.",
    "no name": "No column holds the name.",
}
BROKEN = [(kind, content, PLAIN.get(kind, words)) for kind, content, words in FILES if kind in KINDS]


def upload(client: Client, book: Portfolio, content: bytes, name: str) -> str:
    """The address of the import after an upload that was taken."""
    file = SimpleUploadedFile(name, content)
    answer = client.post("/imports/new/", {"portfolio": book.pk, "file": file, "placed_on": "2026-11-17"})
    assert answer.status_code == 303, answer.content.decode()
    return str(answer["Location"])


def confirm(client: Client, where: str, headers: list[str]) -> Any:
    """Take the columns as they were guessed."""
    known = ImportFile.objects.get().layout["columns"]
    columns = {f"column{at}": known.get(header, "") for at, header in enumerate(headers)}
    return client.post(f"{where}map/", columns | {"number_style": "1,234.56", "date_order": "MDY", "save_as": ""})


def words_of(answer: Any) -> str:
    """The text of a page, without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def test_each_kind_named_here_is_one_that_is_known() -> None:
    assert [found[0] for found in BROKEN] == list(KINDS)


@pytest.mark.parametrize(("kind", "content", "words"), BROKEN, ids=[found[0] for found in BROKEN])
def test_the_page_says_what_is_wrong_with_the_file(
    kind: str, content: bytes, words: str, northwind: Portfolio, ada: User, sign_in: SignIn, noon: datetime
) -> None:
    client = sign_in(ada)
    name = "placement.xlsx" if content.startswith(b"PK") else "placement.csv"

    where = upload(client, northwind, content, name)
    said = words_of(client.get(where))
    if ImportFile.objects.get().state == "MAPPING":
        headers = [str(header) for header in client.get(where).context["map_form"].headers]
        said += words_of(confirm(client, where, headers))
        work_imports(at=noon)
        said += words_of(client.get(where))

    assert re.search(words, said), said[:600]
    assert ImportFile.objects.get().state in ("FAULTED", "MAPPING")
    assert not ImportRow.objects.exists()
    assert not Account.objects.exists()


def test_a_workbook_with_real_days_and_numbers_becomes_a_debt_by_the_pages_alone(
    northwind: Portfolio, ada: User, max_: User, sign_in: SignIn, noon: datetime
) -> None:
    dana: list[Any] = cells()
    headers = HEADER.split(",")
    dana[headers.index("DOB")] = date(1980, 2, 29)
    dana[headers.index("Delinquency Date")] = date(2026, 1, 31)
    for amount in ("Principal", "Interest", "Fees", "Balance"):
        dana[headers.index(amount)] = float(dana[headers.index(amount)])
    hers, his = sign_in(ada), sign_in(max_)

    where = upload(hers, northwind, workbook(headers, dana, cells(Account="NE-0002", Balance="")), "placement.xlsx")
    mapped = confirm(hers, where, headers)
    work_imports(at=noon)
    ready = words_of(his.get(where))
    released = his.post(f"{where}release/", {"idempotency_key": new_key()})
    work_imports(at=noon)

    assert (mapped.status_code, released.status_code) == (303, 303)
    assert "Release" in ready
    debt = Account.objects.get(reference="NE-0001")
    assert (debt.balance, debt.delinquency_date) == (Decimal("105.00"), date(2026, 1, 31))
    assert debt.debtor.birth_date == date(1980, 2, 29)
    assert "released by Max Feldman" in words_of(his.get(where))
