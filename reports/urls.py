"""Routes of reports."""

from django.urls import path

from .views import jobs, lists, team

app_name = "reports"
urlpatterns = [
    path("team/", team.team, name="team"),
    path("team/export/", team.team_export, name="team_export"),
    path("team/<str:username>/", team.officer, name="officer"),
    path("results/", team.my_results, name="my_results"),
    path("reports/", lists.index, name="index"),
    path("reports/<slug:slug>/", lists.rows, name="list"),
    path("reports/<slug:slug>/export/", lists.export, name="list_export"),
    path("jobs/", jobs.overview, name="jobs"),
    path("jobs/<str:name>/", jobs.job, name="job"),
    path("jobs/<str:name>/run/", jobs.run_now, name="job_run"),
    path("jobs/<str:name>/save/", jobs.save, name="job_save"),
]
