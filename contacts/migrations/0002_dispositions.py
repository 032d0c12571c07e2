"""The outcomes every installation starts with (DECISIONS 11: two sets of digits)."""

from typing import Any

from django.db import migrations

N, A, X = "NOBODY", "ANSWERED", "OTHER"
# code, label, group, digit, call outcome, right party, follow, next step, retry hours, queue
OUTCOMES = [
    ("no-answer", "No answer", N, "1", "no_answer", False, "", "Call again", 24, ""),
    ("message-left", "Message left", N, "2", "limited_content_message", False, "", "Call again", 48, ""),
    ("busy", "Busy", N, "3", "busy", False, "", "Call again", 2, ""),
    ("not-in-service", "Not in service", N, "4", "not_in_service", False, "", "Find a number", 0, "skip"),
    (
        "wrong-number",
        "Wrong number",
        N,
        "5",
        "conversation_third_party",
        False,
        "WRONG_PARTY",
        "Find a number",
        0,
        "skip",
    ),
    (
        "someone-else",
        "Someone else answered",
        N,
        "6",
        "conversation_third_party",
        False,
        "",
        "Call again",
        72,
        "",
    ),
    ("hung-up", "Answered, hung up", N, "7", "dropped_after_answer", False, "", "Call again", 72, ""),
    ("promise", "Promise to pay", A, "1", "conversation", True, "PROMISE", "Check the promise", 168, ""),
    ("plan", "Plan agreed", A, "2", "conversation", True, "PLAN", "Check the plan", 168, ""),
    ("paid-now", "Paid now", A, "3", "conversation", True, "PAYMENT", "Check the payment", 168, ""),
    ("cannot-pay", "Cannot pay now", A, "4", "conversation", True, "NOTE", "Call, check hardship", 168, ""),
    (
        "callback",
        "Call back later",
        A,
        "5",
        "conversation",
        True,
        "CALLBACK",
        "Call back as agreed",
        0,
        "callbacks",
    ),
    ("dispute", "Dispute", A, "6", "conversation", True, "DISPUTE", "Answer the dispute", 168, "disputes"),
    ("not-the-person", "Someone else", A, "7", "conversation_third_party", False, "", "Call again", 72, ""),
    (
        "stop-contact",
        "Stop contact",
        A,
        "8",
        "conversation",
        True,
        "STOP",
        "Write only as asked",
        168,
        "review",
    ),
    (
        "attorney",
        "Has attorney",
        A,
        "9",
        "conversation",
        True,
        "ATTORNEY",
        "Write to the attorney",
        168,
        "review",
    ),
    ("refuses", "Will not pay", A, "0", "conversation", True, "NOTE", "Review", 168, "review"),
    ("note-only", "Note only", X, "", "", False, "", "", 0, ""),
]


def add(apps: Any, editor: Any) -> None:
    model = apps.get_model("contacts", "Disposition")
    model.objects.bulk_create(
        [
            model(
                code=code,
                label=label,
                group=group,
                digit=digit,
                call_outcome=outcome,
                right_party=rpc,
                follow=follow,
                note_required=follow == "NOTE",
                next_step=step,
                retry_hours=hours,
                queue=queue,
                position=(i + 1) * 10,
            )
            for i, (code, label, group, digit, outcome, rpc, follow, step, hours, queue) in enumerate(OUTCOMES)
        ],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("contacts", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
