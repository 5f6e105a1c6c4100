"""Addresses of the screens, area by area."""

from allauth.account.views import logout
from django.urls import path
from django.views.decorators.cache import cache_control
from django.views.generic import TemplateView

from turnus.web.detection import (
    approval_views,
    history_views,
    proposal_views,
    review_views,
)
from turnus.web.detection import views as detection
from turnus.web.exports import views as exports
from turnus.web.first_run.views import setup
from turnus.web.health import health
from turnus.web.imports import views as imports
from turnus.web.lists import bulk_views, filter_views, quick_views
from turnus.web.lists import views as lists
from turnus.web.metrics import metrics
from turnus.web.privacy import views as privacy
from turnus.web.radar import views as radar
from turnus.web.records import closing_views, line_views, new_views
from turnus.web.records import views as records
from turnus.web.renewals import inbox_views
from turnus.web.renewals import views as renewals
from turnus.web.reports import views as reports
from turnus.web.settings import (
    company_views,
    field_views,
    job_views,
    mapping_views,
    pipeline_views,
    plan_views,
    user_views,
)
from turnus.web.settings import views as settings
from turnus.web.sign_in.invitation_views import invitation
from turnus.web.sign_in.views import SignInView
from turnus.web.subscriptions import change_views, many_views, price_views
from turnus.web.subscriptions import views as subscriptions
from turnus.web.today import views as today

