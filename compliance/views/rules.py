"""Rule packs: what they say, since when, from where, and their examples run live; and a bench to try a case (D7)."""

import json
import tomllib
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from accounts import places
from compliance.forms import TryForm
from compliance.rules import examples, packs, vectors
from users.permissions import StaffRequest, role

from . import common


@role("compliance", "admin")
@require_GET
def rule_packs(request: StaffRequest) -> HttpResponse:
    """Every pack with its version and how many of its examples hold."""
    rows = []
    for name in packs.DEFAULT:
        pack = packs.read_pack(name)
        results = examples.check_examples(pack, packs.rulebook())
        rows.append({"pack": pack, "examples": len(results), "wrong": sum(not r.passed for r in results)})
    return render(request, "compliance/packs.html", {"rows": rows, "nav_current": "compliance:packs"})


@role("compliance", "admin")
@require_GET
def rule_pack(request: StaffRequest, name: str) -> HttpResponse:
    """One pack: its rules in order, each with sentence, law, source, confidence, dates and examples."""
    if name not in packs.DEFAULT:
        raise Http404
    pack = packs.read_pack(name)
    results: dict[str, list[examples.ExampleResult]] = {}
    for result in examples.check_examples(pack, packs.rulebook()):
        results.setdefault(result.rule_id, []).append(result)
    rules = [
        {
            "rule": rule, "law": common.KINDS[rule.kind], "text": rule.texts["text"],
            "params": ", ".join(f"{k} {v}" for k, v in rule.params.items() if not isinstance(v, list)),
            "good": sum(r.passed for r in results.get(rule.id, ())), "all": len(results.get(rule.id, ())),
        }
        for rule in sorted(pack.rules, key=lambda r: r.order)
    ]  # fmt: skip
    crumbs = [{"label": "Rules", "url": "/rules/"}, {"label": pack.title, "url": ""}]
    context = {"pack": pack, "rules": rules, "crumbs": crumbs, "nav_current": "compliance:packs"}
    return render(request, "compliance/pack.html", context)


@role("compliance", "admin", write=("compliance", "admin"))
@require_http_methods(["GET", "POST"])
def try_rule(request: StaffRequest) -> HttpResponse:
    """Paste a case (JSON as in the vectors) or a pack (TOML): what would the engine say? Nothing is stored."""
    form = TryForm(request.POST or None, initial={"text": _SAMPLE})
    context: dict[str, Any] = {
        "form": form, "nav_current": "compliance:packs",
        "crumbs": [{"label": "Rules", "url": "/rules/"}, {"label": "Try", "url": ""}],
    }  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            context |= _tried(form.cleaned_data["text"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            form.add_error("text", f"This could not be read: {error}")
    if form.is_bound and form.errors:
        return common.refused(request, "compliance/try.html", context)
    return render(request, "compliance/try.html", context)


def _tried(text: str) -> dict[str, Any]:
    text = text.replace("\r\n", "\n")
    return _tried_case(json.loads(text)) if text.lstrip()[:1] in "{[" and "[pack]" not in text else _tried_pack(text)


def _tried_case(raw: Any) -> dict[str, Any]:
    cases = raw.get("vectors", [raw]) if isinstance(raw, dict) else raw
    if not isinstance(cases, list) or not all(isinstance(case, dict) and "given" in case for case in cases):
        raise ValueError("a case has `given` and `action`")
    shown = []
    for case in cases[:50]:
        verdict = vectors.judge_case(case, resolve=places.zones_for)
        result = vectors.run_case(case, resolve=places.zones_for) if case.get("expect") else None
        shown.append({
            "id": case.get("id", "Case"), "verdict": verdict, "words": common.DECISIONS[verdict.decision],
            "look": common.LOOKS[verdict.decision], "rules": common.rules_of(verdict), "result": result,
        })  # fmt: skip
    return {"cases": shown}


def _tried_pack(text: str) -> dict[str, Any]:
    try:
        pack = packs.parse(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"it is neither JSON nor TOML ({error})") from error
    others = [packs.read_pack(name) for name in packs.DEFAULT if name != pack.id]
    results = examples.check_examples(pack, packs.compile_packs([*others, pack]))
    changes = packs.difference(packs.read_pack(pack.id), pack) if pack.id in packs.DEFAULT else ["a new pack"]
    return {"pack": pack, "results": results, "wrong": [r for r in results if not r.passed], "changes": changes}


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
