from tests.access.test_editors import *
def test_dbg(own, foreign):
    client = signed_in(own.editor)
    q = foreign.one(Question)
    r = client.get(reverse("wagtailsnippets_quizzes_question:edit", args=[q.pk]))
    print(q.pk, q.municipality, q.text, own.editor.municipality, r.status_code, type(r), r.template_name)
    print(r.content.decode()[:3000])
    i=r.content.decode().find("Fjärran"); print(i)
    client.raise_request_exception=False
    for route in ADMIN:
        for kwargs in fillings(foreign, route) if route.kwargs else [{}]:
            response = client.get(reverse(route.name, kwargs=kwargs))
            t=response.content.decode(errors="ignore") if not response.streaming else ""
            if response.status_code == 200 and foreign.name in t:
                i=t.find(foreign.name); print(route.name, kwargs, t[max(0,i-200):i+30].replace("\n"," "))
