"""Read out to an official in a call: several documents to sign for, which one key signs together."""

from datetime import timedelta

from notify.kinds.document_fields import document_kind

KIND = document_kind(
    "document_call_list",
    {
        "zh-Hans": "您有{count}件公文待签收：{listed}。",
        "zh-Hant": "您有{count}件公文待簽收：{listed}。",
        "en": "You have {count} documents to sign: {listed}.",
    },
    max_age=timedelta(minutes=15),
    budget=3,
)
