"""Routes of the work and, beside them, of the desk (the work screen)."""

from importlib import import_module
from importlib.util import find_spec

from django.urls import path

from .views import bulk, bulk_email, flow, people, queues, worklist

app_name = "desk"
urlpatterns = [
    path("work/", worklist.my_day, name="my_day"),
    path("work/next/", flow.next_person, name="next"),
    path("work/nobody/", flow.nobody, name="nobody"),
    path("work/state/", flow.time_state, name="time_state"),
    path("work/callbacks/due/", flow.callbacks_due, name="callbacks_due"),
    path("work/P-<int:debtor_id>/take/", flow.take, name="take"),
    path("work/P-<int:debtor_id>/wrong-priority/", flow.wrong_priority, name="wrong_priority"),
    path("work/why/P-<int:debtor_id>/", worklist.why, name="why"),
    path("work/views/save/", worklist.save_view, name="save_view"),
    path("work/views/<slug:slug>/drop/", worklist.drop_view, name="drop_view"),
    path("work/bulk/assign/choices/", bulk.assign_choices, name="assign_choices"),
    path("work/bulk/assign/", bulk.assign, name="bulk_assign"),
    path("work/bulk/snooze/", bulk.snooze, name="bulk_snooze"),
    path("work/bulk/email/", bulk_email.choose, name="bulk_email"),
    path("work/bulk/email/send/", bulk_email.send, name="bulk_email_send"),
    path("work/bulk/<int:action_id>/undo/", bulk.undo, name="bulk_undo"),
    path("work/export/", bulk.export, name="export"),
    path("work/<slug:view>/", worklist.people_to_work, name="worklist"),
    path("queues/", queues.queues, name="queues"),
    path("queues/absent/", queues.absent, name="absent"),
    path("queues/weights/", queues.weights, name="weights"),
    path("queues/P-<int:debtor_id>/take-over/", queues.take_over, name="take_over"),
    path("people/", people.people, name="people"),
    path("search/", people.search, name="search"),
]
if find_spec("strategies.desk") is not None and find_spec("strategies.desk.urls") is not None:
    urlpatterns += import_module("strategies.desk.urls").urlpatterns