urlpatterns = [
    path("", today.home, name="home"),
    path("setup/", setup, name="setup"),
    path("sign-in/", SignInView.as_view(), name="account_login"),
    path("sign-in/invitation/", invitation, name="invitation"),
    path("sign-out/", logout, name="account_logout"),
    path(
        "favicon.svg",
        cache_control(public=True, max_age=86400)(
            TemplateView.as_view(
                template_name="favicon.svg", content_type="image/svg+xml"
            )
        ),
        name="favicon",
    ),
    path("health/", health, name="health"),
    path("health/live", health, name="health-live"),
    path("health/ready", health, name="health-ready"),
    path("metrics", metrics, name="metrics"),
    path("search/", new_views.search, name="search"),
    path("trash/", new_views.trash, name="trash"),
    path("imports/", imports.imports, name="imports"),
    path("imports/new/<slug:word>/", imports.upload, name="upload"),
    path("imports/<int:pk>/", imports.import_page, name="import"),
    path(
        "imports/<int:pk>/columns/",
        imports.match_columns,
        name="match-columns",
    ),
    path("imports/<int:pk>/answers/", imports.answer, name="answer"),
    path(
        "imports/<int:pk>/answers/change/",
        imports.change_answer,
        name="change-answer",
    ),
    path("imports/<int:pk>/start/", imports.start, name="start-import"),
    path("imports/<int:pk>/check/", imports.check_again, name="check-import"),
    path("imports/<int:pk>/continue/", imports.go_on, name="continue-import"),
    path("imports/<int:pk>/discard/", imports.discard, name="discard-import"),
    path("imports/<int:pk>/undo/", imports.undo, name="undo-import"),
    path("imports/<int:pk>/problems/", imports.problems, name="problems"),
    path("exports/", exports.exports, name="exports"),
    path("exports/<int:pk>/", exports.download, name="download"),
    path("exports/new/<slug:word>/", exports.export_list, name="export-list"),
    path("reports/", reports.reports, name="reports"),
    path(
        "reports/<slug:name>/parts/", reports.report_parts, name="report-parts"
    ),
    path("reports/<slug:name>/", reports.report_page, name="report"),
    path("settings/", settings.settings_page, name="settings"),
    path("settings/profile/", settings.profile, name="profile"),
    path("settings/company/", company_views.company, name="company"),
    path("settings/currencies/", company_views.currencies, name="currencies"),
    path("settings/jobs/", job_views.jobs, name="jobs"),
    path("settings/users/", user_views.users, name="users"),
    path("settings/users/<int:pk>/", user_views.user, name="user"),
    path("settings/teams/", user_views.teams, name="teams"),
    path("settings/pipelines/", pipeline_views.pipelines, name="pipelines"),
    path(
        "settings/pipelines/<int:pk>/",
        pipeline_views.pipeline,
        name="pipeline",
    ),
    path(
        "settings/lost-reasons/",
        pipeline_views.lost_reasons,
        name="lost-reasons",
    ),
    path("settings/fields/<slug:word>/", field_views.fields, name="fields"),
    path(
        "settings/fields/<slug:word>/<int:pk>/",
        field_views.field,
        name="field",
    ),
    path("settings/labels/<slug:word>/", field_views.labels, name="labels"),
    path("deals/<int:pk>/close/", closing_views.close_deal, name="close-deal"),
    path("deals/<int:pk>/lines/", line_views.deal_lines, name="deal-lines"),
    path(
        "deals/<int:pk>/archive/",
        closing_views.archive_deal,
        name="archive-deal",
    ),
    path("deals/<int:pk>/move/", closing_views.move_deal, name="move-deal"),
    path("renewals/", renewals.renewals, name="renewals"),
    path("renewals/plan/", renewals.plan, name="plan-renewals"),
    path("renewals/one/", inbox_views.act, name="renew-one"),
    path("renewals/<int:pk>/", renewals.run_page, name="renewal-run"),
    path("radar/", radar.radar, name="radar"),
    path("radar/put-right/", radar.put_right, name="put-right"),
    path("detection/", detection.detection, name="detection"),
    path("detection/new/", detection.detect, name="detect"),
    path("detection/<int:pk>/", proposal_views.proposal_page, name="proposal"),
    path("detection/<int:pk>/review/", review_views.review, name="review"),
    path(
        "detection/<int:pk>/approve/", approval_views.approval, name="approval"
    ),
    path(
        "detection/history/<int:pk>/",
        history_views.history_page,
        name="history",
    ),
    path("settings/plans/", plan_views.plans, name="plans"),
    path(
        "settings/plans/field/<int:pk>/",
        mapping_views.map_plans,
        name="map-plans",
    ),
    path("settings/plans/<int:pk>/", plan_views.plan, name="plan"),
    path(
        "deals/<int:pk>/subscribe/", subscriptions.from_deal, name="subscribe"
    ),
    path("subscriptions/new/", subscriptions.new, name="new-subscription"),
    path(
        "subscriptions/from-deals/",
        many_views.subscribe_many,
        name="subscribe-many",
    ),
    path("subscriptions/prices/", price_views.prices, name="prices"),
    path(
        "subscriptions/<int:pk>/",
        subscriptions.subscription_page,
        name="subscription",
    ),
    path(
        "subscriptions/<int:pk>/change/",
        change_views.change,
        name="change-subscription",
    ),
    path(
        "persons/<int:pk>/data/", privacy.personal_data, name="personal-data"
    ),
    path("<slug:word>/", lists.list_page, name="list"),
    path("<slug:word>/new/", new_views.new_record, name="new-record"),
    path("<slug:word>/columns/", lists.columns, name="columns"),
    path("<slug:word>/bulk/", bulk_views.bulk, name="bulk"),
    path(
        "<slug:word>/bulk/<int:run>/undo/",
        bulk_views.undo_bulk,
        name="undo-bulk",
    ),
    path(
        "<slug:word>/filters/new/", filter_views.new_filter, name="new-filter"
    ),
    path(
        "<slug:word>/filters/quick/",
        quick_views.quick_filter,
        name="quick-filter",
    ),
    path(
        "<slug:word>/filters/<int:pk>/",
        filter_views.edit_filter,
        name="edit-filter",
    ),
    path(
        "<slug:word>/filters/<int:pk>/delete/",
        filter_views.remove_filter,
        name="delete-filter",
    ),
    path("<slug:word>/<int:pk>/", records.record_page, name="record"),
    path("<slug:word>/<int:pk>/cell/", lists.cell, name="cell"),
    path("<slug:word>/<int:pk>/field/", records.field_form, name="field-form"),
    path("<slug:word>/<int:pk>/save/", records.save_field, name="save-field"),
    path(
        "<slug:word>/<int:pk>/trash/",
        records.trash_record,
        name="trash-record",
    ),
    path(
        "<slug:word>/<int:pk>/restore/",
        records.restore_record,
        name="restore-record",
    ),
]
