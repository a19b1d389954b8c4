"""Short names for choices where every character costs: a question's matter without its asking. Pure."""

import re

_ASIDE = re.compile(r"[（(][^（()）]*[)）]")
_ASKING = re.compile(
    r"怎么样才能|怎么才能|该怎么|应该怎么|应如何|该如何|怎么办理|如何办理|怎么|怎样|如何|请问|可以|能不能|是不是|[？?吗呢]"
)
_CLAUSE = re.compile(r"[，,；;。]")


def short_label(question: str, room: int) -> str:
    """What a question is about in at most ``room`` characters: ``居民医保怎么缴费？`` → ``居民医保缴费``.

    Brackets go first, then the second clause, then the words of asking; what is still too long is cut.
    """
    plain = _ASIDE.sub("", question).strip()
    if len(plain) > room:
        plain = _CLAUSE.split(plain)[0] or plain
    shorter = _ASKING.sub("", plain).strip()
    return (shorter if len(shorter) > 1 else plain)[:room].rstrip("、 ")


def short_labels(questions: tuple[str, ...], room: int) -> tuple[str, ...]:
    """Short names that still differ from one another; those that would be alike keep more of their words."""
    labels = [short_label(question, room) for question in questions]
    return tuple(
        label if labels.count(label) == 1 else question[: room * 2]
        for label, question in zip(labels, questions, strict=True)
    )
