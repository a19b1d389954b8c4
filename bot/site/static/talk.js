// Shared by chat and demo phones: live lines, times in words, small helpers. Texts become text nodes, never HTML.
"use strict";
const Talk = {
  newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  },
  async post(path, fields, csrf) {
    const body = new URLSearchParams(fields);
    const headers = { Accept: "application/json", "X-CSRF-Token": csrf };
    return fetch(path, { method: "POST", body, headers, credentials: "same-origin" });
  },
  when(at, texts) {
    const minutes = Math.floor((Date.now() - at) / 60000);
    if (minutes < 1) return texts.now;
    return minutes < 60 ? texts.minutes.replace("{minutes}", minutes) : null;
  },
  retell(texts) {
    for (const time of document.querySelectorAll("time")) {
      const words = Talk.when(Date.parse(time.dateTime), texts);
      if (words) time.textContent = words;
      else if (time.dataset.clock) time.textContent = time.dataset.clock;
    }
  },
  stamp(time, at, texts, locale) {
    const date = new Date(at);
    time.dateTime = at;
    time.title = date.toLocaleString(locale, { hour12: false });
    time.dataset.clock = date.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", hour12: false });
    time.textContent = Talk.when(date.getTime(), texts) || time.dataset.clock;
  },
  // Opens the stream again whenever it is lost; `on` holds what to do with each kind of event.
  live(address, on) {
    let source = null, timer = 0, lost = 0;
    const open = () => {
      clearTimeout(timer);
      if (source) source.close();
      source = new EventSource(address());
      for (const [kind, act] of Object.entries(on.events)) source.addEventListener(kind, (event) => act(JSON.parse(event.data)));
      source.onopen = () => { clearTimeout(lost); lost = 0; on.state(true); };
      source.onerror = () => {
        lost = lost || setTimeout(() => on.state(false), 2500);
        if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, 4000 + Math.random() * 3000);
      };
    };
    open();
    window.addEventListener("online", open);
    window.addEventListener("offline", () => on.state(false));
    return { open, close() { clearTimeout(timer); clearTimeout(lost); source.close(); } };
  },
};
