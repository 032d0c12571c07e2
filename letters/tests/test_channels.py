"""Each channel sends once per key, says what failed, and its fake can be looked at."""

import csv
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from letters import channels
from letters.channels import Ambiguous, Permanent, Recipient, Temporary
from letters.channels.base import file_name
from letters.render.result import Rendered

AT = datetime(2026, 11, 17, 15, tzinfo=UTC)
LATER = datetime(2026, 11, 18, 15, tzinfo=UTC)
DANA = Recipient("Dana Reyes", ("2210 Magoffin Ave", "El Paso, TX 79901"), "dana@example.com", "+19155550142")
LETTER = Rendered("Subject", "Text", "<p>Text</p>", b"%PDF-1.7 dana", "ab" * 32, 1)


@pytest.fixture(autouse=True)
def boxes(settings: Any, tmp_path: Path) -> Path:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.LETTERS = {
        "POST": {"adapter": "folder", "folder": tmp_path / "print", "base_url": "", "token": "t", "timeout": 5},
        "EMAIL": {"adapter": "django", "folder": tmp_path / "mail", "from": "Larkfield <letters@larkfield.example>"},
        "SMS": {"adapter": "fake", "folder": tmp_path / "sms"},
    }
    return tmp_path


def _send(kind: str, key: str = "promise-reminder:7", to: Recipient = DANA, at: datetime = AT) -> Any:
    return channels.send(kind=kind, key=key, to=to, rendered=LETTER, at=at)


@pytest.mark.parametrize("kind", ["post", "email", "sms"])
def test_the_same_key_again_sends_nothing_new_and_gets_the_same_answer(kind: str) -> None:
    first = _send(kind)
    again = _send(kind, at=LATER)

    assert again == first
    assert [row["key"] for row in channels.fake_outbox(kind)] == ["promise-reminder:7"]
    assert len(mail.outbox) == (1 if kind == "email" else 0)


def test_a_letter_is_a_pdf_in_the_print_folder_and_a_row_of_the_manifest(boxes: Path) -> None:
    _send("post", key="a1")
    _send("post", key="a2")

    rows = list(csv.DictReader((boxes / "print" / "manifest.csv").open()))
    assert [(row["file"], row["pages"], row["address"]) for row in rows] == [
        ("a1.pdf", "1", "2210 Magoffin Ave, El Paso, TX 79901"),
        ("a2.pdf", "1", "2210 Magoffin Ave, El Paso, TX 79901"),
    ]
    assert (boxes / "print" / "a1.pdf").read_bytes() == LETTER.pdf
    assert not [name for name in (boxes / "print").iterdir() if name.name.startswith(".a")]


def test_a_letter_killed_before_its_row_gets_the_row_at_the_next_try(boxes: Path) -> None:
    folder = boxes / "print"
    folder.mkdir()
    (folder / "a1.pdf").write_bytes(b"%PDF-1.7 dana")
    (folder / "manifest.csv").write_text("key,reference,file,sha256,pages,name,address,accepted_at\na0,print:a0,a0.p")

    _send("post", key="a1")
    _send("post", key="a1")

    assert [row["key"] for row in channels.fake_outbox("post")] == ["a1"]


def test_many_workers_with_the_same_letters_print_each_once() -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda at: _send("post", key=f"k{at % 10}"), range(80)))

    assert sorted(row["key"] for row in channels.fake_outbox("post")) == sorted(f"k{at}" for at in range(10))


def test_a_name_that_is_a_formula_is_only_text_in_the_manifest(boxes: Path) -> None:
    _send("post", to=Recipient("=cmd()", DANA.address_lines))

    assert ",'=cmd()," in (boxes / "print" / "manifest.csv").read_text()


def test_an_email_carries_a_message_id_made_from_the_key() -> None:
    result = _send("email")

    sent = mail.outbox[0]
    assert isinstance(sent, EmailMultiAlternatives)
    assert sent.extra_headers["Message-ID"] == result.reference and result.reference.endswith("@larkfield.example>")
    assert sent.body == "Text" and sent.alternatives[0][0] == "<p>Text</p>"


@pytest.mark.parametrize(
    ("kind", "to"),
    [
        ("post", Recipient("Dana")),
        ("email", Recipient(email="dana")),
        ("email", Recipient(email="a@b.c\nBcc: x@y.z")),
        ("sms", Recipient(phone="9155550142")),
    ],
)
def test_a_message_without_a_usable_address_fails_for_good(kind: str, to: Recipient) -> None:
    with pytest.raises(Permanent) as refused:
        _send(kind, to=to)

    assert refused.value.code == "NO_ADDRESS"


@pytest.mark.parametrize("key", ["../x", "", "a/b", "a\0b", "x" * 121])
def test_a_key_is_never_a_path(key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        file_name(key)


class _House(BaseHTTPRequestHandler):
    seen: list[tuple[str, dict[str, Any]]] = []
    answer = (201, b'{"id": "LH-1"}')

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.seen.append((self.headers["Idempotency-Key"], body))
        status, data = self.answer
        if status == 0:
            return
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def house(settings: Any) -> Iterator[type[_House]]:
    server = HTTPServer(("127.0.0.1", 0), _House)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.LETTERS["POST"] |= {"adapter": "http", "base_url": f"http://127.0.0.1:{server.server_port}"}
    _House.seen = []
    _House.answer = (201, b'{"id": "LH-1"}')
    yield _House
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_mail_house_gets_the_letter_under_its_key(house: type[_House]) -> None:
    assert _send("post").reference == "LH-1"

    key, body = house.seen[0]
    assert key == "promise-reminder:7" and body["to"]["name"] == "Dana Reyes" and body["sha256"] == LETTER.sha256


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((429, b""), Temporary),
        ((503, b""), Temporary),
        ((422, b""), Permanent),
        ((201, b"<html>"), Ambiguous),
        ((0, b""), Ambiguous),
    ],
)
def test_a_mail_house_that_fails_is_told_apart(house: type[_House], answer: Any, error: type[Exception]) -> None:
    house.answer = answer

    with pytest.raises(error):
        _send("post")


def test_a_mail_house_that_knows_the_key_has_taken_the_letter(house: type[_House]) -> None:
    house.answer = (409, b'{"id": "LH-1"}')

    assert _send("post").reference == "LH-1"


def test_a_mail_house_that_is_down_is_tried_later(settings: Any) -> None:
    settings.LETTERS["POST"] |= {"adapter": "http", "base_url": "http://127.0.0.1:9"}

    with pytest.raises(Temporary):
        _send("post")
