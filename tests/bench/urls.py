"""The site's addresses, and bare views to measure beside: a row read by its primary key in 10 KB, and one inserted."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone

from learning.access.models import Try
from learning.access.rules import signed_in
from learning.organisation.models import OrgUnit
from learning.urls import urlpatterns as ours


@signed_in
def bare(request):
    return HttpResponse(OrgUnit.objects.get(pk=request.user.municipality.root_id).name.ljust(10_000))


@signed_in
def bare_insert(request):
    Try.objects.create(key=request.POST["choice"], at=timezone.now())
    return redirect("/bare/")


urlpatterns = [path("bare/", bare), path("bare-insert/", bare_insert), *ours]
