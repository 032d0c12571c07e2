"""Rule packs: what is in force, what is drafted, since when, from where, with examples run live; and a bench (D7)."""

import json
import tomllib
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from accounts import places
from compliance import pack_queries, rulebooks
from compliance.forms_rules import TryForm
from compliance.rules import examples, packs, vectors
from compliance.rules.pack_difference import difference, say
from compliance.rules.packs import Pack, PackRefused, Rulebook
from core import clock
from users.permissions import StaffRequest, role

from . import common

READERS = ("compliance", "manager", "admin")


@role(*READERS)
@require_GET
def rule_packs(request: StaffRequest) -> HttpResponse:
    """Every pack with the version in force, what follows, and how many of its examples hold."""
    at = clock.now()
    in_force = {pack.id: pack for pack in rulebooks.stored().at(at).packs}
    rows: list[dict[str, Any]] = []
    for shelf in pack_queries.shelves(at):
        pack = in_force.get(shelf.row.slug)
        results = examples.check_examples(pack) if pack else []
        rows.append({
            "shelf": shelf, "pack": pack, "examples": len(results), "wrong": sum(not r.passed for r in results),
            "title": pack.title if pack else shelf.versions[0].title if shelf.versions else shelf.row.slug,
        })  # fmt: skip
    waiting = [v for row in rows for v in row["shelf"].waiting]
    context = {
        "rows": rows, "waiting": waiting, "zone": common.office_zone(), "may_write": "compliance" in request.user.roles,
        "nav_current": "compliance:packs",
    }  # fmt: skip
    return render(request, "compliance/packs.html", context)


@role(*READERS)
@require_GET
def rule_pack(request: StaffRequest, name: str) -> HttpResponse:
    """One pack: the rules in force in order, each with sentence, law, source and examples; and its versions."""
    at = clock.now()
    versions = pack_queries.versions_of(name)
    if not versions:
        raise Http404
    shelf = pack_queries.shelf(versions[0].pack, versions, at)
    pack = next((pack for pack in rulebooks.stored().at(at).packs if pack.id == name), None)
    title = pack.title if pack else versions[0].title
    context = {
        "shelf": shelf, "pack": pack, "rules": rules_of(pack) if pack else [], "title": title,
        "zone": common.office_zone(), "may_write": "compliance" in request.user.roles,
        "crumbs": [{"label": "Rules", "url": "/rules/"}, {"label": title, "url": ""}],
        "nav_current": "compliance:packs",
    }  # fmt: skip
    return render(request, "compliance/pack.html", context)


def rules_of(pack: Pack) -> list[dict[str, Any]]:
    """The rules of a pack as a table shows them, their examples run."""
    results = pack_queries.examples_of(pack)
    return [
        {
            "rule": rule, "law": common.KINDS[rule.kind], "text": rule.texts["text"],
            "params": ", ".join(f"{k} {say(k, v)}" for k, v in rule.params.items() if not isinstance(v, list)),
            "good": sum(r.passed for r in results.get(rule.id, ())), "all": len(results.get(rule.id, ())),
        }
        for rule in sorted(pack.rules, key=lambda r: r.order)
    ]  # fmt: skip


@role(*READERS, write=("compliance", "manager", "admin"))
@require_http_methods(["GET", "POST"])
def try_rule(request: StaffRequest) -> HttpResponse:
    """Paste a case (JSON as in the vectors) or a pack (TOML): what would the engine say? Nothing is stored.

    A case may be judged by a draft or a proposal in the place of its pack.
    """
    choices = [(v.label, f"{v.label}, {v.get_state_display().lower()}") for v in pack_queries.open_versions()]
    initial = {"text": _SAMPLE, "version": request.GET.get("version", "")}
    form = TryForm(request.POST or None, initial=initial, versions=choices)
    context: dict[str, Any] = {
        "form": form, "nav_current": "compliance:packs",
        "crumbs": [{"label": "Rules", "url": "/rules/"}, {"label": "Try", "url": ""}],
    }  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            context |= _tried(form.cleaned_data["text"], _book(form.cleaned_data["version"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            form.add_error("text", f"This could not be read: {error}")
    if form.is_bound and form.errors:
        return common.refused(request, "compliance/try.html", context)
    return render(request, "compliance/try.html", context)


def _book(label: str) -> Rulebook:
    at = clock.now()
    version = pack_queries.named(label) if label else None
    return pack_queries.book_with(version, at) if version else rulebooks.stored().at(at)


def _tried(text: str, book: Rulebook) -> dict[str, Any]:
    text = text.replace("\r\n", "\n")
    if text.lstrip()[:1] in "{[" and "[pack]" not in text:
        return _tried_case(json.loads(text), book)
    return _tried_pack(text, book)


def _tried_case(raw: Any, book: Rulebook) -> dict[str, Any]:
    cases = raw.get("vectors", [raw]) if isinstance(raw, dict) else raw
    if not isinstance(cases, list) or not all(isinstance(case, dict) and "given" in case for case in cases):
        raise ValueError("a case has `given` and `action`")
    shown = []
    for case in cases[:50]:
        verdict = vectors.judge_case(case, resolve=places.zones_for, packs=book)
        result = vectors.run_case(case, resolve=places.zones_for, packs=book) if case.get("expect") else None
        shown.append({
            "id": case.get("id", "Case"), "verdict": verdict, "words": common.DECISIONS[verdict.decision],
            "look": common.LOOKS[verdict.decision], "rules": common.rules_of(verdict), "result": result,
        })  # fmt: skip
    return {"cases": shown}


def _tried_pack(text: str, book: Rulebook) -> dict[str, Any]:
    try:
        pack = packs.parse(text)
        packs.compile_packs([*(other for other in book.packs if other.id != pack.id), pack])
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"it is neither JSON nor TOML ({error})") from error
    except PackRefused as refused:
        raise ValueError(str(refused)) from refused
    results = examples.check_examples(pack)
    now = next((other for other in book.packs if other.id == pack.id), None)
    return {
        "pack": pack, "results": results, "wrong": [r for r in results if not r.passed], "is_new": now is None,
        "changes": difference(now, pack) if now else [],
    }  # fmt: skip


_SAMPLE = json.dumps(
    {
        "id": "my-case",
        "given": {
            "now": "2026-11-17T21:00:00-07:00",
            "consumer": {
                "id": "c1",
                "addresses": [{"id": "a1", "state": "TX", "postal_code": "79901"}],
                "phones": [{"id": "p1", "e164": "+19155550101", "kind": "mobile"}],
            },
            "debt": {"id": "d1", "class": "consumer"},
            "history": [{"kind": "validation_notice", "id": "n1", "at": "2026-09-01T10:00:00-06:00"}],
        },
        "action": {"channel": "call", "to": "+19155550101"},
        "expect": {"decision": "block", "rule_id": "REGF-1006.6B1-TIME-DEFAULT"},
    },
    indent=1,
)
