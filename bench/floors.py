"""Bare floors: what the same job costs in plain SQL or plain Django. Tables live in the schema `bench`."""

import itertools
import json
import random
from typing import Any

import psycopg2
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path
from django.views.decorators.http import require_POST

_COUNTER = itertools.count(1)
_ROW = (
    "<tr><td>{{ r.0 }}</td><td>{{ r.1 }}</td><td>{{ r.2 }}</td><td>{{ r.3 }}</td><td>{{ r.4 }}</td>"
    "<td>{{ r.5 }}</td><td>{{ r.6 }}</td></tr>"
)


def bare() -> Any:
    """A connection of its own, autocommit, to the database under test."""
    conn = psycopg2.connect(**connection.get_connection_params() | {"cursor_factory": None})
    conn.autocommit = True
    return conn


def tables(accounts: int) -> None:
    """A queue and a payment set as large as the product's own."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA IF NOT EXISTS bench")
        cursor.execute("ANALYZE strategies_workitem, strategies_personhold, payments_payment, ledger_balance")
        cursor.execute("DROP TABLE IF EXISTS bench.wq, bench.account, bench.payment, bench.entry, bench.note")
        cursor.execute(
            "CREATE TABLE bench.wq (id bigint PRIMARY KEY, team_id int NOT NULL, priority int NOT NULL, "
            "state smallint NOT NULL DEFAULT 0, claimed_by int, claimed_at timestamptz) WITH (fillfactor=80)"
        )
        cursor.execute(
            "INSERT INTO bench.wq SELECT i, 1, (random()*1000)::int FROM generate_series(1, %s) i",
            [max(accounts, 50_000)],
        )
        cursor.execute("CREATE INDEX ON bench.wq (team_id, priority DESC, id) WHERE state = 0")
        cursor.execute("CREATE TABLE bench.account (id bigint PRIMARY KEY, balance numeric(14,2) NOT NULL, name text)")
        cursor.execute(
            "INSERT INTO bench.account SELECT i, 1000000, 'Person ' || i FROM generate_series(1, %s) i", [accounts]
        )
        cursor.execute(
            "CREATE TABLE bench.payment (id bigserial PRIMARY KEY, "
            "account_id bigint NOT NULL REFERENCES bench.account, "
            "amount numeric(14,2) NOT NULL, key text NOT NULL UNIQUE, at timestamptz NOT NULL DEFAULT now())"
        )
        cursor.execute(
            "CREATE TABLE bench.entry (id bigserial PRIMARY KEY, payment_id bigint NOT NULL REFERENCES bench.payment, "
            "account text NOT NULL, debit numeric(14,2), credit numeric(14,2))"
        )
        cursor.execute(
            "CREATE TABLE bench.note (id bigserial PRIMARY KEY, account_id bigint, body text, at timestamptz)"
        )


class Claim:
    """Take the next row of a queue: FOR UPDATE SKIP LOCKED, one durable commit a claim."""

    SQL = (
        "UPDATE bench.wq SET state = 1, claimed_by = %s, claimed_at = now() WHERE id = (SELECT id FROM bench.wq "
        "WHERE team_id = 1 AND state = 0 ORDER BY priority DESC, id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id"
    )

    def __init__(self) -> None:
        self.cursor = bare().cursor()

    def __call__(self) -> int:
        self.cursor.execute(self.SQL, [1])
        return 1 if self.cursor.fetchone() else 0


class Payment:
    """A payment, three ledger rows and the balance in one durable commit: five statements."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM bench.account")
            (self.accounts,) = cursor.fetchone()
        self.conn = bare()
        self.conn.autocommit = False

    def __call__(self) -> int:
        cursor, account = self.conn.cursor(), random.randint(1, self.accounts)  # noqa: S311
        key = f"bench:{next(_COUNTER)}:{random.getrandbits(60)}"  # noqa: S311
        cursor.execute("SELECT balance FROM bench.account WHERE id = %s FOR UPDATE", [account])
        cursor.execute(
            "INSERT INTO bench.payment (account_id, amount, key) VALUES (%s, 5, %s) RETURNING id", [account, key]
        )
        (payment,) = cursor.fetchone()
        cursor.execute("INSERT INTO bench.entry (payment_id, account, debit) VALUES (%s, 'cash', 5)", [payment])
        cursor.execute(
            "INSERT INTO bench.entry (payment_id, account, credit) VALUES (%s, 'fees', 2), (%s, 'principal', 3)",
            [payment, payment],
        )
        cursor.execute("UPDATE bench.account SET balance = balance - 5 WHERE id = %s", [account])
        self.conn.commit()
        return 1


def page(request: HttpRequest) -> HttpResponse:
    """Fifty rows from the worklist's own table in a plain template, for a signed-in user."""
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, amount, queue, next_step, last_contact, priority, debtor_id FROM strategies_workitem "
            "WHERE state = 'OPEN' ORDER BY priority DESC, id LIMIT 50"
        )
        rows = cursor.fetchall()
    return HttpResponse(_template("<table>{% for r in rows %}" + _ROW + "{% endfor %}</table>").render({"rows": rows}))


def detail(request: HttpRequest, account: int) -> HttpResponse:
    """One account with twenty events in a plain template."""
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_account WHERE id = %s", [account])
        head = cursor.fetchone()
        cursor.execute(
            "SELECT kind, at, direction, outcome, address, facts, source_id FROM compliance_contactevent "
            "WHERE account_ids @> ARRAY[%s::bigint] ORDER BY at DESC LIMIT 20",
            [account],
        )
        rows = cursor.fetchall()
    text = "<h1>{{ head.0 }}</h1><table>{% for r in rows %}" + _ROW + "{% endfor %}</table>"
    return HttpResponse(_template(text).render({"head": head, "rows": rows}))


@require_POST
@transaction.atomic
def note(request: HttpRequest) -> HttpResponse:
    """One INSERT for a signed-in user, then away."""
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bench.note (account_id, body, at) VALUES (%s, %s, now())",
            [int(request.POST["account"]), request.POST["body"]],
        )
    return HttpResponse(status=303, headers={"Location": "/floor/"})


_kept: dict[str, Any] = {}


def _template(text: str) -> Any:
    if text not in _kept:
        _kept[text] = engines["django"].from_string(text)
    return _kept[text]


def up(request: HttpRequest) -> HttpResponse:
    """Answers 200 once the server is there."""
    return HttpResponse("up")


urlpatterns = [
    path("floor/up/", up),
    path("floor/", page),
    path("floor/<int:account>/", detail),
    path("floor/note/", note),
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]


class Spin:
    """Plain Python of a known amount: the floor of pure code. Decodes and walks a small JSON document."""

    EVENTS = [{"kind": "call", "at": f"2026-11-{n % 28 + 1:02d}", "to": str(n)} for n in range(50)]
    TEXT = json.dumps({"events": EVENTS})

    def __call__(self) -> int:
        document = json.loads(self.TEXT)
        return 1 if sorted(event["at"] for event in document["events"]) else 0
