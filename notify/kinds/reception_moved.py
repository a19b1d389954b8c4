"""To whoever booked a place on a reception day (接访日): the day is held on another one."""

from notify.kinds.reception_fields import reception_kind

KIND = reception_kind(
    "reception_moved",
    {
        "zh-Hans": "接访改期：{before}改到{day}{at}，在{place}。预约号{number}不变。来不了请回“取消预约”。",
        "zh-Hant": "接訪改期：{before}改到{day}{at}，在{place}。預約號{number}不變。來不了請回「取消預約」。",
        "en": "The reception of {before} moves to {day} at {at}, {place}. Booking {number} stays. Cannot come? "
        "Reply CANCEL BOOKING.",
    },
    {
        "zh-Hans": "接访改期：{before}改到{day}{at}，在{place}。预约号{number}不变。来不了请打{phone}。",
        "zh-Hant": "接訪改期：{before}改到{day}{at}，在{place}。預約號{number}不變。來不了請打{phone}。",
        "en": "The reception of {before} moves to {day} at {at}, {place}. Booking {number} stays. Cannot come? "
        "Call {phone}.",
    },
)
