// On top of pages that work without it: drafts, one send per click, live news, keyboard, counters.
"use strict";
(() => {
  const body = document.body;
  const csrf = body.dataset.csrf || "";
  const page = body.dataset.page || location.pathname;
  const one = (what, from = document) => from.querySelector(what);
  const all = (what, from = document) => [...from.querySelectorAll(what)];

  // --- drafts: what was typed survives a reload, a lost session, a crash of the browser
  const PREFIX = "sunline.draft:";
  const KEPT_MS = 3 * 24 * 3600 * 1000;
  const store = {
    read(key) { try { return JSON.parse(localStorage.getItem(key) || "null"); } catch { return null; } },
    write(key, value) { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* full or forbidden */ } },
    keys() { try { return Object.keys(localStorage).filter(key => key.startsWith(PREFIX)); } catch { return []; } },
    drop(key) { try { localStorage.removeItem(key); } catch { /* forbidden */ } },
  };
  const draftKey = field => PREFIX + (field.form ? new URL(field.form.action).pathname : page) + "#" + field.name;
  const ok = body.dataset.said === "ok";
  for (const key of store.keys()) {
    const kept = store.read(key);
    if (!kept || Date.now() - kept.at > KEPT_MS || (kept.sent && ok)) store.drop(key);
  }
  for (const field of all("textarea[data-draft]")) {
    const key = draftKey(field);
    const kept = store.read(key);
    if (kept && kept.text && field.value === field.defaultValue && field.value.trim() === "") {
      field.value = kept.text;
      const around = field.closest("details");
      if (around) around.open = true;
    }
    field.addEventListener("input", () => {
      if (field.value.trim()) store.write(key, { text: field.value, at: Date.now() }); else store.drop(key);
      sayTyping();
    });
  }
  document.addEventListener("submit", event => {
    const form = event.target;
    if (form.matches("[data-forget]")) { for (const key of store.keys()) store.drop(key); return; }
    for (const field of all("textarea[data-draft]", form)) {
      const key = draftKey(field), kept = store.read(key);
      if (kept) store.write(key, { ...kept, sent: true });
    }
    // One click, one send: the buttons rest until the answer is here.
    if (form.method === "post") setTimeout(() => {
      for (const button of all("button", form)) { button.setAttribute("aria-busy", "true"); button.disabled = true; }
    });
  });
  addEventListener("pageshow", event => {
    if (!event.persisted) return;
    for (const button of all("button[aria-busy]")) { button.removeAttribute("aria-busy"); button.disabled = false; }
    // Back after a move: the page may show what is no longer so.
    if (one("#changed")) one("#changed").hidden = false;
  });

  // --- printing
  for (const button of all("[data-print]")) { button.hidden = false; button.addEventListener("click", () => print()); }

  // --- counters
  for (const field of all("textarea[data-count]")) {
    const shown = document.createElement("span");
    shown.className = "counted";
    const count = () => { shown.textContent = `${[...field.value].length} / ${field.maxLength}`; };
    field.after(shown); field.addEventListener("input", count); count();
  }

  // --- whatever has to be read first gets the focus
  const first = one("[data-focus]");
  if (first) first.focus();

  // --- the menu is closed at first on a telephone
  const menu = one(".menu");
  if (menu && matchMedia("(max-width: 59.99rem)").matches) menu.open = false;
  for (const fold of all("[data-fold]")) if (matchMedia("(max-width: 44rem)").matches && !("used" in fold.dataset)) fold.open = false;

  // --- a line of a list opens wherever it is pressed, unless something of its own is
  document.addEventListener("click", event => {
    const row = event.target.closest("tr[data-href]");
    if (!row || event.target.closest("a, button, input, select, textarea, label, summary") || String(getSelection())) return;
    if (event.target.closest("td:has(input[data-choose])")) { one("input[data-choose]", row).click(); return; }
    location.assign(row.dataset.href);
  });

  // --- choosing several
  const boxes = all("input[data-choose]");
  const everything = all("input[data-choose-all]");
  const chosen = one("[data-chosen]");
  const tell = () => { if (chosen) chosen.textContent = boxes.filter(box => box.checked).length; };
  for (const each of everything) each.addEventListener("change", () => {
    for (const box of [...boxes, ...everything]) box.checked = each.checked;
    tell();
  });
  for (const box of boxes) box.addEventListener("change", tell);
  for (const shown of all("[data-scripted]")) shown.hidden = false;
  tell();

  // --- canned texts, and others that are put into a field
  for (const button of all("[data-insert]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const field = document.getElementById(button.dataset.into);
      if (!field) return;
      field.value = (field.value.trim() ? field.value.trimEnd() + "\n" : "") + button.dataset.insert;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      const blank = field.value.search(/[_＿]{3,}/);
      field.focus();
      if (blank >= 0) field.setSelectionRange(blank, blank + field.value.slice(blank).match(/^[_＿]+/)[0].length);
    });
  }

  // --- an answer that is held: the seconds left to take it back
  for (const held of all("[data-held-until]")) {
    const until = Date.parse(held.dataset.heldUntil), offset = Date.now() - Date.parse(held.dataset.now);
    const shown = one("[data-seconds]", held);
    const tick = () => {
      const left = Math.max(0, Math.ceil((until + offset - Date.now()) / 1000));
      if (shown) shown.textContent = left;
      if (left === 0) { clearInterval(timer); location.reload(); }
    };
    const timer = setInterval(tick, 500);
  }

  // --- live: who else is here, what changed
  let typedAt = 0;
  function sayTyping() {
    if (!csrf || Date.now() - typedAt < 8000) return;
    typedAt = Date.now();
    fetch("/console/live/typing", { method: "POST", headers: { "X-CSRF-Token": csrf }, body: new URLSearchParams({ page }) }).catch(() => {});
  }
  const others = one("#others"), changed = one("#changed");
  if (csrf && others && window.EventSource && !one("[data-still]")) {
    let source = null;
    const listen = () => {
      source = new EventSource("/console/live?page=" + encodeURIComponent(page));
      source.addEventListener("others", event => {
        const list = JSON.parse(event.data);
        others.textContent = list.join("　"); others.hidden = list.length === 0;
      });
      source.addEventListener("change", event => {
        const news = JSON.parse(event.data);
        one("span", changed).textContent = (page.includes(news.number) ? "" : news.number + " ") + news.said;
        changed.hidden = false;
        if (one("[data-refresh]") && !busy()) setTimeout(() => { if (!busy()) location.reload(); }, 400);
      });
    };
    const busy = () => boxes.some(box => box.checked) || /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName) || all("details[open]:not(.menu, .fold)").length > 0;
    listen();
    addEventListener("pagehide", () => source.close());
    addEventListener("pageshow", event => { if (event.persisted) listen(); });
  }

  // --- keyboard
  const help = one("#keys"), show = one("#show-keys");
  if (show) { show.hidden = false; show.addEventListener("click", () => help.showModal()); }
  const rows = all("tr[data-href]");
  let at = -1, before = "";
  const go = step => {
    if (!rows.length) return;
    if (at >= 0) rows[at].classList.remove("at");
    at = Math.min(rows.length - 1, Math.max(0, at + step));
    rows[at].classList.add("at"); rows[at].scrollIntoView({ block: "nearest" });
    const link = one("a", rows[at]); if (link) link.focus({ preventScroll: true });
  };
  const reach = what => {
    const found = one(what); if (!found) return;
    const around = found.closest("details"); if (around) around.open = true;
    found.focus(); found.scrollIntoView({ block: "center" });
  };
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog[open]")) return;
    const key = event.key, pair = before + key;
    before = key === "g" ? "g" : "";
    const deeds = {
      "?": () => help && help.showModal(), "/": () => reach("#find"), "gh": () => location.assign("/console"), "gq": () => location.assign("/console/tickets"),
      "j": () => go(1), "k": () => go(-1), "r": () => reach("[data-key=reply]"), "n": () => reach("[data-key=note]"),
      "x": () => { const box = at >= 0 && one("input[data-choose]", rows[at]); if (box) box.click(); },
    };
    const deed = deeds[pair] || deeds[key];
    if (deed) { event.preventDefault(); deed(); }
  });
})();
