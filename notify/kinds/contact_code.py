"""A code that proves that a telephone is an official's own."""

from notify.kinds.document_fields import document_kind

KIND = document_kind(
    "contact_code",
    {
        "zh-Hans": "验证码{code}，30分钟内有效。请用本机回：验证 {code}。工作人员不会向您要它",
        "zh-Hant": "驗證碼{code}，30分鐘內有效。請用本機回：驗證 {code}。工作人員不會向您要它",
        "en": (
            "Your code is {code}, valid for 30 minutes. Reply from this telephone: VERIFY {code}. Nobody "
            "will ask you for it"
        ),
    },
    code="48392011",
)
