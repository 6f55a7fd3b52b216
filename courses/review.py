"""Lets a colleague read what an editor has written before it is published."""

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override
from wagtail.models import Workflow, WorkflowPage, WorkflowTask

from learning.access.editors import editors_group
from learning.organisation.models import Municipality

from .models import ColleagueTask, CourseIndexPage


@transaction.atomic
def let_colleagues_read(index: CourseIndexPage, municipality: Municipality) -> Workflow:
    """The workflow by which the municipality's editors read each other's courses; made when first asked for.

    A workflow that somebody has chosen for the list is left as it is.
    """
    chosen = WorkflowPage.objects.filter(page=index).first()
    if chosen:
        return chosen.workflow
    # Wagtail's reports name every workflow to every editor, so the names tell of no municipality.
    with override(settings.LANGUAGE_CODE):
        workflow = Workflow.objects.create(name=_("A colleague reads"))
        task = ColleagueTask.objects.create(name=_("Reading by a colleague"))
    task.groups.add(editors_group(municipality))
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    WorkflowPage.objects.create(page=index, workflow=workflow)
    return workflow
