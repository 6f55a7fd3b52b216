"""Refusals of the courses, and how they reach whoever works in Wagtail's admin."""

from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.modal_workflow import render_modal_workflow

from learning.errors import LearningError
from quizzes.models import QuestionNotWhole


class LessonStopped(LearningError):
    """A lesson was to be published that may not be; the text names each thing to do."""

    def __init__(self, lesson, stops):
        self.thing = lesson
        words = {"lesson": lesson.title, "stops": " ".join(map(str, stops))}
        super().__init__(_("“%(lesson)s” was not published; what is written is kept. %(stops)s") % words)


class ExplainStopsMiddleware:
    """Answers a refused publication in the admin with the lesson's editor and the reasons, whatever page asked."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, LessonStopped | QuestionNotWhole) or not request.path.startswith(
            reverse("wagtailadmin_home")
        ):
            return None
        messages.error(request, str(exception))
        editor = AdminURLFinder().get_edit_url(exception.thing)
        if request.headers.get("x-requested-with") == "XMLHttpRequest":
            # A dialogue of the workflow goes where its answer says.
            return render_modal_workflow(request, None, None, None, json_data={"step": "success", "redirect": editor})
        return redirect(editor)
