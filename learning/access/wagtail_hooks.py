from django.core.exceptions import PermissionDenied
from wagtail import hooks


@hooks.register("before_move_page")
def refuse_foreign_page(request, page, destination):
    """Show the question whether to move a page only to those who may: it names the page."""
    if not page.permissions_for_user(request.user).can_move():
        raise PermissionDenied
