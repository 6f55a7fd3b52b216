"""Keeps the snippets of one municipality from the editors of another (ARCHITECTURE rule 8)."""

from functools import wraps

from django.contrib.admin.utils import unquote
from django.shortcuts import get_object_or_404
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy
from wagtail.snippets.views.chooser import ChooseResultsView as SnippetChooseResultsView
from wagtail.snippets.views.chooser import ChooseView as SnippetChooseView
from wagtail.snippets.views.chooser import SnippetChooserViewSet, SnippetChosenMultipleView
from wagtail.snippets.views.snippets import CreateView, SnippetViewSet


def _own(user, objects):
    """Those of the objects that belong to the user's municipality; all, for a superuser."""
    return objects if user.is_superuser else objects.filter(municipality=user.municipality_id)


class MunicipalPolicy(ModelPermissionPolicy):
    """Django's model permissions, within the user's own municipality."""

    def user_has_any_permission_for_instance(self, user, actions, instance):
        return self._is_own(user, instance) and self.user_has_any_permission(user, actions)

    def user_has_permission_for_instance(self, user, action, instance):
        return self._is_own(user, instance) and self.user_has_permission(user, action)

    @staticmethod
    def _is_own(user, instance) -> bool:
        return user.is_superuser or instance.municipality_id in (None, user.municipality_id)

    def instances_user_has_any_permission_for(self, user, actions):
        return _own(user, super().instances_user_has_any_permission_for(user, actions))


def register_municipal(model) -> None:
    """Let the policy hold for the model; call it before the model's viewset is registered."""
    register_permission_policy(model, MunicipalPolicy(model))


class _OwnChoices:
    """Offers what the user may see."""

    def get_object_list(self):
        return _own(self.request.user, super().get_object_list())


class _OwnChooseView(_OwnChoices, SnippetChooseView):
    pass


class _OwnChooseResultsView(_OwnChoices, SnippetChooseResultsView):
    pass


class _OwnChosenMultipleView(SnippetChosenMultipleView):
    def get_objects(self, pks):
        return _own(self.request.user, super().get_objects(pks))


class _OwnObjects:
    """Answers for a foreign object as for one that does not exist, whatever is asked of it.

    Wagtail's views of one object ask the policy about the model, not about the object.
    """

    def construct_view(self, view_class, **kwargs):
        view = super().construct_view(view_class, **kwargs)

        @wraps(view)
        def guarded(request, *args, **kwargs):
            if "pk" in kwargs:
                get_object_or_404(_own(request.user, self.model.objects.all()), pk=unquote(str(kwargs["pk"])))
            return view(request, *args, **kwargs)

        return guarded


class _OwnChooserViewSet(_OwnObjects, SnippetChooserViewSet):
    choose_view_class = _OwnChooseView
    choose_results_view_class = _OwnChooseResultsView
    chosen_multiple_view_class = _OwnChosenMultipleView


class OwnCreateView(CreateView):
    """Gives what is created to the user's municipality."""

    def get_initial_form_instance(self):
        instance = super().get_initial_form_instance() or self.model()
        instance.municipality = self.request.user.municipality
        return instance


class MunicipalSnippetViewSet(_OwnObjects, SnippetViewSet):
    """A snippet that belongs to a municipality."""

    add_view_class = OwnCreateView
    chooser_viewset_class = _OwnChooserViewSet

    def get_queryset(self, request):
        return self.permission_policy.instances_user_has_any_permission_for(request.user, ["change", "view"])
