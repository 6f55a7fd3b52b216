"""Rich text as authors write it."""

import re

# What they may use.
RICH = ["bold", "italic", "link", "ul", "ol"]
_BLOCK_KEY = re.compile(r' data-block-key="[^"]*"')


def without_keys(html: str) -> str:
    """The HTML without the keys that the editor gives each paragraph, which say nothing and differ each time."""
    return _BLOCK_KEY.sub("", html)
