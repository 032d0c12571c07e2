"""Codes and stored facts become words that an officer can read out."""

from compliance.views import words

FACTS = {
    "places": [{"state": "TX", "zip3": "799", "tz": ["America/Denver"]}],
    "phones": [{"id": "7", "kind": "mobile", "tz": ["America/Denver", "America/Chicago"], "status": "wrong_number"}],
    "debts": [{"id": "500001", "class": "consumer", "status": "open"}],
    "events": 9,
    "last_event": "2026-11-17T16:38:00+00:00",
    "holds": ["DISPUTE"],
    "status": ["attorney"],
    "wishes": 0,
    "persons": [],
    "collector": "third_party",
    "presumptions": "enforce",
    "jurisdiction": "US",
    "moon_phase": "full",
}  # fmt: skip


def test_a_decisions_facts_are_told_without_codes_and_without_losing_one() -> None:
    told = dict(words.fact_lines(FACTS))
    assert len(told) == len(FACTS)
    assert told["Debts"] == "L-500001 (consumer, open)"
    assert told["Our pauses"] == "Disputed"
    assert told["Known of the person"] == "has an attorney"
    assert told["Numbers"] == "Mobile, Mountain or Central, wrong number"
    assert told["Where the person may be"] == "TX 799xx, Mountain"
    assert told["We collect as"] == "Agency for the creditor"
    assert told["Others who might hear"] == "None"
    assert told["Moon phase"] == "full"  # of a newer kind: shown, never swallowed
    assert "T16" not in told["Last of them"] and "Nov 17" in told["Last of them"]


def test_an_audit_entry_says_its_facts_in_words_and_leaves_empty_ones_out() -> None:
    told = words.audit_line({"second_step": False, "fault": "", "kind": "NO_ADDRESS", "sha256": "a" * 64, "rows": 12})
    assert told == "second step no; kind no address; sha256 aaaaaaaaaaaa…; rows 12"
    assert words.about("accounts.importfile", "1") == "Import file 1"
    assert words.about("gone.model", "5") == "Model 5"


def test_a_consent_says_for_what() -> None:
    assert words.consent("consent", {"scope": "tcpa", "written": True}) == "Consent: Automatic calls and texts, written"
    assert words.consent("opt_out", {"medium": "sms"}) == "Opted out: Texts"
    assert words.consent("cease", {}) == "Asked us to stop"
    assert words.pack_words("us_federal@1.2ea1d395 uk@3.647bde4c") == ["us federal, version 1", "uk, version 3"]
