"""Routes of the work screen, in the `desk` namespace (strategies/urls.py takes them in)."""

from django.urls import path

from .views import budget, calls, closing, help, person, undoing

urlpatterns = [
    path("people/P-<int:debtor_id>/", person.person, name="person"),
    path("people/P-<int:debtor_id>/timeline/", person.events, name="person_timeline"),
    path("people/P-<int:debtor_id>/why/<int:point_id>/<slug:channel>/", person.why, name="person_why"),
    path("people/P-<int:debtor_id>/terms/", person.terms, name="person_terms"),
    path("people/P-<int:debtor_id>/amounts/", person.amounts, name="person_amounts"),
    path("people/P-<int:debtor_id>/reveal/<slug:field>/", person.reveal, name="person_reveal"),
    path("people/P-<int:debtor_id>/call/", calls.dial, name="call"),
    path("people/P-<int:debtor_id>/line/", calls.line, name="call_line"),
    path("people/P-<int:debtor_id>/party/", help.party, name="call_party"),
    path("people/P-<int:debtor_id>/identity/", calls.identity, name="call_identity"),
    path("people/P-<int:debtor_id>/script/", calls.script, name="call_script"),
    path("people/P-<int:debtor_id>/take-over/", calls.take_over, name="call_take_over"),
    path("people/P-<int:debtor_id>/wrap-up/", closing.wrap_up, name="wrap_up"),
    path("people/P-<int:debtor_id>/dispute/", closing.dispute, name="person_dispute"),
    path("people/P-<int:debtor_id>/note/", closing.note, name="person_note"),
    path("people/P-<int:debtor_id>/reach/", closing.reach, name="person_reach"),
    path("people/P-<int:debtor_id>/skip/", closing.skip, name="person_skip"),
    path("people/P-<int:debtor_id>/replies/done/", closing.replied, name="person_replied"),
    path("people/P-<int:debtor_id>/unskip/", undoing.unskip, name="person_unskip"),
    path("people/P-<int:debtor_id>/undo/<int:call_id>/", undoing.undo_outcome, name="undo_outcome"),
    path("people/P-<int:debtor_id>/distress/", help.distress, name="person_distress"),
    path("people/P-<int:debtor_id>/budget/", budget.budget, name="person_budget"),
    path("people/P-<int:debtor_id>/spare/", budget.spare, name="person_spare"),
    path("people/P-<int:debtor_id>/ask/", help.ask, name="person_ask"),
    path("calls/inbound/", calls.inbound, name="call_inbound"),
    path("calls/phone/", calls.phone, name="call_phone"),
    path("drafts/", closing.draft, name="draft"),
]
