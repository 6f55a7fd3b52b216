"""Answering a survey; opening its rounds; and what many together have answered."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from learning.access.authority import Action, authority_of
from learning.access.rules import open_by_link, requires, signed_in
from learning.errors import LearningError
from learning.translations import in_language, language_of

from . import services
from .files import survey_file
from .forms import AnswerForm, WaveForm
from .models import Answered, FreeText, Survey, Wave
from .results import SurveyResult, participation, surveys_of


@open_by_link
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request, pk):
    """The questions of a round, on one page; then a word of thanks, and nothing of what was answered."""
    wave = get_object_or_404(Wave.objects.select_related("survey__course", "survey__municipality"), pk=pk)
    on, person = timezone.localdate(), request.user
    context = {"wave": wave, "survey": in_language(wave.survey, get_language())}
    if Answered.objects.filter(wave=wave, person=person).exists() and request.method != "POST":
        return render(request, "surveys/answered.html", context)
    is_running = Wave.objects.running(person.municipality_id, on).filter(pk=pk).exists()
    if not is_running or not services.asked(wave, on).filter(pk=person.pk).exists():
        raise Http404
    posted = request.POST if request.method == "POST" else None
    with override(language_of(context["survey"])):
        form = AnswerForm(posted, items=services.items_of(wave, context["survey"]))
    if form.is_valid():
        services.answer(person=person, wave=wave, chosen=form.chosen(), texts=form.texts(), on=on)
        return redirect(request.path)
    return render(request, "surveys/answer.html", {**context, "form": form}, status=400 if form.errors else 200)


@requires(Action.SEE_SURVEYS)
@require_safe
def overview(request):
    """The municipality's surveys: what may be read of each, and what is open."""
    on = timezone.localdate()
    found = [_standing(survey, on) for survey in surveys_of(request.user.municipality)]
    context = {"surveys": found, "may_keep": authority_of(request).may(Action.KEEP_SURVEYS)}
    return render(request, "surveys/overview.html", context)


def _standing(survey: Survey, on) -> dict:
    """A survey with its rounds that are open or to come, and the day on which the next one is planned."""
    waves = [wave for wave in survey.waves.all() if not wave.is_closed(on)] if survey.is_of_needs else []
    return {
        "survey": survey,
        "waves": [{"wave": wave, "is_open": wave.holds(on), "answered": _participation(wave, on)} for wave in waves],
        "next": services.next_wave(survey, on) if survey.is_of_needs and survey.live and not waves else None,
        "result": SurveyResult(survey, on),
    }


def _participation(wave: Wave, on) -> dict:
    whole, rows = participation(wave, on)
    return {"whole": whole, "rows": rows}


@requires(Action.SEE_SURVEYS)
@require_safe
def results(request, pk):
    """The rounds of a survey side by side, for all or for one unit that is large enough."""
    found = _result(request, pk)
    context = {
        "result": found,
        "filters": [{"label": _("Everyone"), "url": "?", "current": found.unit is None}]
        + [{"label": unit.name, "url": f"?enhet={unit.pk}", "current": unit == found.unit} for unit in found.units],
    }
    return render(request, "surveys/results.html", context)


@requires(Action.SEE_SURVEYS)
@require_safe
def results_csv(request, pk):
    """The same figures as a file."""
    return survey_file(_result(request, pk))


def _result(request, pk) -> SurveyResult:
    survey = get_object_or_404(surveys_of(request.user.municipality), pk=pk)
    found = SurveyResult(in_language(survey, get_language()), timezone.localdate())
    asked = request.GET.get("enhet", "")
    if asked:
        # A unit that is hidden answers like one that does not exist.
        found.unit = next((unit for unit in found.units if str(unit.pk) == asked), None)
        if found.unit is None:
            raise Http404
    return found


@requires(Action.KEEP_SURVEYS)
@require_http_methods(["GET", "HEAD", "POST"])
def open_wave(request, pk):
    """Open a round of a needs survey: first whom it reaches is shown, then it is opened."""
    survey = get_object_or_404(surveys_of(request.user.municipality), pk=pk, kind=Survey.Kind.NEEDS)
    on = timezone.localdate()
    starts_on, ends_on = services.next_wave(survey, on)
    posted = request.POST if request.method == "POST" else None
    form = WaveForm(posted, initial={"starts_on": starts_on, "ends_on": ends_on})
    if form.is_valid():
        try:
            with transaction.atomic():
                wave = services.open_wave(survey=survey, by=request.user, on=on, **form.cleaned_data)
        except LearningError as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("The round is open through %(day)s.") % {"day": wave.ends_on})
            return redirect("surveys:overview")
    reached = sorted(services.invited(survey, starts_on).items(), key=lambda pair: pair[0].name.casefold())
    context = {"survey": survey, "form": form, "reached": reached, "number": sum(number for _unit, number in reached)}
    return render(request, "surveys/open_wave.html", context, status=400 if form.errors else 200)


@requires(Action.KEEP_SURVEYS)
@require_POST
def close_wave(request, pk):
    """Close a round before its last day."""
    waves = Wave.objects.filter(survey__in=surveys_of(request.user.municipality), survey__kind=Survey.Kind.NEEDS)
    services.close_wave(wave=get_object_or_404(waves, pk=pk), on=timezone.localdate())
    messages.success(request, _("The round is closed. What has been answered is kept."))
    return redirect("surveys:overview")


@requires(Action.KEEP_SURVEYS)
@require_http_methods(["GET", "HEAD", "POST"])
def texts(request, pk):
    """What was written in one's own words, in no order, round by round; each can be blotted out."""
    survey = get_object_or_404(surveys_of(request.user.municipality), pk=pk)
    shown = SurveyResult(survey, timezone.localdate()).texts()
    if request.method == "POST":
        ids = [text.pk for _wave, texts in shown for text in texts]
        text = get_object_or_404(FreeText.objects.filter(pk__in=ids), pk=_number(request.POST.get("text")))
        services.blot(text=text, by=request.user, now=timezone.now())
        messages.success(request, _("The text is blotted out for good, and it is noted that you did it."))
        return redirect(request.path)
    return render(request, "surveys/texts.html", {"survey": survey, "waves": shown})


def _number(text) -> int:
    return int(text) if text and text.isdecimal() else 0
