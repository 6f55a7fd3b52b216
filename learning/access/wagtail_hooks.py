"""What holds for the whole of Wagtail's admin: it tells nobody of another municipality, and changes no written day."""

from django.core.exceptions import PermissionDenied
from django.templatetags.static import static
from django.utils.html import format_html
from wagtail import hooks
from wagtail.admin.api.views import PagesAdminAPIViewSet
from wagtail.documents.api.admin.views import DocumentsAdminAPIViewSet
from wagtail.images.api.admin.views import ImagesAdminAPIViewSet
from wagtail.permissions import policy_registry


@hooks.register("before_move_page")
def refuse_foreign_page(request, page, destination):
    """Ask whether to move a page only of those who may: the question names the page."""
    if not page.permissions_for_user(request.user).can_move():
        raise PermissionDenied


class _OwnFiles:
    """Offers the files that the user may choose or change."""

    def get_queryset(self):
        policy = policy_registry.get_by_type(self.model)
        files = policy.instances_user_has_any_permission_for(self.request.user, ["choose", "change"])
        return files.order_by("pk")


class _OwnImages(_OwnFiles, ImagesAdminAPIViewSet):
    pass


class _OwnDocuments(_OwnFiles, DocumentsAdminAPIViewSet):
    pass


class _ReadPages(PagesAdminAPIViewSet):
    """Tells about pages, and changes none.

    The admin itself changes pages by its views alone. These would go past what the views ask before a page is
    published, copied or deleted.
    """

    actions = {}


# After Wagtail's own, which it replaces.
@hooks.register("construct_admin_api", order=1)
def offer_own_files(router):
    router.register_endpoint("pages", _ReadPages)
    router.register_endpoint("images", _OwnImages)
    router.register_endpoint("documents", _OwnDocuments)


@hooks.register("construct_reports_menu")
def hide_closed_report(request, menu_items):
    """Drop the report that `learning.urls` closes."""
    menu_items[:] = [item for item in menu_items if item.name != "page-types-usage"]


@hooks.register("insert_global_admin_js")
def keep_written_days():
    return format_html('<script src="{}"></script>', static("js/dates.js"))
