// The demo's pretend telephones: several handsets, one stream of texts for all of them.
"use strict";
(() => {
  const page = document.getElementById("phones"), net = document.getElementById("net");
  const texts = JSON.parse(page.dataset.texts), locale = document.documentElement.lang, csrf = page.dataset.csrf;
  const handsets = new Map([...document.querySelectorAll(".handset")].map((one) => [one.dataset.number, one]));
  const known = new Set([...document.querySelectorAll(".sms.office")].map((sms) => sms.dataset.id));

  // How many segments a text costs: 3GPP TS 23.038, as core/text.py counts them.
  const BASIC = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
  const EXTENSION = "\f^{}\\[~]|€";
  function measure(text) {
    const chars = [...text];
    const plain = chars.every((char) => BASIC.includes(char) || EXTENSION.includes(char));
    const [single, joined] = plain ? [160, 153] : [70, 67];
    const costs = chars.map((char) => (plain ? (EXTENSION.includes(char) ? 2 : 1) : char.length));
    const units = costs.reduce((sum, cost) => sum + cost, 0);
    if (units <= single) return { units, room: single, segments: 1 };
    let segments = 1, used = 0;
    for (const cost of costs) {
      if (used + cost > joined) { segments += 1; used = 0; }
      used += cost;
    }
    return { units, room: segments * joined, segments };
  }

  function fill(template, values) {
    return template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  function count(box) {
    box.form.querySelector(".units").textContent = box.value ? fill(texts.count, measure(box.value)) : "";
  }

  function show(number, line) {
    const thread = handsets.get(number)?.querySelector(".thread");
    if (!thread) return null;
    const sms = document.getElementById("sms").content.firstElementChild.cloneNode(true);
    sms.classList.add(line.who);
    sms.dataset.id = line.id;
    sms.querySelector(".text").textContent = line.text;
    Talk.stamp(sms.querySelector("time"), line.at, texts, locale);
    if (line.who === "office") {
      sms.querySelector(".count").textContent = fill(texts.segments, line);
      sms.querySelector(".receipt").textContent = texts.sent;
    } else sms.querySelector(".more").remove();
    thread.querySelector(".none").hidden = true;
    thread.append(sms);
    thread.scrollTop = thread.scrollHeight;
    return sms;
  }

  function delivered(id) {
    const receipt = document.querySelector(`.sms[data-id="${id}"] .receipt`);
    if (receipt) receipt.textContent = texts.delivered;
  }

  let toTell = [], telling = 0;
  function acknowledge(id) {
    toTell.push(id);
    clearTimeout(telling);
    telling = setTimeout(() => {
      const shown = toTell.splice(0, 100);
      const numbers = [...handsets.keys()].map((number) => ["number", number]);
      Talk.post("/phone/seen", [...numbers, ...shown.map((one) => ["ids", one])], csrf)
        .then((answer) => { if (answer.ok) shown.forEach(delivered); })
        .catch(() => { toTell.push(...shown); });
    }, 150);
  }

  function receive(line) {
    acknowledge(line.id);
    if (known.has(line.id)) return;
    known.add(line.id);
    show(line.peer, line);
  }

  async function send(form) {
    const box = form.elements.text, refusal = form.querySelector(".refusal"), text = box.value;
    if (!text.trim() || form.dataset.busy) return;
    form.dataset.busy = "1";
    refusal.hidden = true;
    const id = form.dataset.draft || (form.dataset.draft = Talk.newId());
    const sms = show(form.elements.number.value, { who: "you", id: `my-${id}`, text, at: new Date().toISOString() });
    sms.classList.add("pending");
    box.value = "";
    count(box);
    try {
      const answer = await Talk.post("/phone/send", { number: form.elements.number.value, text, id }, csrf);
      if (!answer.ok) throw new Error(answer.statusText);
      sms.classList.remove("pending");
      delete form.dataset.draft;
    } catch {
      sms.remove();
      box.value = text;
      count(box);
      refusal.textContent = texts.failed;
      refusal.hidden = false;
    }
    delete form.dataset.busy;
  }

  for (const handset of handsets.values()) {
    const form = handset.querySelector("form"), box = form.elements.text, thread = handset.querySelector(".thread");
    thread.scrollTop = thread.scrollHeight;
    form.addEventListener("submit", (event) => { event.preventDefault(); send(form); });
    box.addEventListener("input", () => count(box));
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      form.requestSubmit();
    });
  }
  const numbers = [...handsets.keys()].map((number) => `n=${encodeURIComponent(number)}`).join("&");
  Talk.live(() => `/phone/stream?${numbers}&after=${[...known].sort().at(-1) || ""}`, {
    events: { line: receive },
    state: (up) => { net.hidden = up; net.textContent = up ? "" : navigator.onLine ? texts.again : texts.offline; },
  });
  setInterval(() => Talk.retell(texts), 30000);
})();
