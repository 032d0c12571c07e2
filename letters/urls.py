"""Routes of letters: the outbox, the composer of the work screen, the templates."""

from django.urls import path

from .views import composer, decisions, hooks, outbox, templates

app_name = "letters"
urlpatterns = [
    path("letters/", outbox.outbox, name="outbox"),
    path("letters/again/", decisions.failed_again, name="failed_again"),
    path("letters/fake/<str:kind>/", outbox.fake, name="fake"),
    path("letters/fake/<str:kind>/<int:message_id>/", hooks.pretend, name="pretend"),
    path("hooks/letters/<str:channel>/", hooks.hook, name="hook"),
    path("letters/<int:message_id>/", outbox.message, name="message"),
    path("letters/<int:message_id>/document/", outbox.document, name="document"),
    path("letters/<int:message_id>/page/", outbox.email_page, name="email_page"),
    path("letters/<int:message_id>/again/", decisions.again, name="again"),
    path("letters/<int:message_id>/decide/", decisions.decide, name="decide"),
    path("people/P-<int:debtor_id>/letters/new/", composer.new, name="new"),
    path("people/P-<int:debtor_id>/letters/preview.png", composer.picture, name="picture"),
    path("templates/", templates.templates, name="templates"),
    path("templates/<slug:slug>/", templates.template, name="template"),
    path("templates/<slug:slug>/preview/", templates.preview, name="template_preview"),
    path("templates/<slug:slug>/v/<int:number>/", templates.template, name="version"),
    path("templates/<slug:slug>/v/<int:number>/pdf/", templates.pdf, name="version_pdf"),
    path("templates/<slug:slug>/v/<int:number>/diff/", templates.diff, name="version_diff"),
    path("templates/<slug:slug>/v/<int:number>/live/", templates.live, name="version_live"),
]
