"""What is left over in a text that was pasted from elsewhere (OFFICE, "What annoys"): HTML, pinyin, gaps. Pure."""

import re

_REMAINS = (
    re.compile(r"</?[a-zA-Z][^<>]{0,80}>"),
    re.compile(r"&(?:nbsp|amp|lt|gt|quot|#\d{2,5});"),
    re.compile(
        r"[（(]\s*[a-zāáǎàōóǒòēéěèīíǐìūúǔùǖǘǚǜüńň]{1,7}(?:\s+[a-zāáǎàōóǒòēéěèīíǐìūúǔùǖǘǚǜüńň]{1,7}){0,5}\s*[)）]"
    ),
    re.compile(r"(?:\d{2}|×|x|X){1,2}[xX×]{2,}\s*年|[xX×]{1,2}月[xX×]{1,2}日"),
)
_TONES = re.compile(r"[āáǎàōóǒòēéěèīíǐìūúǔùǖǘǚǜ]")
_PINYIN = 2
"""Place of the pattern for pinyin: brackets of plain Latin words are no remains, so a mark of tone is needed."""


def remains(text: str) -> str:
    """The first thing that looks left over, as it stands in the text; empty for a clean one."""
    for place, pattern in enumerate(_REMAINS):
        for found in pattern.finditer(text):
            if place != _PINYIN or _TONES.search(found[0]):
                return found[0]
    return ""
