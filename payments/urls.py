"""Routes of payments."""

from django.urls import path

from .views import batches, debts, fees, held, payments, plans, promises, stays

app_name = "payments"
urlpatterns = [
    path("people/P-<int:debtor_id>/payments/new/", payments.new, name="payment_new"),
    path("people/P-<int:debtor_id>/promises/new/", promises.new, name="promise_new"),
    path("people/P-<int:debtor_id>/arrangements/new/", plans.new, name="plan_new"),
    path("people/P-<int:debtor_id>/debts/L-<int:account_id>/", debts.debt, name="debt"),
    path("people/P-<int:debtor_id>/debts/L-<int:account_id>/quote/", debts.quote, name="quote"),
    path("people/P-<int:debtor_id>/debts/L-<int:account_id>/stay-interest/", stays.stay_interest, name="stay_interest"),
    path("promises/<int:promise_id>/cancel/", promises.cancel, name="promise_cancel"),
    path("payments/<int:payment_id>/return/", payments.give_back, name="return"),
    path("payments/<int:payment_id>/return/fee/", fees.take_back, name="fee_back"),
    path("portfolios/<slug:slug>/returned-payments/", fees.terms, name="return_fee"),
    path("payments/<int:payment_id>/retry/", payments.retry, name="retry"),
    path("payments/<int:payment_id>/held/", held.apply, name="held"),
    path("payments/batches/", batches.batches, name="batches"),
    path("payments/batches/<int:batch_id>/", batches.batch, name="batch"),
    path("payments/batches/<int:batch_id>/lines/<int:number>/remove/", batches.remove_line, name="batch_line_remove"),
    path("payments/batches/<int:batch_id>/close/", batches.close, name="batch_close"),
    path("payments/batches/<int:batch_id>/reopen/", batches.reopen, name="batch_reopen"),
    path("payments/batches/<int:batch_id>/discard/", batches.discard, name="batch_discard"),
    path("payments/batches/<int:batch_id>/release/", batches.release, name="batch_release"),
    path("approvals/", batches.approvals, name="approvals"),
    path("arrangements/", plans.arrangements, name="arrangements"),
    path("arrangements/A-<int:plan_id>/", plans.arrangement, name="arrangement"),
    path("arrangements/A-<int:plan_id>/cancel/", plans.cancel, name="arrangement_cancel"),
]
