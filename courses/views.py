"""The files of recordings; and course packages in the admin: a course out as a file, and one in."""

import io

from django import forms
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.admin import messages
from wagtail.admin.auth import permission_denied

from learning.access.rules import open_by_link, signed_in
from learning.errors import LearningError
from learning.parts import send_file
from learning.register.frame import head

from .models import Captions, CourseIndexPage, CoursePage, Recording
from .package import MOST_BYTES, export_course, import_course
from .recordings import FOLDER


@open_by_link
@signed_in
@require_safe
def recording_file(request, name: str):
    """A recording or its captions, for those of the municipality, as its lessons are.

    As with Wagtail's documents, and unlike its pictures, it is asked who reads, since a film shows people. Nobody is
    kept from what no published lesson shows, but only those who write are told its address.
    """
    own = {"file": FOLDER + name, "municipality": request.user.municipality}
    thing = Recording.objects.filter(**own).first()
    if thing is None:
        del own["municipality"]
        thing = get_object_or_404(Captions, recording__municipality=request.user.municipality, **own)
    try:
        return send_file(request, thing.file, content_type=thing.content_type)
    except FileNotFoundError as error:
        raise Http404 from error


class PackageForm(forms.Form):
    """The file of a course package."""

    file = forms.FileField(label=gettext_lazy("Course package (zip)"), widget=forms.FileInput(attrs={"accept": ".zip"}))


def _page(request, model, pk: int):
    """The page, if it is one that the person may publish in."""
    page = get_object_or_404(model, pk=pk)
    return page if page.permissions_for_user(request.user).can_publish() else None


@require_safe
def package(request, pk: int):
    """What can be carried of the course, and the way to take it out."""
    course = _page(request, CoursePage, pk)
    if course is None:
        return permission_denied(request)
    made = export_course(course)
    if "fil" in request.GET:
        return FileResponse(io.BytesIO(made.content), as_attachment=True, filename=f"{course.slug}.zip")
    context = {"course": course, "left_out": made.left_out, "size": len(made.content), **_crumbs(course)}
    return TemplateResponse(request, "courses/admin/package.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def bring_package(request, pk: int):
    """A course of somebody else's, from a file."""
    index = _page(request, CourseIndexPage, pk)
    if index is None or request.user.municipality is None:
        return permission_denied(request)
    form = PackageForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            content = form.cleaned_data["file"].read(MOST_BYTES + 1)
            outcome = import_course(municipality=request.user.municipality, content=content)
        except LearningError as error:
            form.add_error("file", str(error))
        else:
            messages.success(request, _told(outcome))
            return redirect("wagtailadmin_explore", index.pk)
    context = {"form": form, "index": index, **_crumbs(index)}
    return TemplateResponse(request, "courses/admin/bring_package.html", context)


def _told(outcome) -> str:
    words = _("The course is here: %(made)d parts are new, %(changed)d changed and %(unchanged)d as before.")
    words %= {name: outcome.counts.get(name, 0) for name in ("made", "changed", "unchanged")}
    if outcome.kept:
        named = [Truncator(name).words(8) for name in dict.fromkeys(outcome.kept.values())]
        words += " " + _("Kept as you have changed them: %(kept)s.") % {"kept": "; ".join(named)}
    return words


def _crumbs(page) -> dict:
    above = reverse("wagtailadmin_explore", args=[page.pk]), page.title
    return head(_("Course package"), [above], icon="download")
