"""The site's addresses, and a bare view to measure beside: the session, and one row by its primary key, in 10 KB."""

from django.http import HttpResponse
from django.urls import path

from learning.access.rules import signed_in
from learning.organisation.models import OrgUnit
from learning.urls import urlpatterns as ours


@signed_in
def bare(request):
    return HttpResponse(OrgUnit.objects.get(pk=request.user.municipality.root_id).name.ljust(10_000))


urlpatterns = [path("bare/", bare), *ours]
