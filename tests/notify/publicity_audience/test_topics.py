"""Topics are recognised however they are asked for, with the place before or behind."""

import pytest

from notify.publicity.topics import given, named, read_wish


@pytest.mark.parametrize(
    ("text", "topic", "place"),
    [
        ("惠农补贴 西河村", "subsidy", "西河村"),
        ("惠农补贴西河村", "subsidy", "西河村"),
        ("西河村惠农补贴", "subsidy", "西河村"),
        ("西河村，停电", "outage", "西河村"),
        ("惠農補貼", "subsidy", ""),
        ("停水通知", "outage", ""),
        ("天气预警提醒", "weather", ""),
        ("耕地地力保护补贴 示例镇 西河村", "subsidy", "示例镇 西河村"),
        ("weather West River", "weather", "West River"),
        ("power cuts East Village", "outage", "East Village"),
        ("广场舞", None, "广场舞"),
        ("西河村", None, "西河村"),
        ("", None, ""),
    ],
)
def test_a_wish_is_a_topic_and_a_place(text: str, topic: str | None, place: str) -> None:
    wish = read_wish(text, given())
    assert (wish.topic.id if wish.topic else None, wish.place) == (topic, place)


def test_no_two_topics_share_a_name() -> None:
    names = [name for topic in given() for name in topic.names]
    assert len(names) == len(set(names))
    assert named("怎么订阅", given()) is None
