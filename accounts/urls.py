"""Routes of accounts."""

from django.urls import path

from .views import clients, documents, imports

app_name = "accounts"
urlpatterns = [
    path("imports/", imports.import_list, name="imports"),
    path("imports/new/", imports.import_upload, name="import_new"),
    path("imports/<int:import_id>/", imports.import_page, name="import"),
    path("imports/<int:import_id>/map/", imports.import_map, name="import_map"),
    path("imports/<int:import_id>/release/", imports.import_release, name="import_release"),
    path("imports/<int:import_id>/discard/", imports.import_discard, name="import_discard"),
    path("imports/<int:import_id>/rows/", imports.import_rows, name="import_rows"),
    path("imports/<int:import_id>/rows/<int:row_id>/", imports.import_decide, name="import_decide"),
    path("imports/<int:import_id>/problems.csv", imports.import_problems, name="import_problems"),
    path("imports/<int:import_id>/acknowledgement.csv", imports.import_acknowledgement, name="import_acknowledgement"),
    path("clients/", clients.client_list, name="clients"),
    path("clients/components/", clients.component_add, name="component_add"),
    path("clients/new/", clients.client_new, name="client_new"),
    path("clients/<slug:slug>/", clients.client_page, name="client"),
    path("clients/<slug:slug>/portfolios/new/", clients.portfolio_new, name="portfolio_new"),
    path("portfolios/<slug:slug>/", clients.portfolio_page, name="portfolio"),
    path("documents/<uuid:document_id>/", documents.document, name="document"),
]
