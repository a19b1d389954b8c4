"""To whoever booked a place on a reception day (接访日): the reminder one working day before."""

from notify.kinds.reception_fields import reception_kind

KIND = reception_kind(
    "reception_reminder",
    {
        "zh-Hans": "提醒：{day}{at}{leader}接访，请到{place}，预约号{number}。来不了请回“取消预约”。",
        "zh-Hant": "提醒：{day}{at}{leader}接訪，請到{place}，預約號{number}。來不了請回「取消預約」。",
        "en": "Reminder: {leader} receives you on {day} at {at}, {place}. Booking {number}. Cannot come? Reply CANCEL "
        "BOOKING.",
    },
    {
        "zh-Hans": "提醒：{day}{at}{leader}接访，请到{place}，预约号{number}。来不了请打{phone}。",
        "zh-Hant": "提醒：{day}{at}{leader}接訪，請到{place}，預約號{number}。來不了請打{phone}。",
        "en": "Reminder: {leader} receives you on {day} at {at}, {place}. Booking {number}. Cannot come? Call {phone}.",
    },
)
