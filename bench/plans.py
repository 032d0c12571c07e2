"""What the main queries read at the present size: `python -m bench.plans --database-url URL`."""

import argparse
import json
import sys

from .setup import django_on

# Each with what it is; the budget of P2 is that a page reads at most four times the rows it shows.
QUERIES = {
    "worklist page of one portfolio": (
        "SELECT id, name FROM strategies_workitem WHERE state = 'OPEN' AND portfolio_id = "
        "(SELECT min(id) FROM accounts_portfolio) ORDER BY priority DESC, id LIMIT 50"
    ),
    "open work item of a person": (
        "SELECT id FROM strategies_workitem WHERE state = 'OPEN' AND debtor_id = (SELECT max(id) FROM accounts_debtor)"
    ),
    "history of a person": (
        "SELECT kind, at FROM compliance_contactevent WHERE debtor_id = (SELECT max(id) FROM accounts_debtor) "
        "ORDER BY at DESC LIMIT 20"
    ),
    "calls of a person": (
        "SELECT id FROM contacts_interaction WHERE debtor_id = (SELECT max(id) FROM accounts_debtor) "
        "ORDER BY started_at DESC LIMIT 20"
    ),
    "ledger rows of a debt": (
        "SELECT account_id, debit, credit FROM ledger_entry WHERE subject_id = (SELECT max(id) FROM accounts_account) "
        "ORDER BY effective_date DESC LIMIT 20"
    ),
    "messages due": (
        "SELECT id FROM letters_message WHERE state IN ('QUEUED', 'SENDING') "
        "AND due_at <= now() ORDER BY due_at LIMIT 100"
    ),
    "promises to judge": (
        "SELECT id FROM payments_promise WHERE state = 'OPEN' AND grace_until < current_date LIMIT 500"
    ),
    "person by a part of the name": "SELECT id FROM accounts_debtor WHERE folded_name LIKE '%marisol veg%' LIMIT 20",
}


def main() -> int:
    """One JSON object a query: nodes and rows read, and every sequential scan by table."""
    parser = argparse.ArgumentParser(prog="bench.plans", description=__doc__)
    parser.add_argument("--database-url", required=True)
    django_on(parser.parse_args().database_url)
    from django.db import connection

    with connection.cursor() as cursor:
        for what, sql in QUERIES.items():
            cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + sql.replace("%", "%%"), [])
            (found,) = cursor.fetchone()
            document = json.loads(found) if isinstance(found, str) else found
            sys.stdout.write(json.dumps(_summary(what, document[0]["Plan"])) + "\n")
    return 0


def _summary(what: str, plan: dict[str, object]) -> dict[str, object]:
    nodes = _nodes(plan)
    scans = sorted({str(n.get("Relation Name")) for n in nodes if n["Node Type"] == "Seq Scan" and n["Actual Loops"]})
    read = 0
    for node in nodes:
        if "Relation Name" in node:
            rows, loops = node["Actual Rows"], node["Actual Loops"]
            removed = node.get("Rows Removed by Filter", 0)
            read += int(float(str(rows)) * int(str(loops))) + int(str(removed))
    return {
        "query": what,
        "rows": plan["Actual Rows"],
        "rows_read": read,
        "ms": plan["Actual Total Time"],
        "buffers": plan.get("Shared Hit Blocks"),
        "sequential": scans,
    }


def _nodes(plan: dict[str, object]) -> list[dict[str, object]]:
    found, children = [plan], plan.get("Plans", [])
    for child in children if isinstance(children, list) else []:
        found += _nodes(child)
    return found


if __name__ == "__main__":
    sys.exit(main())
