"""The page in the admin that asks what a change of a course means for those who have completed it."""

from datetime import date

from django import forms
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.models import Page

from courses.editions import EditionNotOpened, Kind, open_edition
from courses.models import CoursePage, Edition, LessonPage
from learning.organisation.models import Employment
from learning.register.frame import head

from .models import Completion

EDITORIAL = "editorial"
KINDS = [
    (EDITORIAL, gettext_lazy("Nothing. The change is editorial.")),
    (Kind.DELTA, gettext_lazy("They are asked to take some lessons. Their completion counts as before.")),
    (
        Kind.RETAKE,
        gettext_lazy("They are asked to take the knowledge check again. Their completion counts for some more days."),
    ),
]
GRACE_DAYS, LONGEST_GRACE = 90, 730


class MeaningForm(forms.Form):
    """What the change means: nothing, unless something else is chosen."""

    kind = forms.ChoiceField(
        label=gettext_lazy("For those who have completed the course it means"), choices=KINDS, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=gettext_lazy("What is new"),
        help_text=gettext_lazy("One sentence. They read it on their own page and on the page of the course."),
        max_length=Edition._meta.get_field("note").max_length,
        required=False,
    )
    lessons = forms.MultipleChoiceField(
        label=gettext_lazy("Lessons to take"), widget=forms.CheckboxSelectMultiple, required=False
    )
    grace_days = forms.IntegerField(
        label=gettext_lazy("Days that their completion still counts"),
        help_text=gettext_lazy("Only where the knowledge check is to be taken again."),
        min_value=1,
        max_value=LONGEST_GRACE,
        required=False,
    )
    after = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, course: CoursePage, **kwargs):
        super().__init__(*args, **kwargs)
        self.course, self.pages = course, {str(page.pk): page for page in course.lessons()}
        self.fields["lessons"].choices = [(pk, page.title) for pk, page in self.pages.items()]

    def clean(self):
        given = super().clean()
        needed = {Kind.DELTA: ["note", "lessons"], Kind.RETAKE: ["note", "grace_days"]}
        for name in needed.get(given.get("kind"), []):
            if not given.get(name) and name not in self.errors:
                self.add_error(name, _("This is needed for what you have chosen."))
        return given

    def act(self, by) -> Edition | None:
        """Open the edition that was asked for; none for an editorial change. Raises EditionNotOpened."""
        given = self.cleaned_data
        if given["kind"] == EDITORIAL:
            return None
        return open_edition(
            course=self.course,
            kind=given["kind"],
            note=given["note"],
            lessons=[self.pages[pk] for pk in given["lessons"]],
            grace_days=given["grace_days"],
            on=localdate(),
            by=by,
            after=given["after"],
        )


def meaning(request, pk: int):
    """Ask what the last change means, and tell what earlier ones meant. Shown to those who may publish the course."""
    course = get_object_or_404(CoursePage, pk=pk)
    if not course.permissions_for_user(request.user).can_publish():
        raise PermissionDenied
    initial = {
        "kind": EDITORIAL,
        "lessons": request.GET.getlist("lesson"),
        "grace_days": GRACE_DAYS,
        "after": course.current_edition().number,
    }
    form = MeaningForm(request.POST or None, initial=initial, course=course)
    if request.method == "POST" and form.is_valid():
        try:
            return _done(request, course, form.act(request.user))
        except EditionNotOpened as error:
            form.add_error(None, str(error))
    return TemplateResponse(request, "records/meaning.html", _context(course, form))


def _done(request, course: CoursePage, edition: Edition | None):
    if edition is None:
        words = _("The change is editorial: nothing is asked of those who have completed the course.")
    else:
        words = _("Edition %(number)d is open. Those who have completed the course see it on their own page.")
        words %= {"number": edition.number}
    messages.success(request, words)
    return redirect("wagtailadmin_explore", course.pk)


def _context(course: CoursePage, form: MeaningForm) -> dict:
    newest = course.current_edition()
    crumbs = [
        (reverse("wagtailadmin_explore", args=[course.get_parent().pk]), course.get_parent().title),
        (reverse("wagtailadmin_explore", args=[course.pk]), course.title),
    ]
    return {
        "course": course,
        "form": form,
        "concerned": number_completed(course, on=localdate()),
        "editions": Edition.objects.of(course.key).reverse(),
        "changed": changed_since(course, newest),
        **head(_("What does the change mean?"), crumbs, icon="history"),
    }


def number_completed(course: CoursePage, *, on: date) -> int:
    """How many of those who are employed on the day have completed the course, in any edition."""
    employed = Employment.objects.on(on).values("person")
    done = Completion.objects.filter(course_key=course.key, person__in=employed).upheld(on)
    return done.values("person").distinct().count()


def changed_since(course: CoursePage, edition: Edition) -> list[Page]:
    """The course and its lessons, those of them that were published after the edition was opened."""
    pages = course.get_descendants(inclusive=True).live().filter(last_published_at__gt=edition.created_at)
    return list(pages.order_by("-last_published_at"))


def course_above(page: Page) -> CoursePage | None:
    """The course that the page is or belongs to, where somebody has completed it; None for any other page."""
    course = page.specific if page.specific_class in (CoursePage, LessonPage) else None
    if isinstance(course, LessonPage):
        course = course.course
    return course if course and Completion.objects.filter(course_key=course.key).exists() else None
