// The web chat: sends without leaving the page, shows answers as they come. Without it the page is plain forms.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const chat = $("chat"), log = $("log"), box = $("box"), composer = $("composer"), state = $("state");
  const texts = JSON.parse(chat.dataset.texts), locale = document.documentElement.lang;
  const limit = Number(chat.dataset.max), DRAFT = "sunline-draft", BEGUN = "sunline-begun";
  let csrf = chat.dataset.csrf, outdated = false, stream = null, waitTimer = 0, sending = 0, sentAt = 0, noted = Date.now(), draftId = Talk.newId();

  const lines = () => [...log.querySelectorAll(".line:not(.hello)")];
  const known = new Set(lines().map((line) => line.dataset.id));

  // --- what is shown -----------------------------------------------------------------------------------------
  function mark() {
    const all = lines();
    const from = all.findLastIndex((line) => line.classList.contains("you"));
    all.forEach((line, place) => line.classList.toggle("last", place > from));
  }

  function add(line) {
    const shown = $(`line-${line.who}`).content.firstElementChild.cloneNode(true);
    shown.dataset.id = line.id;
    shown.querySelector(".text").textContent = line.text.trim() || texts.empty;
    Talk.stamp(shown.querySelector("time"), line.at, texts, locale);
    if (!line.automatic) shown.querySelector(".auto")?.remove();
    const form = shown.querySelector("form");
    if (form) {
      const model = form.querySelector("button");
      for (const choice of line.choices || []) {
        const button = model.cloneNode();
        button.value = choice.value;
        button.textContent = choice.label;
        form.append(button);
      }
      model.remove();
      if (!line.choices?.length) form.remove();
    }
    log.append(shown);
    mark();
    return shown;
  }

  function comeIntoView(shown) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    shown.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
  }

  function wait(on) {
    clearTimeout(waitTimer);
    state.className = on ? "dots" : "";
    state.textContent = on ? texts.typing : "";
    if (on) waitTimer = setTimeout(() => { state.className = ""; state.textContent = texts.slow; }, 15000);
  }

  function refuse(sentence) {
    $("refusal").textContent = sentence || "";
    $("refusal").hidden = !sentence;
  }

  function net(sentence) {
    $("net").textContent = sentence || "";
    $("net").hidden = !sentence;
  }

  // --- answers -----------------------------------------------------------------------------------------------
  let toTell = [], telling = 0;
  function acknowledge(id) {
    toTell.push(id);
    clearTimeout(telling);
    telling = setTimeout(() => {
      const ids = toTell.splice(0, 100);
      Talk.post("/chat/seen", ids.map((one) => ["ids", one]), csrf).catch(() => { toTell.push(...ids); });
    }, 150);
  }

  function receive(line) {
    acknowledge(line.id);
    if (known.has(line.id)) return;
    known.add(line.id);
    wait(false);
    comeIntoView(add(line));
  }

  function listen() {
    if (stream) return;
    $("end-talk").hidden = false;
    for (const field of document.querySelectorAll("input[name=csrf]")) field.value = csrf;
    stream = Talk.live(
      () => {
        const shown = [...known].filter((id) => !id.startsWith("in-") && !id.startsWith("my-")).sort();
        return `/chat/stream?after=${shown.at(-1) || ""}`;
      },
      {
        events: {
          line: receive,
          idle: (news) => { $("idle").hidden = !news.soon; },
          ended: (news) => { sessionStorage.removeItem(DRAFT); box.value = ""; stream.close(); location.replace(`/?ended=${news.why}`); },
        },
        state: (up) => net(up ? "" : navigator.onLine ? texts.again : texts.offline),
      });
  }

  // --- sending -----------------------------------------------------------------------------------------------
  async function deliver(fields) {
    if (!outdated) {
      const answer = await Talk.post("/chat/send", fields, csrf);
      if (answer.status !== 403) return answer;
    }
    const token = await fetch("/chat/token", { headers: { Accept: "application/json" } });
    csrf = (await token.json()).csrf;
    outdated = true;
    return Talk.post("/chat/send", fields, csrf);
  }

  // Another tab began a talk while this one had none: ask for its token before sending, and show all of it after.
  window.addEventListener("storage", (event) => { if (event.key === BEGUN && !stream) outdated = true; });

  async function say(text, choice, label) {
    refuse("");
    if (text.length > limit && [...text].length > limit) { refuse(texts.BadInput); return false; }
    const typed = !choice && label === undefined;
    const id = typed ? draftId : Talk.newId();
    const shown = add({ id: `my-${id}`, who: "you", text: label ?? text, at: new Date().toISOString() });
    shown.classList.add("pending");
    comeIntoView(shown);
    wait(true);
    sending += 1;
    try {
      const answer = await deliver({ text: choice ? "" : text, choice: choice || "", id });
      const body = await answer.json();
      if (!answer.ok) throw Object.assign(new Error(body.error), { sentence: texts[body.error] });
      csrf = body.csrf;
      if (outdated && !stream) { sessionStorage.removeItem(DRAFT); location.reload(); return true; }
      if (!stream) localStorage.setItem(BEGUN, id);
      shown.classList.remove("pending");
      document.querySelector(".first")?.remove();
      if (typed) draftId = Talk.newId();
      listen();
      return true;
    } catch (error) {
      shown.remove();
      mark();
      wait(false);
      refuse(error.sentence || texts.failed);
      return false;
    } finally {
      sending -= 1;
    }
  }

  async function sendBox() {
    const text = box.value;
    if (sending || (!text.trim() && Date.now() - sentAt < 1500)) return; // the second half of a double click
    sentAt = Date.now();
    if ([...text].length > limit) { refuse(texts.BadInput); return; }
    box.value = "";
    if (await say(text)) {
      sentAt = Date.now();
      sessionStorage.removeItem(DRAFT);
      if (box.value) keepDraft();
    } else {
      box.value = box.value ? `${text}\n${box.value}` : text;
      keepDraft();
    }
  }

  document.addEventListener("submit", (event) => {
    if (event.target.closest(".end")) { sessionStorage.removeItem(DRAFT); return; }
    if (!event.target.classList.contains("say")) return;
    event.preventDefault();
    const button = event.submitter;
    if (event.target === composer) { sendBox(); return; }
    if (!button || sending) return;
    if (button.name === "choice") press(button);
    else { box.focus({ preventScroll: true }); say(button.value, "", button.value); }
  });

  async function press(button) {
    const label = button.firstChild.textContent;
    if (!await say("", button.value, label) || button.classList.contains("taken")) return;
    const tick = document.createElement("span"), words = document.createElement("span");
    tick.className = "mark";
    tick.textContent = " ✓";
    words.className = "unseen";
    words.textContent = texts.taken;
    tick.append(words);
    button.classList.add("taken");
    button.append(tick);
  }

  // --- the box -----------------------------------------------------------------------------------------------
  function keepDraft() {
    if (box.value) sessionStorage.setItem(DRAFT, box.value);
    else sessionStorage.removeItem(DRAFT);
  }

  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    composer.requestSubmit();
  });
  box.addEventListener("input", () => {
    keepDraft();
    refuse([...box.value].length > limit ? texts.BadInput : "");
    if (stream && Date.now() - noted > 60000) stay();
  });

  function stay() {
    noted = Date.now();
    $("idle").hidden = true;
    Talk.post("/chat/keep", {}, csrf).catch(() => {});
  }
  $("keep").addEventListener("click", () => { stay(); box.focus(); });

  // Nothing that comes into view may end up behind the box (WCAG 2.2, 2.4.11), however tall it is just now.
  new ResizeObserver(() => {
    const stuck = getComputedStyle(composer).position === "sticky";
    document.documentElement.style.scrollPaddingBottom = stuck ? `${composer.offsetHeight + 16}px` : "1rem";
  }).observe(composer);

  // --- start -------------------------------------------------------------------------------------------------
  if (!box.value) box.value = sessionStorage.getItem(DRAFT) || "";
  for (const line of lines()) if (line.classList.contains("office")) acknowledgeLater(line);
  function acknowledgeLater(line) { if (chat.dataset.live) acknowledge(line.dataset.id); }
  mark();
  setInterval(() => Talk.retell(texts), 30000);
  if (chat.dataset.live) listen();
  if (chat.dataset.waiting) wait(true);
  const last = lines().at(-1);
  if (last) requestAnimationFrame(() => requestAnimationFrame(() => last.scrollIntoView({ block: "nearest" })));
})();
