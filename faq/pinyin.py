"""Near-pinyin syllables of Chinese characters, as numbers.

People type by sound: 加直 for 加值, 拉圾 for 垃圾. Two characters count as alike when their first readings are,
after the sounds that southern speakers and careless fingers confuse are merged: zh/z, ch/c, sh/s, n/l and -ng/-n.
"""

import os
import unicodedata
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")  # single characters are enough here, phrases cost 40 MB
from pypinyin.pinyin_dict import pinyin_dict

#: Code points above this are never Chinese characters with a reading that matters here.
TABLE_SIZE = 0x30000
_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"))


def near_syllable(marked: str) -> str:
    """`zhāng` → `zan`: no tone, confusable sounds merged."""
    plain = unicodedata.normalize("NFD", marked.replace("ü", "v"))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    for wide, narrow in _INITIALS:
        if plain.startswith(wide):
            plain = narrow + plain[2:]
    if plain.startswith("n"):
        plain = "l" + plain[1:]
    return plain.removesuffix("g") if plain.endswith("ng") else plain


@lru_cache(maxsize=1)
def syllable_table() -> NDArray[np.int64]:
    """Code point → syllable number (1…about 350; 0 where a character has no reading). Shape (TABLE_SIZE,)."""
    numbers: dict[str, int] = {}
    table = np.zeros(TABLE_SIZE, np.int64)
    for code, readings in pinyin_dict.items():
        if code < TABLE_SIZE:
            syllable = near_syllable(readings.split(",", 1)[0])
            table[code] = numbers.setdefault(syllable, len(numbers) + 1)
    return table
