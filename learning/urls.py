"""Where every address leads: rooms are named by string, Wagtail's pages come last."""

from django.conf import settings
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from django.views.static import serve
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.admin.auth import require_admin_access
from wagtail.admin.viewsets.pages import page_viewset_registry
from wagtail.documents import urls as wagtaildocs_urls

from learning.access.pages import of_own_pages
from learning.access.rules import public
from learning.records.person_page import withdraw_completion
from learning.records.views import page_at

# Wagtail's report of page types names the page that was edited last in any municipality, whoever reads it.
closed = require_admin_access(RedirectView.as_view(pattern_name="wagtailadmin_explore_root"))
# There is one door, which counts tries; Wagtail brings two more.
one_door = RedirectView.as_view(pattern_name="access:sign_in", query_string=True)
# Pictures as they are shown, and no other uploads: those are read through views that ask who reads.
pictures = public(lambda request, path: serve(request, path, document_root=f"{settings.MEDIA_ROOT}/images"))
# Wagtail's views of a workflow name the page before they ask whether one may see it.
workflow = {
    "action/<int:page_id>/<slug:action_name>/<int:task_state_id>/": "workflow_action",
    "collect_action_data/<int:page_id>/<slug:action_name>/<int:task_state_id>/": "collect_workflow_action_data",
    "confirm_cancellation/<int:page_id>/": "confirm_workflow_cancellation",
    "preview/<int:page_id>/<int:task_id>/": "workflow_preview",
}

urlpatterns = [
    path("admin/login/", one_door),
    path("_util/login/", one_door),
    path("admin/reports/page-types-usage/", closed),
    path("admin/reports/page-types-usage/results/", closed),
    *[
        path(
            f"admin/pages/workflow/{address}",
            of_own_pages(page_viewset_registry.as_view(view, page_id_kwarg="page_id")),
        )
        for address, view in workflow.items()
    ],
    path("admin/register/utskick/", include("learning.delivery.admin_urls")),
    path("admin/register/", include("learning.register.urls")),
    path("admin/register/genomforda/<uuid:uuid>/ta-tillbaka/", withdraw_completion, name="withdraw_completion"),
    path("admin/", include(wagtailadmin_urls)),
    path("media/images/<path:path>", pictures, name="picture"),
    path("dokument/", include(wagtaildocs_urls)),
    path("sprak/", include("django.conf.urls.i18n")),
    path("", include("learning.access.urls")),
    path("", include("learning.records.urls")),
    path("", include("learning.surveys.urls")),
    path("", include("learning.reporting.urls")),
    path("", include("learning.delivery.urls")),
    path("", include("courses.urls")),
    path("", include("home.urls")),
]
if settings.DEBUG or settings.DEMO:
    from home.views import components

    urlpatterns += [
        path("komponenter/utskick/", include("learning.delivery.sample_urls")),
        path("komponenter/", components, name="components"),
    ]
if settings.DEMO:
    urlpatterns += [path("demo/utskick/", include("learning.delivery.demo_urls"))]
urlpatterns += [re_path(wagtail_urls.serve_pattern, page_at), path("", include(wagtail_urls))]
