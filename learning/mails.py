"""Mails as they are read: HTML with its styles inlined, and plain text beside it, from templates/mail/."""

import re
import textwrap
from functools import cache
from pathlib import Path

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import engines
from django.template.loaders.filesystem import Loader
from django.utils.translation import override

WIDTH = 72
# Sent by no person, and answered by no machine (RFC 3834, and Outlook's own): only that it could not be handed over,
# which "All" would suppress too.
MACHINE = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "DR, RN, NRN, OOF, AutoReply"}
# What Django's template language writes; stood in for by letters that nobody writes while CSS is inlined.
TAG = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)
STAND_IN = re.compile("\ue000(\\d+)\ue001")


class InliningLoader(Loader):
    """Reads a template and moves the styles of mail.css into its elements: once for a template, not for each mail."""

    def get_contents(self, origin):
        source = super().get_contents(origin)
        return inlined(source, css=_css()) if origin.name.endswith(".html") else source


@cache
def _css() -> str:
    return Path(settings.BASE_DIR, "templates/mail/mail.css").read_text()


def inlined(source: str, *, css: str) -> str:
    """The template with the rules of the style sheet on the elements that they reach."""
    tags = []

    def stand_in(match: re.Match) -> str:
        tags.append(match[0])
        return f"\ue000{len(tags) - 1}\ue001"

    source = TAG.sub(stand_in, source)
    inliner = css_inline.CSSInliner(extra_css=css, load_remote_stylesheets=False)
    done = inliner.inline(source) if "<html" in source else inliner.inline_fragment(source, css)
    return STAND_IN.sub(lambda match: tags[int(match[1])], done)


def render(template: str, context: dict, *, subject: str, language: str) -> EmailMultiAlternatives:
    """The mail of the templates mail/<template>.html and .txt, in the language; without sender and recipient."""
    context = {"subject": subject, "language": language, **context}
    with override(language):
        text = engines["mail-text"].get_template(f"mail/{template}.txt").render(context)
        html = engines["mail"].get_template(f"mail/{template}.html").render(context)
    email = EmailMultiAlternatives(one_line(subject), wrapped(text))
    email.attach_alternative(html, "text/html")
    return email


def wrapped(text: str) -> str:
    """The text with lines of at most 72 characters; an address stands alone on its line, however long."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join("\n".join(map(_filled, paragraph.splitlines())) for paragraph in paragraphs) + "\n"


def _filled(line: str) -> str:
    line = line.strip()
    if len(line) <= WIDTH:
        return line
    indent = "  " if line.startswith("– ") else ""
    return textwrap.fill(line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def one_line(text: str) -> str:
    """The text without line breaks, as headers must be: a name must not write headers of its own."""
    return " ".join(text.split())
