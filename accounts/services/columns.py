"""The database columns that a load fills, in the order in which `building` gives them."""

from typing import Any

DEBTOR = (
    "id",
    "kind",
    "name",
    "first_name",
    "last_name",
    "folded_name",
    "birth_date",
    "language",
    "zones",
    "zone_key",
    "home_zone",
    "state",
    "created_at",
)
POINT = tuple(
    "debtor_id kind use line value address_line2 city state postal_code country zone status source "  # noqa: SIM905
    "status_at source_at".split()
)
ACCOUNT = tuple(
    "id portfolio_id placement_id creditor_id debtor_id reference product original_creditor status currency "  # noqa: SIM905
    "placed_amount balance placed_on opened_on delinquency_date charge_off_date last_payment_date last_payment_amount "
    "interest_rate itemization_date itemization_kind itemization_amount itemization_interest itemization_fees "
    "itemization_payments itemization_credits bucket bucket_on draw needs_decision extra created_at version".split()
)
DEBTOR_SAME: dict[str, Any] = {"large_print": False, "vulnerability": "", "keep_in_mind": "", "contact_version": 0}
POINT_SAME: dict[str, Any] = {
    "status_reason": "",
    "employer_provided": False,
    "preferred": False,
    "last_result": "",
    "extension": "",
}
PARTY = ("account_id", "debtor_id", "role", "may_hear_balance", "evidence", "recorded_at")
STATUS = ("subject_type", "subject_id", "field", "from_status", "to_status", "at", "recorded_at", "by_id", "reason")
SNAPSHOT = (
    "id",
    "account_id",
    "portfolio_id",
    "valid_from",
    "month_end",
    "status",
    "balance",
    "delinquency_date",
    "bucket",
    "recorded_at",
)
AUDIT = (
    "id",
    "at",
    "action",
    "actor_id",
    "actor_name",
    "actor_roles",
    "subject_type",
    "subject_id",
    "person_id",
    "portfolio_id",
    "data",
    "reason",
    "ip",
    "request_id",
)
