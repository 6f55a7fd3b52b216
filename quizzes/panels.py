"""What Wagtail's editor shows of questions besides the fields."""

from django.forms import Media, Script
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.panels import InlinePanel, Panel
from wagtail.models import ReferenceIndex

from .advice import advice, of_question
from .grading import Kind

STYLES = Media(css={"all": ["css/authoring.css"]})

# What the rows of a question are, by its kind, and how they are written.
GUIDES = {
    Kind.SINGLE: (
        _("Options"),
        _("One is right. Three are enough: the right one, and two that somebody could believe in."),
    ),
    Kind.MULTIPLE: (
        _("Options"),
        _("At least two are right, and at least one is not. The reader is told how many to choose."),
    ),
    Kind.ORDER: (_("Steps, in the right order"), _("Write them as they should come; the reader meets them mixed.")),
    Kind.MATCH: (
        _("Pairs"),
        _("Write two halves that belong together in each row. A row without a text is a second half too many."),
    ),
    Kind.SORT: (
        _("Statements and categories"),
        _("Write a statement in each row, and the category that it belongs to. The same category may come again."),
    ),
}


class OptionsPanel(InlinePanel):
    """The rows of a question, under the heading that its kind gives them."""

    class BoundPanel(InlinePanel.BoundPanel):
        template_name = "quizzes/admin/options.html"

        @property
        def media(self):
            return super().media + STYLES

        def get_context_data(self, parent_context=None):
            guides = [{"kind": kind, "heading": told[0], "help": told[1]} for kind, told in GUIDES.items()]
            return {**super().get_context_data(parent_context), "guides": guides}


class AdvicePanel(Panel):
    """What would make the question better; with a script it follows what is typed."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "quizzes/admin/advice_panel.html"

        @property
        def media(self):
            return STYLES + Media(js=[Script("js/question.js", type="module")])

        def get_context_data(self, parent_context=None):
            return {**super().get_context_data(parent_context), "hints": advice(of_question(self.instance))}


class UsesPanel(Panel):
    """The lessons and checks that point at the question, and where it comes from."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "quizzes/admin/uses_panel.html"

        def is_shown(self):
            return super().is_shown() and bool(self.instance.pk)

        def get_context_data(self, parent_context=None):
            uses = uses_of(self.instance, self.request.user)
            return {**super().get_context_data(parent_context), "uses": uses, "origin": self.instance.origin}


def uses_of(question, user) -> list[dict]:
    """What points at the question, by name, kind and address, as far as the user may write it."""
    found = []
    for thing, references in ReferenceIndex.get_references_to(question).group_by_source_object():
        if address := AdminURLFinder(user).get_edit_url(thing):
            found.append({"name": str(thing), "kind": capfirst(references[0].model_name), "url": address})
    return found


class UnpublishedPanel(Panel):
    """The questions of a check that nobody is asked, since they are not published."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "quizzes/admin/unpublished_panel.html"

        def is_shown(self):
            return super().is_shown() and bool(self.instance.pk and self.instance.unpublished())

        def get_context_data(self, parent_context=None):
            return {**super().get_context_data(parent_context), "questions": self.instance.unpublished()}


class MeasuredPanel(Panel):
    """Shows what a check that measures has found so far."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "quizzes/admin/measured.html"

        def is_shown(self):
            return super().is_shown() and bool(self.instance.pk) and self.instance.measures

        def get_context_data(self, parent_context=None):
            from .analysis import SHOWN_FROM  # the tables have this panel
            from .measuring import measured

            context = super().get_context_data(parent_context)
            return {**context, "stages": measured(self.instance), "shown_from": SHOWN_FROM}
