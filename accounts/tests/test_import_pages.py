"""The import pages: Ada uploads and sees no persons, Max releases, nobody else comes in."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Account, ColumnMap, ImportFile, ImportRow, Portfolio
from accounts.services.running import work_imports
from accounts.tests.placement_files import HEADER, cells, line, table, workbook
from core.idempotency import new_key
from users.models import User

SignIn = Callable[[User], Client]


def upload(client: Client, book: Portfolio, content: bytes, name: str = "placement.csv", **more: str) -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post("/imports/new/", {"portfolio": book.pk, "file": file, "placed_on": "2026-11-17", **more})


@pytest.fixture
def ready(northwind: Portfolio, ada: User, sign_in: SignIn, noon: datetime) -> Callable[[bytes], ImportFile]:
    """A file that Ada uploaded and mapped, and that was checked."""

    def make(content: bytes) -> ImportFile:
        client = sign_in(ada)
        where = upload(client, northwind, content)["Location"]
        row = ImportFile.objects.get()
        known = row.layout["columns"]
        columns = {f"column{at}": known.get(header, "") for at, header in enumerate(HEADER.split(","))}
        answer = client.post(
            f"{where}map/", columns | {"number_style": "1,234.56", "date_order": "MDY", "save_as": "NW"}
        )
        assert answer.status_code == 303, answer.content.decode()
        work_imports(at=noon)
        row.refresh_from_db()
        return row

    return make


def test_ada_uploads_max_releases_and_the_debts_are_live(
    ready: Callable[[bytes], ImportFile], max_: User, sign_in: SignIn, noon: datetime
) -> None:
    row = ready(table(line(), line(Account="NE-0002", Balance="", Principal="")))
    assert ColumnMap.objects.get().name == "NW"
    client = sign_in(max_)

    page = client.get(f"/imports/{row.pk}/").content.decode()
    assert "Release 1 debts" in page and "The row states no balance." in page
    answer = client.post(f"/imports/{row.pk}/release/", {"idempotency_key": new_key()})
    assert answer.status_code == 303
    work_imports(at=noon)

    assert Account.objects.get().reference == "NE-0001"
    done = client.get(f"/imports/{row.pk}/").content.decode()
    assert "released by Max Feldman" in done
    assert "Accounts placed,1" in client.get(f"/imports/{row.pk}/acknowledgement.csv").content.decode()
    left = b"".join(client.get(f"/imports/{row.pk}/problems.csv").streaming_content)  # type: ignore[attr-defined]
    assert b"NE-0002,Rejected" in left


def test_ada_cannot_release_her_own_upload(ready: Callable[[bytes], ImportFile], ada: User, sign_in: SignIn) -> None:
    row = ready(table(line()))
    client = sign_in(ada)

    assert "somebody else releases it" in client.get(f"/imports/{row.pk}/").content.decode()
    answer = client.post(f"/imports/{row.pk}/release/", {"idempotency_key": new_key()})

    assert answer.status_code == 422
    row.refresh_from_db()
    assert row.state == "READY"


def test_ada_sees_no_names_and_max_does(
    ready: Callable[[bytes], ImportFile], ada: User, max_: User, sign_in: SignIn
) -> None:
    row = ready(table(line()))
    pages = [f"/imports/{row.pk}/", f"/imports/{row.pk}/rows/"]

    hers = "".join(sign_in(ada).get(page).content.decode() for page in pages)
    his = "".join(sign_in(max_).get(page).content.decode() for page in pages)

    for secret in ("Cole", "12 Mill Road", "(312) 555-0110", "dana@example.com", "NE-0001"):
        assert secret not in hers
        assert secret in his
    assert sign_in(ada).get(f"/imports/{row.pk}/problems.csv").status_code == 403


def test_the_same_bytes_again_open_the_first_import(
    ready: Callable[[bytes], ImportFile], northwind: Portfolio, ada: User, sign_in: SignIn
) -> None:
    row = ready(table(line()))

    answer = upload(sign_in(ada), northwind, table(line()))

    assert answer["Location"] == f"/imports/{row.pk}/?again=1"
    assert ImportFile.objects.count() == 1


def test_the_columns_stand_beside_the_first_rows(northwind: Portfolio, max_: User, sign_in: SignIn) -> None:
    rows = [line(Account=f"NE-000{n}", City=city) for n, city in enumerate(("Chicago", "Cicero", "Joliet"), 1)]

    page = sign_in(max_).get(upload(sign_in(max_), northwind, table(*rows))["Location"]).content.decode()

    assert "Chicago<br>Cicero<br>Joliet" in page


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("placement.csv", b"", "The file is empty."),
        ("placement.exe", b"MZ", "Upload a CSV"),
    ],
)
def test_what_is_no_table_is_refused_at_the_field(
    name: str, content: bytes, words: str, northwind: Portfolio, ada: User, sign_in: SignIn
) -> None:
    answer = upload(sign_in(ada), northwind, content, name)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not ImportFile.objects.exists()


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n" + b"\0" * 100, b"just a sentence\n", b"PK\x03\x04broken", b"\0" * 500]
)
def test_a_file_that_cannot_be_read_says_why_and_loads_nothing(
    content: bytes, northwind: Portfolio, ada: User, sign_in: SignIn
) -> None:
    client = sign_in(ada)
    where = upload(client, northwind, content)["Location"]

    page = client.get(where).content.decode()

    assert "can’t be read" in page
    assert ImportFile.objects.get().state == "FAULTED"


def test_a_workbook_is_read_like_a_table(northwind: Portfolio, ada: User, sign_in: SignIn) -> None:
    client = sign_in(ada)
    content = workbook(HEADER.split(","), cells())

    where = upload(client, northwind, content, "placement.xlsx")["Location"]

    assert ImportFile.objects.get().state == "MAPPING"
    assert "Delinquency Date" in client.get(where).content.decode()


def test_impossible_control_figures_and_days_are_answered_at_the_field(
    northwind: Portfolio, ada: User, sign_in: SignIn
) -> None:
    answer = upload(
        sign_in(ada), northwind, table(line()), control_total="-5", control_count="0", placed_on="2026-02-30"
    )

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Enter a day, such as" in text and text.count('aria-invalid="true"') == 3


def test_max_decides_a_held_row_with_a_reason(
    ready: Callable[[bytes], ImportFile], max_: User, sign_in: SignIn
) -> None:
    row = ready(table(line(DOB="01/01/2020")))
    client, staged = sign_in(max_), ImportRow.objects.get()
    where = f"/imports/{row.pk}/rows/{staged.pk}/"

    assert client.post(where, {"idempotency_key": new_key(), "decision": "accept"}).status_code == 422
    answer = client.post(where, {"idempotency_key": new_key(), "decision": "accept", "reason": "Date confirmed"})

    assert answer.status_code == 303
    row.refresh_from_db()
    assert (row.accepted, row.held) == (1, 0)


def test_a_manager_of_another_team_finds_nothing_there(
    ready: Callable[[bytes], ImportFile], quinn: User, sign_in: SignIn
) -> None:
    row = ready(table(line()))
    quinn.role_list = ["manager"]
    quinn.save()

    assert sign_in(quinn).get(f"/imports/{row.pk}/").status_code == 404


def test_the_list_costs_the_same_with_many_files(
    ready: Callable[[bytes], ImportFile], max_: User, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    ready(table(line()))
    client = sign_in(max_)
    client.get("/imports/")

    with django_assert_max_num_queries(8):
        assert b"placement.csv" in client.get("/imports/").content
