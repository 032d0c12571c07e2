"""Routes of reports."""

from django.urls import path

from .views import firm, jobs, lists, portal, setup, team

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
    path("jobs/runs/", jobs.runs, name="job_runs"),
    path("jobs/<str:name>/", jobs.job, name="job"),
    path("jobs/<str:name>/run/", jobs.run_now, name="job_run"),
    path("jobs/<str:name>/save/", jobs.save, name="job_save"),
    path("teams/", setup.teams, name="teams"),
    path("teams/new/", setup.team_one, name="team_new"),
    path("teams/<slug:slug>/", setup.team_one, name="team_one"),
    path("codes/", setup.codes, name="codes"),
    path("codes/new/", setup.code_one, name="code_new"),
    path("codes/<slug:code>/", setup.code_one, name="code_one"),
    path("targets/", setup.targets, name="targets"),
    path("targets/<int:target_id>/drop/", setup.target_drop, name="target_drop"),
    path("client/", portal.home, name="client_home"),
    path("client/debts/", portal.debts, name="client_debts"),
    path("client/debts/L-<int:account_id>/", portal.debt, name="client_debt"),
    path("client-access/", portal.access, name="client_access"),
    path("client-access/<int:access_id>/drop/", portal.access_drop, name="client_access_drop"),
    path("first-run/", firm.first_run, name="first_run"),
    path("firm/", firm.firm, name="firm"),
    path("firm/licences/", firm.licence_add, name="licence_add"),
    path("firm/logo/", firm.logo, name="firm_logo"),
]
