"""One act written as a case in the shape of VECTORS.md (given, action), from raw rows known by a moment."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from .raw import Row, Shelf, once

_ROLE = {
    "CO_OBLIGOR": "co_debtor", "GUARANTOR": "co_debtor", "ATTORNEY": "attorney", "EXECUTOR": "executor",
    "SPOUSE": "spouse", "POA": "guardian",
}  # fmt: skip
_STATUS = {"WRONG_PARTY": "wrong_number", "BAD": "disconnected", "RETIRED": "disconnected"}
_PAUSES = {
    "COMPLAINT": "Complaint open", "HARDSHIP": "Hardship pause", "INTERNAL": "Paused by us",
    "NO_ADDRESS": "No address", "ID_THEFT": "Identity theft", "DISPUTE": "Disputed",
}  # fmt: skip
_WEEK = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_STRICT = ("third_party", "debt_buyer", "first_party_creditor")


def case_for(act: Row, shelf: Shelf, known: datetime | None) -> dict[str, Any]:
    """The case of an act; `known` is the moment up to which what was recorded counts (None: all of it)."""
    at, me = act["at"], act["debtor_id"]
    debts = [shelf.debts[pk] for pk in act["account_ids"] if pk in shelf.debts]
    owner = debts[0]["debtor_id"] if debts else me
    history = _history(act, owner, shelf, known)
    given: dict[str, Any] = {
        "now": at.isoformat(),
        "jurisdiction": _jurisdiction(_points(me, shelf, at, known) or _points(owner, shelf, at, known)),
        "collector": _collector(debts, shelf),
        "policy": {"presumptions": _presumptions(debts)},
        "consumer": _person(owner, shelf, at, known),
        "debts": [_debt(row, shelf, at, known) for row in debts] or [{"id": "d1"}],
    }
    if owner != me:
        role = next((shelf.roles[d["id"], me] for d in debts if (d["id"], me) in shelf.roles), "")
        given["persons"] = [{**_person(me, shelf, at, known), "role": _ROLE.get(role, "third_party")}]
        history += _history(act, me, shelf, known)
    given["history"] = history
    return {"given": given, "action": _action(act, debts)}


def _history(act: Row, pk: int, shelf: Shelf, known: datetime | None) -> list[dict[str, Any]]:
    """What happened with one person before the act; a cease request that was lifted by then is left out."""
    at = act["at"]
    by_then = min(at, known or at)
    lifted = [h for h in shelf.holds[pk] if h["kind"] == "CEASE" and h["lifted_at"] and h["lifted_at"] <= by_then]
    rows = [
        row for row in _past(act, shelf.events[pk], known)
        if not (row["kind"] == "cease" and any(_undone(row, hold) for hold in lifted))
    ]  # fmt: skip
    return [_event(row) for row in rows] + _cease_holds(pk, shelf, at, known)


def _undone(row: Row, hold: Row) -> bool:
    return bool(hold["lifted_at"] >= row["at"]) and (
        hold["account_id"] is None or row["account_ids"] == [hold["account_id"]]
    )


def _known(rows: Iterable[Row], at: datetime, known: datetime | None, begins: str, ends: str) -> list[Row]:
    """Rows in force at the moment: begun, recorded by `known`, not past their end, not yet ended."""
    seen = known or at
    return [
        row for row in rows
        if row[begins] <= at and (known is None or row["recorded_at"] <= known)
        and (row["until"] is None or row["until"] > at) and (row[ends] is None or row[ends] > min(at, seen))
    ]  # fmt: skip


def _past(act: Row, rows: Iterable[Row], known: datetime | None) -> list[Row]:
    """What had happened before the act and was known: not the act itself."""
    own = (act["source_type"], act["source_id"])
    before = (
        row for row in rows
        if row["at"] <= act["at"] and row["id"] != act["id"]
        and not (own[1] and (row["source_type"], row["source_id"]) == own and row["direction"] == "out")
        and (known is None or row["recorded_at"] <= known)
        and (row["at"] < act["at"] or str(row["id"]) < str(act["id"]))
    )  # fmt: skip
    return once(before)


def _person(pk: int, shelf: Shelf, at: datetime, known: datetime | None) -> dict[str, Any]:
    points = _points(pk, shelf, at, known)
    past = [row for row in shelf.events[pk] if row["at"] <= at and (known is None or row["recorded_at"] <= known)]
    wishes = _known(shelf.wishes[pk], at, known, "since", "withdrawn_at")
    where = next((w for w in wishes if w["kind"] == "LOCATION" and w["facts"].get("tz")), None)
    until = where["until"].date().isoformat() if where and where["until"] else None
    return {
        "id": str(pk),
        "addresses": [_address(p) for p in points if p["kind"] == "ADDRESS"],
        "phones": [_phone(p) for p in points if p["kind"] == "PHONE"],
        "emails": [_email(p, past) for p in points if p["kind"] == "EMAIL"],
        "known_location": {"tz": where["facts"]["tz"], "until": until} if where else None,
        "preferences": {
            "inconvenient": [_window(w["facts"]) for w in wishes if w["kind"] == "INCONVENIENT_TIME"],
            "convenient": [_window(w["facts"]) for w in wishes if w["kind"] == "CONVENIENT_TIME"],
            "inconvenient_places": [
                w["facts"].get("place", "home") for w in wishes if w["kind"] == "INCONVENIENT_PLACE"
            ],
        },
        "flags": _flags(_known(shelf.holds[pk], at, known, "since", "lifted_at"), wishes),
    }


def _points(pk: int, shelf: Shelf, at: datetime, known: datetime | None) -> list[Row]:
    """What was on file of a person, each with its status before the act."""
    rows = [p for p in shelf.points[pk] if known is None or p["source_at"] <= known]
    return [{**p, "status": _number_stood(p, shelf, at, known)} for p in rows]


def _number_stood(point: Row, shelf: Shelf, at: datetime, known: datetime | None) -> str:
    """A wrong number is found by the call that finds it, not before."""
    moves = shelf.moves.get(("accounts.contactpoint", point["id"]))
    if moves:
        return _stood(moves, at, known)
    return "ACTIVE" if point["status_at"] >= at else str(point["status"])


def _stood(moves: list[Row], at: datetime, known: datetime | None) -> str:
    """The status right before the moment, by the moves that were recorded by `known`."""
    status = str(moves[0]["from_status"])
    for move in moves:
        if move["at"] < at and (known is None or move["recorded_at"] <= known):
            status = str(move["to_status"])
    return status


def _address(p: Row) -> dict[str, Any]:
    boroughs = ("100", "101", "102", "103", "104", "111", "112", "113", "114", "116", "11004", "11005")
    in_city = p["state"] == "NY" and p["postal_code"].startswith(boroughs)
    return {
        "id": str(p["id"]), "kind": "work" if p["use"] == "WORK" else "home", "state": p["state"], "city": p["city"],
        "postal_code": p["postal_code"], "country": p["country"], "locality": "NYC" if in_city else "",
        "current": p["status"] in ("ACTIVE", "UNVERIFIED"),
    }  # fmt: skip


def _phone(p: Row) -> dict[str, Any]:
    kind = "work" if p["use"] == "WORK" else p["line"] or "unknown"
    return {"id": str(p["id"]), "e164": p["value"], "kind": kind, "status": _STATUS.get(p["status"], "active")}


def _email(p: Row, events: Iterable[Row]) -> dict[str, Any]:
    notice = next((e for e in events if e["kind"] == "creditor_email_notice" and e["address"] == p["value"]), None)
    used = notice is not None or any(e["kind"] == "creditor_email_used" for e in events)
    found: dict[str, Any] = {
        "address": p["value"], "employer_provided": p["employer_provided"] or p["use"] == "WORK",
        "domain_public": not p["employer_provided"], "creditor_used": used,
    }  # fmt: skip
    if notice is not None:
        deadline = notice["facts"]["opt_out_deadline"]
        found["creditor_notice"] = {"sent_on": notice["at"].date().isoformat(), "opt_out_deadline": deadline}
    return found


def _window(facts: Row) -> dict[str, Any]:
    start, end = int(facts.get("start", 0)), int(facts.get("end", 1440))
    return {
        "days": [_WEEK[day] for day in facts.get("days") or range(7)],
        "start": f"{start // 60:02d}:{start % 60:02d}", "end": f"{end // 60:02d}:{end % 60:02d}",
        "tz": facts.get("tz") or "", "from": facts.get("from"), "until": facts.get("until"),
    }  # fmt: skip


def _flags(holds: list[Row], wishes: list[Row]) -> dict[str, Any]:
    flags: dict[str, Any] = {"employer_prohibits": any(w["kind"] == "EMPLOYER_PROHIBITS" for w in wishes)}
    pauses = []
    for hold in holds:
        kind, facts, about = hold["kind"], hold["facts"], _about(hold)
        if kind == "ATTORNEY":
            flags["attorney"] = _attorney(flags.get("attorney"), facts.get("name", ""), about)
        elif kind == "BANKRUPTCY" and "bankruptcy" not in flags:
            flags["bankruptcy"] = {
                "chapter": facts.get("chapter", 7), "status": facts.get("status", "open"),
                "filed_on": facts.get("filed_on"), "discharged_on": facts.get("discharged_on"),
            }  # fmt: skip
        elif kind == "DECEASED":
            flags["deceased"] = True
        elif kind == "BREATHING":
            flags["breathing_space"] = {
                "start": hold["since"].date().isoformat(),
                "type": facts.get("type", "standard"),
            }
        elif kind in _PAUSES or (kind == "CEASE" and facts.get("written") is False):
            label = _PAUSES.get(kind, "Asked us to stop")
            until = hold["until"].isoformat() if hold["until"] else None
            since = hold["since"].isoformat()
            pauses.append({"kind": kind, "label": label, "since": since, "until": until, "debt_ids": about})
    flags["house_holds"] = pauses
    return flags


def _attorney(earlier: dict[str, Any] | None, name: str, about: list[str]) -> dict[str, Any]:
    """One attorney for all the debts that the holds name; a hold that names none is about every debt."""
    if earlier is None:
        return {"name": name, "debt_ids": about}
    every = not about or not earlier["debt_ids"]
    return {"name": earlier["name"] or name, "debt_ids": [] if every else [*earlier["debt_ids"], *about]}


def _about(hold: Row) -> list[str]:
    if hold["account_id"] is not None:
        return [str(hold["account_id"])]
    return [str(pk) for pk in hold["facts"].get("debt_ids") or ()]


def _cease_holds(pk: int, shelf: Shelf, at: datetime, known: datetime | None) -> list[dict[str, Any]]:
    """A cease hold is a written request by itself, whether or not the letter is on file."""
    holds = _known(shelf.holds[pk], at, known, "since", "lifted_at")
    return [
        {"kind": "cease", "at": h["since"].isoformat(), "written": True, "person_id": str(pk), "debt_ids": _about(h)}
        for h in holds
        if h["kind"] == "CEASE" and h["facts"].get("written") is not False
    ]


def _event(row: Row) -> dict[str, Any]:
    facts = {k: v for k, v in row["facts"].items() if v is not None}
    where = {"to": row["address"]} if row["direction"] == "out" else {"from": row["address"]}
    if row["address"] and row["kind"] in ("opt_out", "opt_in", "consent", "third_party_disclosure"):
        facts.setdefault("address", row["address"])
    return {
        "id": str(row["id"]), **facts, "kind": row["kind"], "at": row["at"].isoformat(), **where,
        "direction": row["direction"], "outcome": row["outcome"], "person_id": str(row["debtor_id"]),
        "debt_ids": [str(pk) for pk in row["account_ids"]],
    }  # fmt: skip


def _debt(row: Row, shelf: Shelf, at: datetime, known: datetime | None) -> dict[str, Any]:
    """One debt with its status of then; the balance is today's, which no rule about contact reads."""
    product = row["portfolio__product"].lower()
    moves = shelf.moves.get(("accounts.account", row["id"]))
    status = _stood(moves, at, known) if moves else row["status"]
    return {
        "id": str(row["id"]), "class": row["portfolio__debt_class"], "balance": str(row["balance"]),
        "type": "medical" if "medical" in product or "hospital" in product else "",
        "status": {"PAID": "paid", "SETTLED": "settled"}.get(status, "open"),
        "sol_expires_on": row["limitation_date"], "dofd": row["delinquency_date"], "incurred_on": row["opened_on"],
        "current_creditor": row["portfolio__creditor__name"],
    }  # fmt: skip


