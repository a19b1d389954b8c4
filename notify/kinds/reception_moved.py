"""To whoever booked a place on a reception day (接访日): the day is held on another one."""

from notify.kinds.reception_fields import reception_kind

KIND = reception_kind(
    "reception_moved",
    {
        "zh-Hans": "{before}的接访改到{day}{at}，{leader}在{place}等您，预约号{number}不变。不来请回“取消预约”。",
        "zh-Hant": "{before}的接訪改到{day}{at}，{leader}在{place}等您，預約號{number}不變。不來請回「取消預約」。",
        "en": "The reception of {before} is moved to {day} at {at}: {leader}, {place}. Booking {number} stays. Cannot "
        "come? Reply CANCEL BOOKING.",
    },
    {
        "zh-Hans": "{before}的接访改到{day}{at}，{leader}在{place}等您，预约号{number}不变。不来请打{phone}。",
        "zh-Hant": "{before}的接訪改到{day}{at}，{leader}在{place}等您，預約號{number}不變。不來請打{phone}。",
        "en": "The reception of {before} is moved to {day} at {at}: {leader}, {place}. Booking {number} stays. Cannot "
        "come? Call {phone}.",
    },
)
