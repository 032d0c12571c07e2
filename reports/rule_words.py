"""Contact rules by a few words of their own, for tiles: REGF-1006.6C-CEASE is "a request to stop"."""

# The end of a rule's id → what stopped the contact; the first that fits counts.
WORDS = (
    ("-CEASE", "a request to stop"), ("-ATTORNEY", "an attorney"), ("-STAY", "bankruptcy"),
    ("-DISCHARGE", "bankruptcy"), ("-CODEBTOR", "bankruptcy"), ("-DECEASED", "a death"), ("-DISPUTE", "a dispute"),
    ("-ORIGCRED", "a question about the creditor"), ("-OVERDUE", "a notice overdue"), ("-MEDIA", "a refused channel"),
    ("-POSTCONV", "a talk less than 7 days ago"), ("-7IN7", "the call limit"), ("-TIME-CONSUMER", "the person’s hours"),
    ("-TIME-DEFAULT", "call hours"), ("-TIME", "a state’s call hours"), ("-HOURS", "house hours"),
    ("-EMAIL", "e-mail without consent"), ("-SMS", "texts without consent"), ("-REVOKED", "consent taken back"),
    ("-CELL-CONSENT", "no consent to automatic calls"), ("-ECONSENT", "no consent to that medium"),
    ("-TIMEBARRED", "the time to sue"), ("-WORKEMAIL", "an address at work"), ("-WORK", "calls at work"),
    ("-PLACE", "a place not wanted"), ("POLICY-HOLD", "our pause"), ("POLICY-LICENSE", "no license there"),
    ("POLICY-UNKNOWN-PLACE", "no known address"), ("POLICY-HOLIDAY", "a holiday"), ("POLICY-", "house policy"),
    ("-FREQ", "a state’s call limit"), ("-MORATORIUM", "breathing space"), ("-RESTRICT", "restricted data"),
)  # fmt: skip


def rule_words(rule_id: str) -> str:
    """What a rule is about; a rule without words here keeps its id, none is "another rule"."""
    for mark, words in WORDS:
        if rule_id.endswith(mark) or (mark.endswith("-") and rule_id.startswith(mark)):
            return words
    return rule_id or "another rule"
