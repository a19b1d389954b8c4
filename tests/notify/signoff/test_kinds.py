"""Every text about documents is short, in three locales, and sendable by senders that take no answer."""

import pytest

from core.i18n import LOCALES
from core.text import segments, sign
from notify.kinds import KINDS

OURS = [kind for name, kind in KINDS.items() if name.startswith(("document_", "deadline_", "contact_"))]


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.name)
def test_a_text_keeps_to_its_segments_and_in_chinese_to_one(kind) -> None:  # type: ignore[no-untyped-def]
    values = kind.check(kind.example)
    for locale in LOCALES:
        for two_way in (True, False):
            text = sign(kind.render(locale, values, two_way=two_way), "阳光热线")
            several = kind.name in {"document_list", "document_handed"}
            most = kind.budget if locale == "en" or several else 1
            assert segments(text) <= most, text


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.name)
def test_work_passes_quiet_hours_and_is_not_stopped_with_alerts(kind) -> None:  # type: ignore[no-untyped-def]
    assert (kind.quiet, kind.topic) == (False, "work")
