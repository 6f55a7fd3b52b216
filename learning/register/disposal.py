"""The page of disposal: whom a rule reaches, what happens to each table, and the decision that lets it happen."""

from django.core.paginator import Paginator
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.admin import messages

from learning.access.authority import Action
from learning.access.disposal import MONTHS, Preview, Rule, counts_of, dispose, is_file_on_the_way
from learning.access.log import What, note_names
from learning.access.rules import requires
from learning.errors import LearningError

from .forms import DecisionForm, RuleForm
from .frame import PAGE, frame, municipality_of


@requires(Action.KEEP_REGISTER)
def disposal(request):
    """Show whom the rule reaches; dispose of exactly those when a decision is posted with them."""
    municipality = municipality_of(request)
    asked = request.POST if request.method == "POST" else request.GET
    rule_form = RuleForm(asked if "months" in asked else {"months": MONTHS})
    rule = None
    if rule_form.is_valid():
        rule = Rule(municipality=municipality, months=rule_form.cleaned_data["months"], on=localdate())
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and rule and form.is_valid():
        if _disposed(request, rule, form):
            return redirect("register:disposal")
    return TemplateResponse(
        request,
        "register/disposal.html",
        {
            "rule_form": rule_form,
            "form": form,
            "earlier": [(one, counts_of(one)) for one in municipality.disposals.select_related("by")],
            **(_shown(request, rule) if rule else {}),
            **frame(_("Disposal"), icon="bin"),
        },
    )


def _disposed(request, rule: Rule, form: DecisionForm) -> bool:
    """Whether those who were shown are disposed of by the decision; if not, a message says why."""
    try:
        done = dispose(
            rule=rule,
            sha256=request.POST.get("sha256", ""),
            by=request.user,
            now=now(),
            **form.cleaned_data,
        )
    except LearningError as error:
        messages.error(request, str(error))
        return False
    words = ngettext("%(number)d person was disposed of.", "%(number)d people were disposed of.", done.number)
    messages.success(request, words % {"number": done.number})
    return True


def _shown(request, rule: Rule) -> dict:
    """Whom the rule reaches, a page at a time, and what would happen."""
    preview = Preview(rule)
    page = Paginator(rule.people(), PAGE).get_page(request.GET.get("p"))
    asked = _("%(months)d months") % {"months": rule.months}
    note_names(request, what=What.DISPOSAL, people=page, asked=asked)
    return {
        "rule": rule,
        "preview": preview,
        "page_obj": page,
        "query": f"months={rule.months}&",
        "file_waits": is_file_on_the_way(rule.municipality),
    }
