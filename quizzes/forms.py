from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminModelForm


class QuestionForm(WagtailAdminModelForm):
    """A question with its options: how many are right must agree with the kind."""

    def is_valid(self):
        if not super().is_valid():
            return False
        options = [row for row in self.formsets["options"].cleaned_data if row and not row.get("DELETE")]
        right = sum(bool(option["correct"]) for option in options)
        single = self.cleaned_data["kind"] == "single"
        if single and right != 1:
            self.add_error(None, _("Mark exactly one option as right. What you wrote is kept here."))
        if not single and right < 2:
            self.add_error(None, _("Mark at least two options as right, or choose one right answer as the kind."))
        return not self.errors
