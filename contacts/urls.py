"""Routes of contacts."""

from django.urls import path

from .views import disputes, lead, scripts, words

app_name = "contacts"
urlpatterns = [
    path("disputes/", disputes.disputes, name="disputes"),
    path("disputes/D-<int:dispute_id>/", disputes.dispute, name="dispute"),
    path("requests/", lead.requests, name="requests"),
    path("requests/open/", lead.unseen, name="requests_open"),
    path("requests/mine/", lead.mine, name="requests_mine"),
    path("requests/<int:request_id>/", lead.one, name="request"),
    path("requests/<int:request_id>/seen/", lead.seen, name="request_seen"),
    path("who-may-hear/", words.party_rules, name="party_rules"),
    path("help-words/", words.help_words, name="help_words"),
    path("scripts/", scripts.scripts, name="scripts"),
    path("scripts/<slug:slug>/", scripts.script, name="script"),
    path("scripts/<slug:slug>/v/<int:number>/live/", scripts.put_live, name="script_live"),
]
