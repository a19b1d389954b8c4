"""To a supervisor: the A person, the deputy and the leader are all away."""

from notify.kinds.document_fields import document_kind

KIND = document_kind(
    "document_nobody",
    {
        "zh-Hans": "{unit}{name}和B岗、负责人都不在岗，{count}件公文没人签收，最近{due}。请马上指定人员",
        "zh-Hant": "{unit}{name}和B崗、負責人都不在崗，{count}件公文沒人簽收，最近{due}。請馬上指定人員",
        "en": (
            "{name} ({unit}), the deputy and the leader are all away: {count} documents wait for "
            "somebody, the next by {due}. Please name a person"
        ),
    },
    count=1,
)
