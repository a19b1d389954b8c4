"""Read out to an official in a call: a document to sign for. The keys are named by the channel."""

from datetime import timedelta

from notify.kinds.document_fields import document_kind

KIND = document_kind(
    "document_call",
    {
        "zh-Hans": "{urgency}公文待签收：{number}，{title}，时限{due}。",
        "zh-Hant": "{urgency}公文待簽收：{number}，{title}，時限{due}。",
        "en": "{urgency} document to sign: {number}, {title}, limit {due}.",
    },
    max_age=timedelta(minutes=15),
)
