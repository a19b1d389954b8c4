"""To the matter's owner: a handler's answer waits to be checked (审核)."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "staff_check",
    {
        "zh-Hans": "{number}{subject}：{unit}的答复等您审核，通过才发给市民。",
        "zh-Hant": "{number}{subject}：{unit}的答覆等您審核，通過才發給市民。",
        "en": "{number} {subject}: an answer of {unit} waits for your check before it goes out.",
    },
    topic="work",
)
