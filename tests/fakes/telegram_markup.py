"""Just enough of Telegram's text parsing to refuse what Telegram refuses."""

import re
from html.parser import HTMLParser

TAGS = {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "span"}
TAGS |= {"tg-spoiler", "a", "tg-emoji", "code", "pre", "blockquote"}
"""Bot API, "HTML style"."""
_RESERVED = re.compile(r"(?<!\\)[_*\[\]()~`>#+\-=|{}.!]")
_NO_TAG = re.compile(r"<(?![A-Za-z/])(\S{0,8})")


class MarkupError(ValueError):
    """Telegram would answer 400 "can't parse entities" with this detail."""


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in TAGS:
            raise MarkupError(f'Unsupported start tag "{tag}" at byte offset {self.getpos()[1]}')
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise MarkupError(f"Unexpected end tag at byte offset {self.getpos()[1]}")

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def plain(text: str, parse_mode: str) -> str:
    """The text without its markup; raises MarkupError where Telegram would refuse it."""
    if parse_mode.lower() == "html":
        if found := _NO_TAG.search(text):
            raise MarkupError(f'Unsupported start tag "{found.group(1)}" at byte offset {found.start()}')
        parser = _Html()
        parser.feed(text)
        parser.close()
        if parser.open:
            raise MarkupError(f'Can\'t find end tag corresponding to start tag "{parser.open[-1]}"')
        return "".join(parser.text)
    if parse_mode.lower() in {"markdown", "markdownv2"}:
        return _markdown(text)
    raise MarkupError("unsupported parse_mode")


def _markdown(text: str) -> str:
    for sign in "*_`":
        if len(re.findall(rf"(?<!\\){re.escape(sign)}", text)) % 2:
            at = len(text[: text.rfind(sign)].encode())
            raise MarkupError(f"Can't find end of the entity starting at byte offset {at}")
    bare = re.sub(r"(?<!\\)[*_`]", "", text)
    if found := _RESERVED.search(bare):
        raise MarkupError(f"Character '{found.group()}' is reserved and must be escaped")
    return re.sub(r"\\(.)", r"\1", bare)
