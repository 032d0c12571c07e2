"""Routes of contacts."""

from django.urls import path

from .views import disputes, scripts

app_name = "contacts"
urlpatterns = [
    path("disputes/", disputes.disputes, name="disputes"),
    path("disputes/D-<int:dispute_id>/", disputes.dispute, name="dispute"),
    path("scripts/", scripts.scripts, name="scripts"),
    path("scripts/<slug:slug>/", scripts.script, name="script"),
    path("scripts/<slug:slug>/v/<int:number>/live/", scripts.put_live, name="script_live"),
]
