"""What people do at the stand-in: write, press, block, delete topics. Each deed becomes an update for the bot."""

from collections.abc import Callable
from itertools import count

from tests.fakes.telegram_state import Chat, Json, Memory
from tests.fakes.telegram_updates import Updates

_FILE_KINDS = ("photo", "voice", "document", "video", "audio")


class People:
    """Mixed into ``FakeTelegram``: the hands of the citizens and of the staff."""

    memory: Memory
    updates: Updates
    me: Json
    now: Callable[[], int]
    _queries = count(1)

    def chat(self, chat_id: int, **changes: object) -> Chat:
        """The chat of that id, made when there is none; ``changes`` set its fields."""
        chat = self.memory.chats.setdefault(chat_id, Chat(chat_id, title=f"用户{chat_id}"))
        for name, value in changes.items():
            setattr(chat, name, value)
        return chat

    def group(self, chat_id: int, title: str = "热线群", *, forum: bool = False) -> Chat:
        """A supergroup the bot is a member of."""
        return self.chat(chat_id, kind="supergroup", title=title, forum=forum)

    def user_says(self, chat: int, text: str = "", **extra: object) -> int:
        """A person writes in their private chat; returns the update's id.

        ``extra`` goes into the message as it is (``location={"latitude": …}``), except ``reply_to``, the id of a
        message of the bot's.
        """
        return self._says(self.chat(chat), chat, text, extra)

    def group_message(self, group: int, user: int, text: str = "", **extra: object) -> int:
        """A member writes in a group; ``thread`` is the topic."""
        return self._says(self.memory.chats[group], user, text, extra)

    def _says(self, chat: Chat, user: int, text: str, extra: dict[str, object]) -> int:
        message = self._message(chat, user) | ({"text": text} if text else {})
        thread, reply_to = extra.pop("thread", None), extra.pop("reply_to", None)
        if thread is not None:
            message |= {"message_thread_id": thread, "is_topic_message": True}
        if isinstance(reply_to, int):
            message["reply_to_message"] = chat.messages.get(reply_to, {"message_id": reply_to})
        message |= extra
        chat.messages[int(message["message_id"])] = message
        place = f"{chat.id}/{thread}" if thread else str(chat.id)
        shown = text or ", ".join(key for key in extra) or "(nothing)"
        self.memory.transcript.append(f"{user} @ {place}: {shown}")
        return self.updates.add(chat.id, "message", message)

    def _message(self, chat: Chat, user: int) -> Json:
        return {
            "message_id": chat.next_id(),
            "date": self.now(),
            "chat": chat.as_json(),
            "from": self._user(user),
        }

    def _user(self, user: int) -> Json:
        known = self.memory.chats.get(user)
        language = known.language if known else "zh-hans"
        return {"id": user, "is_bot": False, "first_name": f"用户{user}", "language_code": language}

    def user_sends_file(self, chat: int, kind: str, content: bytes, *, name: str = "", caption: str = "") -> int:
        """A person sends a photo, voice, document, video or audio."""
        if kind not in _FILE_KINDS:
            raise ValueError(f"no such kind of file: {kind}")
        file_id = self.stores(content, kind)
        shown: Json = {"file_id": file_id, "file_unique_id": file_id, "file_size": len(content)}
        if kind == "photo":
            small = shown | {"file_id": "thumb", "file_size": 1, "width": 9, "height": 9}
            body: Json = {"photo": [small, shown | {"width": 900, "height": 900}]}
        else:
            body = {kind: shown | {"duration": 1} | ({"file_name": name} if name else {})}
        return self._says(self.chat(chat), chat, "", body | ({"caption": caption} if caption else {}))

    def stores(self, content: bytes, kind: str = "document") -> str:
        """A file on Telegram's side; returns its id."""
        file_id = f"file-{len(self.memory.files) + 1}"
        self.memory.files[file_id] = (f"{kind}s/{file_id}", content)
        return file_id

    def user_presses(self, chat: int, message_id: int, data: str, *, user: int | None = None) -> int:
        """A person presses a button that is really there."""
        message = self.memory.chats[chat].messages[message_id]
        keys = [key for row in message.get("reply_markup", {}).get("inline_keyboard", []) for key in row]
        label = next(key["text"] for key in keys if key.get("callback_data") == data)
        query = f"query-{next(self._queries)}"
        self.memory.open_queries.add(query)
        self.memory.transcript.append(f"{user or chat} @ {chat}: presses [{label}]")
        who = self._user(user or chat)
        body = {"id": query, "from": who, "message": message, "chat_instance": "1", "data": data}
        return self.updates.add(chat, "callback_query", body)

    def blocks(self, chat: int) -> int:
        """A person blocks the bot."""
        return self._membership(self.chat(chat, blocked=True), "member", "kicked")

    def unblocks(self, chat: int) -> int:
        """A person lets the bot in again."""
        return self._membership(self.chat(chat, blocked=False), "kicked", "member")

    def _membership(self, chat: Chat, old: str, new: str) -> int:
        body: Json = {"chat": chat.as_json(), "from": self._user(chat.id), "date": self.now()}
        for name, status in (("old_chat_member", old), ("new_chat_member", new)):
            body[name] = {"status": status, "user": self.me} | ({"until_date": 0} if status == "kicked" else {})
        return self.updates.add(chat.id, "my_chat_member", body)

    def repeats(self, times: int) -> None:
        """Every update goes to the webhook that many times, as after an answer that Telegram never saw."""
        self.updates.times = times

    def deletes_topic(self, group: int, thread: int) -> None:
        """A member deletes a topic; Telegram tells the bot nothing."""
        del self.memory.chats[group].topics[thread]

    def migrates(self, group: int, to: int) -> int:
        """A group becomes a supergroup with another id."""
        old = self.memory.chats[group]
        new = self.group(to, old.title, forum=old.forum)
        old.moved_to = new.id
        message = self._message(old, 1) | {"migrate_to_chat_id": to}
        return self.updates.add(group, "message", message)
