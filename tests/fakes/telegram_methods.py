"""The Bot API's methods that the stand-in knows, with Telegram's own words where it refuses."""

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from core.text import utf16_length
from tests.fakes.telegram_markup import MarkupError, plain
from tests.fakes.telegram_state import ApiError, Chat, Json, Memory, Post
from tests.fakes.telegram_updates import Updates

Upload = tuple[str, bytes]
"""File name and content of a part of a multipart request."""

DOCUMENT_BYTES = 50 * 1024 * 1024
DOWNLOAD_BYTES = 20 * 1024 * 1024


class Methods:
    """One public coroutine for each method; parameters come as the strings they were sent as."""

    def __init__(self, memory: Memory, updates: Updates, me: Json, *, any_chat: bool, now: Callable[[], int]) -> None:
        self._memory = memory
        self._updates = updates
        self._me = me
        self._any_chat = any_chat
        self._now = now
        self.table: dict[str, Callable[[Json], Awaitable[Any]]] = {
            "getme": self._get_me,
            "sendmessage": self._send_message,
            "sendphoto": lambda params: self._send_file("photo", params),
            "senddocument": lambda params: self._send_file("document", params),
            "sendvoice": lambda params: self._send_file("voice", params),
            "getupdates": self._get_updates,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._webhook_info,
            "answercallbackquery": self._answer_callback,
            "editmessagetext": self._edit_text,
            "editmessagereplymarkup": self._edit_markup,
            "setmycommands": self._set_commands,
            "createforumtopic": self._create_topic,
            "getfile": self._get_file,
        }

    async def call(self, name: str, params: Json) -> Any:
        """The result of a method, whose name is not case-sensitive; raises ApiError."""
        method = self.table.get(name.lower())
        if method is None:
            raise ApiError(404, "Not Found")
        return await method(params)

    async def _get_me(self, params: Json) -> Json:
        return self._me

    # --- sending ---------------------------------------------------------------------------------------------

    def _chat(self, params: Json) -> Chat:
        raw = str(params.get("chat_id", ""))
        if not raw:
            raise ApiError(400, "Bad Request: chat_id is empty")
        number = int(raw) if raw.lstrip("-").isdigit() else 0
        chat = self._memory.chats.get(number)
        if chat is None and self._any_chat and number > 0:
            chat = self._memory.chats[number] = Chat(number, title=f"用户{number}")
        if chat is None:
            raise ApiError(400, "Bad Request: chat not found")
        if chat.moved_to is not None:
            raise ApiError(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                {"migrate_to_chat_id": chat.moved_to},
            )
        for wrong, why in (
            (chat.blocked, "bot was blocked by the user"),
            (chat.deactivated, "user is deactivated"),
            (chat.kicked, "bot was kicked from the supergroup chat"),
        ):
            if wrong:
                raise ApiError(403, f"Forbidden: {why}")
        return chat

    def _thread(self, chat: Chat, params: Json) -> int | None:
        raw = params.get("message_thread_id")
        if not raw:
            return None
        if int(raw) not in chat.topics:
            raise ApiError(400, "Bad Request: message thread not found")
        return int(raw)

    async def _send_message(self, params: Json) -> Json:
        chat = self._chat(params)
        text = self._text(params, "text", 4096, "message is too long")
        if not text:
            raise ApiError(400, "Bad Request: message text is empty")
        return self._post(chat, params, {"text": text}, Post(chat.id, 0, text))

    async def _send_file(self, kind: str, params: Json) -> Json:
        chat = self._chat(params)
        name, content = self._upload(kind, params)
        caption = self._text(params, "caption", 1024, "message caption is too long")
        if not content:
            raise ApiError(400, "Bad Request: file must be non-empty")
        if len(content) > DOCUMENT_BYTES:
            raise ApiError(413, "Request Entity Too Large")
        file_id = f"file-{len(self._memory.files) + 1}"
        self._memory.files[file_id] = (f"{kind}s/{file_id}", content)
        shown: Json = {"file_id": file_id, "file_unique_id": file_id, "file_size": len(content)}
        if kind == "photo":
            body: Json = {"photo": [shown | {"width": 90, "height": 90}]}
        else:
            body = {kind: shown | ({"duration": 1} if kind == "voice" else {"file_name": name})}
        body |= {"caption": caption} if caption else {}
        post = Post(chat.id, 0, caption, file=name, content=content, method=f"send{kind.title()}")
        return self._post(chat, params, body, post)

    def _upload(self, kind: str, params: Json) -> Upload:
        reference = str(params.get(kind, ""))
        uploads: dict[str, Upload] = params.get("_files", {})
        key = reference.removeprefix("attach://") if reference.startswith("attach://") else kind
        if key in uploads:
            return uploads[key]
        if reference in self._memory.files:
            return self._memory.files[reference]
        raise ApiError(400, f"Bad Request: there is no {kind} in the request")

    def _text(self, params: Json, field: str, limit: int, too_long: str) -> str:
        text = str(params.get(field, ""))
        if mode := str(params.get("parse_mode", "")):
            try:
                text = plain(text, mode)
            except MarkupError as error:
                raise ApiError(400, f"Bad Request: can't parse entities: {error}") from error
        text = text.strip()
        if utf16_length(text) > limit:
            raise ApiError(400, f"Bad Request: {too_long}")
        return text

    def _post(self, chat: Chat, params: Json, body: Json, post: Post) -> Json:
        thread = self._thread(chat, params)
        keyboard = _keyboard(params)
        number = chat.next_id()
        message = {"message_id": number, "date": self._now(), "chat": chat.as_json(), "from": self._me} | body
        if thread is not None:
            message |= {"message_thread_id": thread, "is_topic_message": True}
        if keyboard:
            message["reply_markup"] = {"inline_keyboard": keyboard}
        chat.messages[number] = message
        buttons = tuple((key["text"], key.get("callback_data", "")) for row in keyboard for key in row)
        mode = str(params.get("parse_mode", ""))
        self._memory.posts.append(
            Post(chat.id, number, post.text, buttons, post.file, post.content, thread, post.method, mode)
        )
        place = f"{chat.id}/{thread}" if thread else str(chat.id)
        extra = "".join(f" [{label}]" for label, _ in buttons) + (f" <{post.file}>" if post.file else "")
        self._memory.transcript.append(f"bot → {place}: {post.text}{extra}")
        return message

    # --- editing and answering -------------------------------------------------------------------------------

    def _message(self, params: Json) -> Json:
        found = self._chat(params).messages.get(int(params.get("message_id", 0)))
        if found is None:
            raise ApiError(400, "Bad Request: message to edit not found")
        return found

    async def _edit_text(self, params: Json) -> Json:
        message = self._message(params)
        text = self._text(params, "text", 4096, "message is too long")
        keyboard = _keyboard(params)
        if text == message.get("text") and keyboard == _shown_keyboard(message):
            raise ApiError(400, "Bad Request: message is not modified")
        return _set_keyboard(message | {"text": text}, keyboard, message)

    async def _edit_markup(self, params: Json) -> Json:
        message = self._message(params)
        keyboard = _keyboard(params)
        if keyboard == _shown_keyboard(message):
            raise ApiError(400, "Bad Request: message is not modified")
        return _set_keyboard(message, keyboard, message)

    async def _answer_callback(self, params: Json) -> bool:
        query = str(params.get("callback_query_id", ""))
        if query not in self._memory.open_queries:
            raise ApiError(
                400,
                "Bad Request: query is too old and response timeout expired or query ID is invalid",
            )
        self._memory.open_queries.discard(query)
        self._memory.answered_queries.append(query)
        return True

    # --- updates and set-up ----------------------------------------------------------------------------------

    async def _get_updates(self, params: Json) -> list[Json]:
        return await self._updates.poll(
            int(params.get("offset", 0)), int(params.get("limit", 100)), float(params.get("timeout", 0))
        )

    async def _set_webhook(self, params: Json) -> bool:
        url, secret = str(params.get("url", "")), str(params.get("secret_token", ""))
        if url and not url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
            raise ApiError(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
            raise ApiError(400, "Bad Request: secret token contains unallowed characters")
        self._drop(params)
        self._updates.set_webhook(url, secret, int(params.get("max_connections", 40)))
        return True

    async def _delete_webhook(self, params: Json) -> bool:
        self._drop(params)
        self._updates.set_webhook("", "", 40)
        return True

    def _drop(self, params: Json) -> None:
        if str(params.get("drop_pending_updates", "")).lower() == "true":
            self._updates.pending.clear()

    async def _webhook_info(self, params: Json) -> Json:
        hook = self._updates.webhook
        info: Json = {"url": hook.url, "has_custom_certificate": False}
        info["pending_update_count"] = len(self._updates.pending)
        return info | ({"last_error_message": hook.last_error} if hook.last_error else {})

    async def _set_commands(self, params: Json) -> bool:
        language = str(params.get("language_code", ""))
        if not re.fullmatch(r"([a-z]{2})?", language):
            raise ApiError(400, "Bad Request: invalid language code specified")
        commands = json.loads(params.get("commands", "[]"))
        for command in commands:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
                raise ApiError(400, "Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= len(command["description"]) <= 256:
                raise ApiError(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        self._memory.commands[language] = commands
        return True

    async def _create_topic(self, params: Json) -> Json:
        chat = self._chat(params)
        name = str(params.get("name", ""))
        if not chat.forum:
            raise ApiError(400, "Bad Request: the chat is not a forum")
        if not 1 <= utf16_length(name) <= 128:
            raise ApiError(400, "Bad Request: TOPIC_TITLE_INVALID")
        thread = chat.next_id()
        chat.topics[thread] = name
        return {"message_thread_id": thread, "name": name, "icon_color": 7322096}

    async def _get_file(self, params: Json) -> Json:
        file_id = str(params.get("file_id", ""))
        if file_id not in self._memory.files:
            raise ApiError(400, "Bad Request: invalid file_id")
        path, content = self._memory.files[file_id]
        if len(content) > DOWNLOAD_BYTES:
            raise ApiError(400, "Bad Request: file is too big")
        size = {} if self._memory.hide_sizes else {"file_size": len(content)}
        return {"file_id": file_id, "file_unique_id": file_id, "file_path": path} | size


def _keyboard(params: Json) -> list[list[Json]]:
    raw = params.get("reply_markup")
    if not raw:
        return []
    rows: list[list[Json]] = (json.loads(raw) if isinstance(raw, str) else raw).get("inline_keyboard", [])
    keys = [key for row in rows for key in row]
    if len(keys) > 100:
        raise ApiError(400, "Bad Request: reply markup is too long")
    for key in keys:
        if not key.get("text", "").strip():
            raise ApiError(400, "Bad Request: inline keyboard button text is empty")
        if "url" not in key and not 1 <= len(key.get("callback_data", "").encode()) <= 64:
            raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")
    return rows


def _shown_keyboard(message: Json) -> list[list[Json]]:
    rows: list[list[Json]] = message.get("reply_markup", {}).get("inline_keyboard", [])
    return rows


def _set_keyboard(edited: Json, keyboard: list[list[Json]], message: Json) -> Json:
    edited.pop("reply_markup", None)
    if keyboard:
        edited["reply_markup"] = {"inline_keyboard": keyboard}
    message.clear()
    message.update(edited)
    return message
