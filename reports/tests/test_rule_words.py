"""A tile says what stopped the contact, not the number of a paragraph."""

from reports.rule_words import rule_words


def test_rules_are_named_by_what_they_are_about_and_unknown_ones_by_their_id() -> None:
    assert rule_words("REGF-1006.6C-CEASE") == "a request to stop"
    assert rule_words("REGF-1006.6B1-TIME-CONSUMER") == "the person’s hours"
    assert rule_words("WV-46A-2-125-TIME") == "a state’s call hours"
    assert rule_words("NY-23NYCRR1.6-EMAIL") == "e-mail without consent"
    assert rule_words("POLICY-ELECTRONIC-PER-WEEK") == "house policy"
    assert rule_words("FCRA-1681C-OBSOLETE") == "FCRA-1681C-OBSOLETE"
    assert rule_words("") == "another rule"
