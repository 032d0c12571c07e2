"""The sheets of every table the demo fills, in an order that suits their foreign keys."""

from django.db import connection, transaction

from accounts.models import Account, AccountParty, AccountSnapshot, ContactPoint, Debtor, Identifier
from compliance.models import ContactEvent, Hold, Preference
from contacts.models import Dispute, Interaction
from core import clock
from core.models import AuditEvent, StatusChange
from ledger import services as ledger
from ledger.services import Posting
from letters.models import Message, Receipt
from payments.models import Installment, Payment, PaymentReturn, Plan, PlanDebt, Promise

from .sheets import Sheet


class Desk:
    """One sheet a table. `flush` writes them all; call it within a transaction."""

    def __init__(self) -> None:
        self.debtors = Sheet(
            Debtor, "id", "kind", "name", "first_name", "last_name", "folded_name", "birth_date", "language",
            "vulnerability", "vulnerability_review_on", "keep_in_mind", "zones", "zone_key", "home_zone", "state",
            "created_at",
        )  # fmt: skip
        self.points = Sheet(
            ContactPoint, "id", "debtor_id", "kind", "use", "line", "value", "address_line2", "city", "state",
            "postal_code", "zone", "status", "status_at", "status_reason", "source", "source_at", "preferred",
            "last_result", "last_result_at",
        )  # fmt: skip
        self.identifiers = Sheet(Identifier, "id", "debtor_id", "kind", "sealed", "index", "last4", "created_at")
        self.accounts = Sheet(
            Account, "id", "portfolio_id", "placement_id", "creditor_id", "debtor_id", "reference", "product",
            "original_creditor", "status", "currency", "placed_amount", "balance", "placed_on", "opened_on",
            "delinquency_date", "charge_off_date", "last_payment_date", "last_payment_amount", "limitation_date",
            "interest_rate", "itemization_date", "itemization_kind", "itemization_amount", "itemization_interest",
            "itemization_fees", "itemization_payments", "itemization_credits", "bucket", "bucket_on", "draw",
            "needs_decision", "created_at", "closed_at", "version",
        )  # fmt: skip
        self.parties = Sheet(
            AccountParty, "account_id", "debtor_id", "role", "liability", "valid_from", "may_hear_balance", "evidence",
            "recorded_by_id", "recorded_at",
        )  # fmt: skip
        self.postings: list[Posting] = []
        self.interactions = Sheet(
            Interaction, "id", "debtor_id", "account_id", "account_ids", "kind", "state", "direction",
            "contact_point_id", "dialed", "officer_id", "started_at", "ended_at", "recorded_at", "disposition_id",
            "right_party", "verified_at", "verified_facts", "note",
        )  # fmt: skip
        self.events = Sheet(
            ContactEvent, "id", "debtor_id", "account_ids", "kind", "at", "recorded_at", "direction", "outcome",
            "contact_point_id", "address", "facts", "source_type", "source_id", "by_id",
        )  # fmt: skip
        self.holds = Sheet(
            Hold, "id", "debtor_id", "account_id", "kind", "since", "until", "lifted_at", "facts", "reason", "source",
            "placed_by_id", "lifted_by_id", "recorded_at",
        )  # fmt: skip
        self.preferences = Sheet(
            Preference, "debtor_id", "kind", "facts", "since", "words", "source", "recorded_by_id", "recorded_at"
        )
        self.disputes = Sheet(
            Dispute, "debtor_id", "account_id", "reason", "amount", "written", "state", "words", "received_at",
            "recorded_at", "due_on", "opened_by_id", "answer", "answered_at", "answered_by_id",
        )  # fmt: skip
        self.payments = Sheet(
            Payment, "id", "account_id", "debtor_id", "amount", "currency", "method", "state", "effective_date",
            "received_at", "recorded_at", "key", "allocation", "journal_id", "taken_by_id",
        )  # fmt: skip
        self.returns = Sheet(PaymentReturn, "payment_id", "code", "reason", "returned_on", "recorded_at", "journal_id")
        self.promises = Sheet(
            Promise, "id", "account_id", "debtor_id", "amount", "currency", "due_date", "grace_until", "method",
            "state", "minimum_due", "paid", "made_at", "recorded_at", "made_by_id", "interaction_id", "judged_at",
        )  # fmt: skip
        self.plans = Sheet(
            Plan, "id", "debtor_id", "account_id", "state", "total", "amount", "currency", "every", "first_date",
            "last_date", "count", "method", "grace_days", "agreed_at", "recorded_at", "agreed_by_id",
            "interaction_id", "read_back_at", "terms_channel", "ended_at", "end_reason",
        )  # fmt: skip
        self.plan_debts = Sheet(PlanDebt, "plan_id", "account_id", "amount")
        self.installments = Sheet(
            Installment, "id", "plan_id", "number", "due_date", "amount", "paid", "state", "settled_at"
        )
        self.messages = Sheet(
            Message, "id", "debtor_id", "account_id", "account_ids", "channel", "kind", "template_id", "version_id",
            "contact_point_id", "sent_to", "key", "state", "due_at", "tries", "subject_type", "subject_id", "facts",
            "planned_at", "reason", "sent_at", "finished_at", "provider_ref", "expires_at",
        )  # fmt: skip
        self.receipts = Sheet(Receipt, "message_id", "kind", "at", "recorded_at", "code", "provider_event")
        self.statuses = Sheet(
            StatusChange, "subject_type", "subject_id", "field", "from_status", "to_status", "at", "recorded_at",
            "by_id", "reason",
        )  # fmt: skip
        self.audits = Sheet(
            AuditEvent, "id", "at", "action", "actor_id", "actor_name", "actor_roles", "subject_type", "subject_id",
            "person_id", "portfolio_id", "data", "reason",
        )  # fmt: skip
        self.snapshots = Sheet(
            AccountSnapshot, "id", "account_id", "portfolio_id", "valid_from", "month_end", "status", "balance",
            "delinquency_date", "bucket", "recorded_at",
        )  # fmt: skip

    def sheets(self) -> list[Sheet]:
        """All of them, parents first."""
        return [value for value in vars(self).values() if isinstance(value, Sheet)]

    @transaction.atomic
    def flush(self) -> dict[str, int]:
        """Write every sheet, and the postings through the ledger's own door; rows written by table.

        Two settings keep the proof that journals balance (a deferred trigger for each) from growing with the
        square of the rows: the plan over the partitions is made once, and pgtrigger finds its list of ignored
        triggers empty instead of missing. When it is missing pgtrigger catches an exception in each row, and
        PostgreSQL then walks through every deferred check that waits.
        """
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            cursor.execute("SET LOCAL pgtrigger.ignore = '{}'")
        counts = {sheet.table: sheet.flush() for sheet in self.sheets()}
        counts["ledger_journal"] = ledger.post_many(self.postings, at=clock.now())
        counts["ledger_entry"] = sum(len(posting.lines) for posting in self.postings)
        self.postings.clear()
        return counts
