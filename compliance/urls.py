"""Routes of compliance."""

from django.urls import path

from .views import (
    audit,
    breaches,
    could_we,
    decisions,
    evidence,
    overrides,
    people,
    registers,
    rule_versions,
    rules,
    why,
)

app_name = "compliance"
urlpatterns = [
    path("why/P-<int:debtor_id>/<int:point_id>/", why.why, name="why"),
    path("decisions/", decisions.decisions, name="decisions"),
    path("decisions/<uuid:record_id>/", decisions.decision, name="decision"),
    path("could-we/", could_we.could_we, name="could_we"),
    path("people/P-<int:debtor_id>/compliance/", people.person, name="person"),
    path("people/P-<int:debtor_id>/compliance/holds/", people.hold, name="hold"),
    path("people/P-<int:debtor_id>/compliance/holds/<int:hold_id>/lift/", people.lift, name="lift"),
    path("people/P-<int:debtor_id>/compliance/wishes/<int:preference_id>/end/", people.withdraw, name="withdraw"),
    path("people/P-<int:debtor_id>/compliance/record/<slug:what>/", people.record, name="record"),
    path("people/P-<int:debtor_id>/overrides/<int:point_id>/new/", overrides.ask, name="override_new"),
    path("people/P-<int:debtor_id>/debts/L-<int:account_id>/evidence.zip", evidence.evidence, name="evidence"),
    path("overrides/", overrides.overrides, name="overrides"),
    path("overrides/<int:override_id>/decide/", overrides.decide, name="override_decide"),
    path("consents/", registers.consents, name="consents"),
    path("licences/", registers.licences, name="licences"),
    path("licences/<int:licence_id>/", registers.licence, name="licence"),
    path("rules/", rules.rule_packs, name="packs"),
    path("rules/try/", rules.try_rule, name="try"),
    path("rules/new/", rule_versions.pack_new, name="pack_new"),
    path("rules/<slug:name>/", rules.rule_pack, name="pack"),
    path("rules/<slug:name>/<int:number>/", rule_versions.version, name="pack_version"),
    path("rules/<slug:name>/<int:number>/edit/", rule_versions.edit, name="pack_edit"),
    path("rules/<slug:name>/<int:number>/draft/", rule_versions.draft, name="pack_draft"),
    path("rules/<slug:name>/<int:number>/propose/", rule_versions.propose, name="pack_propose"),
    path("rules/<slug:name>/<int:number>/approve/", rule_versions.approve, name="pack_approve"),
    path("rules/<slug:name>/<int:number>/withdraw/", rule_versions.withdraw, name="pack_withdraw"),
    path("rules/<slug:name>/<int:number>/tomorrow/", rule_versions.tomorrow, name="pack_tomorrow"),
    path("audit/", audit.audit, name="audit"),
    path("audit/verify/", audit.verify, name="audit_verify"),
    path("breaches/", breaches.breaches, name="breaches"),
]