def _collector(debts: list[Row], shelf: Shelf) -> dict[str, Any]:
    types = {d["portfolio__collector_type"] for d in debts}
    found: dict[str, Any] = {"type": next((t for t in _STRICT if t in types), "third_party")}
    if shelf.licences:
        found["licenses"] = shelf.licences
    return found


def _presumptions(debts: list[Row]) -> str:
    return "advise" if debts and all(d["portfolio__presumptions"] == "advise" for d in debts) else "enforce"


def _jurisdiction(points: list[Row]) -> str:
    lands = {p["country"] for p in points if p["kind"] == "ADDRESS" and p["status"] in ("ACTIVE", "UNVERIFIED")}
    if not lands or "US" in lands:
        return "US"
    return "UK" if lands & {"GB", "UK"} else "EU"


def _action(act: Row, debts: list[Row]) -> dict[str, Any]:
    facts = act["facts"]
    notice = act["kind"] == "validation_notice"
    channel = facts.get("via") or "letter" if notice else act["kind"]
    on_paper = channel in ("letter", "in_person") and act["contact_point_id"]
    return {
        "channel": channel,
        "purpose": "validation_notice" if notice else facts.get("purpose") or "collect",
        "automated": facts.get("automated") or "none",
        "to": str(act["contact_point_id"]) if on_paper else act["address"],
        "person_id": str(act["debtor_id"]),
        "debt_ids": [str(d["id"]) for d in debts],
    }
