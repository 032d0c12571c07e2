"""Run worked cases against the rules: `manage.py compliance_vectors FILE [--json] [--rules us_federal@2]`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from compliance import pack_queries, places
from compliance.rules.packs import PackRefused, Rulebook
from compliance.rules.vectors import CaseResult, run_case
from core import clock


class Command(BaseCommand):
    help = "Run any file in the shape of the compliance vectors; exit 1 when one case fails."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="a JSON file with `vectors`")
        parser.add_argument("--json", action="store_true", dest="as_json", help="one JSON object instead of lines")
        parser.add_argument(
            "--rules",
            metavar="PACK@NUMBER",
            help="judge with this version, draft or not, in the place of its pack in force; needs the database. "
            "Without it the packs that came with the product judge.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        book = _book(options["rules"]) if options["rules"] else None
        results = [run_case(case, resolve=places.zones_for, packs=book) for case in _cases(options["file"])]
        if options["as_json"]:
            self.stdout.write(json.dumps(_summary(results), ensure_ascii=False, indent=1))
        else:
            for result in results:
                self.stdout.write(_line(result))
            counts = _summary(results)
            self.stdout.write("{passed} passed, {failed} failed, {skipped} skipped".format(**counts))
        if any(result.passed is False for result in results):
            raise SystemExit(1)


def _book(label: str) -> Rulebook:
    row = pack_queries.named(label)
    if row is None:
        raise CommandError(f"No version is called {label}. Write pack and number, such as us_federal@2.")
    try:
        return pack_queries.book_with(row, clock.now())
    except PackRefused as refused:
        raise CommandError(f"{label} cannot be used: {refused}") from refused


def _cases(name: str) -> list[dict[str, Any]]:
    try:
        raw = json.loads(Path(name).read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise CommandError(f"{name} is not JSON: {error}") from error
    cases = raw.get("vectors") if isinstance(raw, dict) else raw
    if not isinstance(cases, list) or not all(isinstance(case, dict) for case in cases):
        raise CommandError(f"{name} holds no list of `vectors`")
    return cases


def _summary(results: list[CaseResult]) -> dict[str, Any]:
    return {
        "passed": sum(result.passed is True for result in results),
        "failed": sum(result.passed is False for result in results),
        "skipped": sum(result.passed is None for result in results),
        "cases": [{"id": r.id, "pass": r.passed, "expected": dict(r.expected), "got": _got(r)} for r in results],
    }


def _got(result: CaseResult) -> dict[str, Any]:
    return {**result.got, "error": result.why} if result.why else dict(result.got)


def _line(result: CaseResult) -> str:
    word = {True: "pass", False: "FAIL", None: "skip"}[result.passed]
    expected = json.dumps(dict(result.expected), sort_keys=True, ensure_ascii=False)
    return f"{result.id} {word} expected {expected} got {json.dumps(_got(result), sort_keys=True, ensure_ascii=False)}"
