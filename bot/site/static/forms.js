// Forms of the pages: what is typed survives a reload, characters are counted, photos shown and made smaller, uploads
// show how far they are. Everything works without this script; texts become text nodes, never HTML.
"use strict";
(() => {
  const LONGEST_SIDE = 2000, WORTH_SHRINKING = 600_000, SMALL_TYPES = ["image/jpeg", "image/png", "image/webp"];
  const all = (where, wanted) => [...where.querySelectorAll(wanted)];
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const key = (form) => `sunline-form-${form.dataset.keep}`;

  // --- what is typed is kept in this tab until it is sent ------------------------------------------------------
  const KEPT = "input[type=text], input[type=tel], input[type=radio], textarea, input[name=lat], input[name=lon]";
  function remember(form) {
    const values = {};
    for (const field of all(form, KEPT)) if (field.type !== "radio" || field.checked) values[field.name] = field.value;
    sessionStorage.setItem(key(form), JSON.stringify(values));
  }
  function restore(form) {
    const kept = JSON.parse(sessionStorage.getItem(key(form)) || "{}");
    let found = false;
    for (const field of all(form, KEPT)) {
      if (!(field.name in kept)) continue;
      if (field.type === "radio") { field.checked = field.value === kept[field.name]; continue; }
      if (field.value || !kept[field.name]) continue;
      field.value = kept[field.name];
      found = true;
    }
    const told = document.querySelector(".restored");
    if (told) told.hidden = !found;
  }

  // --- counting ------------------------------------------------------------------------------------------------
  function count(area) {
    const most = Number(area.dataset.most), length = [...area.value].length, shown = area.parentElement.querySelector(".left");
    const over = length > most;
    if (!shown) return;
    shown.textContent = over ? fill(area.dataset.over, { over: length - most }) : length > most / 2 ? fill(area.dataset.left, { left: most - length }) : "";
    shown.classList.toggle("over", over);
    const spoken = shown.nextElementSibling, words = over ? shown.textContent : "";
    if (spoken && spoken.textContent !== words) spoken.textContent = words;
  }

  // --- photos --------------------------------------------------------------------------------------------------
  // A photo of a camera is drawn anew whatever its size: where and when it was taken does not travel along unseen.
  async function smaller(file) {
    const camera = file.type === "image/jpeg";
    if (!SMALL_TYPES.includes(file.type) || (!camera && file.size < WORTH_SHRINKING)) return file;
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.85); });
      return blob && (camera || blob.size < file.size) ? new File([blob], `${file.name.replace(/\.\w+$/, "")}.jpg`, { type: "image/jpeg" }) : file;
    } catch { return file; }
  }
  const sized = (bytes) => (bytes >= 100000 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.ceil(bytes / 1000)} kB`);
  function pictures(form, texts) {
    const input = form.querySelector("input[type=file]"), list = form.querySelector("#chosen, .chosen"), fault = form.querySelector("#files-fault, .files-fault");
    if (!input || !list) return;
    const limit = Number(form.dataset.file) * 1e6, most = Number(form.dataset.files);
    let turn = 0;
    const show = () => {
      list.replaceChildren();
      for (const file of input.files) {
        const item = document.createElement("li"), name = document.createElement("span"), size = document.createElement("small");
        if (SMALL_TYPES.includes(file.type)) {
          const read = new FileReader(), picture = document.createElement("img");
          picture.alt = "";
          read.onload = () => { picture.src = read.result; };
          read.readAsDataURL(file);
          item.append(picture);
        }
        name.textContent = `${file.name} `;
        size.textContent = sized(file.size);
        name.append(size);
        item.append(name);
        list.append(item);
      }
      const large = [...input.files].find((file) => file.size > limit);
      const total = [...input.files].reduce((sum, file) => sum + file.size, 0), room = Number(form.dataset.form) * 1e6;
      const odd = large ? fill(texts.bad, { name: large.name }) : total > room ? texts.total : "";
      fault.textContent = input.files.length > most ? texts.many : odd;
      fault.hidden = !fault.textContent;
    };
    input.addEventListener("change", async () => {
      const mine = ++turn;
      show();
      const chosen = await Promise.all([...input.files].map(smaller));
      if (mine !== turn) return;
      const bag = new DataTransfer();
      for (const file of chosen) bag.items.add(file);
      input.files = bag.files;
      show();
    });
  }

  // --- where ---------------------------------------------------------------------------------------------------
  function place(form, texts) {
    const part = form.querySelector(".locate");
    if (!part || !navigator.geolocation) return;
    const [lat, lon] = ["lat", "lon"].map((name) => form.elements[name]), said = part.querySelector("[role=status]");
    const take = part.querySelector("[data-locate]"), leave = part.querySelector("[data-unlocate]");
    const show = () => {
      leave.hidden = !lat.value;
      said.textContent = lat.value ? fill(texts.located, { lat: Number(lat.value).toFixed(4), lon: Number(lon.value).toFixed(4) }) : "";
    };
    part.hidden = false;
    for (const one of all(form, ".unscripted")) one.hidden = true;
    take.addEventListener("click", () => {
      said.textContent = texts.locating;
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => { lat.value = coords.latitude.toFixed(6); lon.value = coords.longitude.toFixed(6); show(); remember(form); },
        () => { said.textContent = texts.lost; },
        { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 });
    });
    leave.addEventListener("click", () => { lat.value = lon.value = ""; show(); remember(form); take.focus(); });
    show();
  }

  // --- while somebody writes: the number to call, and answers that may be there already --------------------------
  function hints(form, texts) {
    const box = form.elements.text, alarm = form.querySelector(".alarm"), maybe = form.querySelector(".maybe");
    let timer = 0, asked = "";
    const ask = async () => {
      const kind = form.querySelector("[name=kind]:checked")?.value || "", text = box.value.slice(0, 1000);
      if (text.trim().length < 2 || asked === text + kind) return;
      asked = text + kind;
      const headers = { Accept: "application/json", "X-CSRF-Token": form.elements.csrf.value };
      const answer = await fetch(form.dataset.hints, { method: "POST", body: new URLSearchParams({ text, kind }), headers }).catch(() => null);
      if (!answer?.ok || asked !== text + kind) return;
      const found = await answer.json();
      const words = found.call ? fill(texts.danger, { call: found.call }) : "";
      alarm.hidden = !words;
      if (alarm.textContent.trim() !== words) alarm.firstElementChild.textContent = words;
      const list = maybe.querySelector("dl");
      list.replaceChildren();
      for (const one of found.answers) {
        const question = document.createElement("dt"), said = document.createElement("dd");
        question.textContent = one.question;
        said.textContent = one.answer;
        list.append(question, said);
      }
      maybe.hidden = !found.answers.length;
    };
    const later = () => { clearTimeout(timer); timer = setTimeout(ask, 700); };
    box.addEventListener("input", later);
    form.addEventListener("change", later);
    if (box.value) later();
  }

  // --- sending: once, with progress where there is something to upload -------------------------------------------
  function send(form, texts) {
    const said = form.querySelector(".progress"), input = form.querySelector("input[type=file]");
    form.addEventListener("submit", (event) => {
      const refused = form.querySelector("#files-fault:not([hidden]), .files-fault:not([hidden])");
      if (form.dataset.busy || refused) { event.preventDefault(); if (refused) input.focus(); return; }
      form.dataset.busy = "1";
      if (said) said.textContent = texts.sending || "";
      if (!input?.files.length) return;
      event.preventDefault();
      const call = new XMLHttpRequest();
      call.responseType = "document";
      call.upload.onprogress = (part) => { if (part.lengthComputable) said.textContent = fill(texts.part, { percent: Math.round((100 * part.loaded) / part.total) }); };
      call.onerror = () => { delete form.dataset.busy; said.textContent = texts.failed; };
      call.onload = () => {
        delete form.dataset.busy;
        if (call.status < 300 && new URL(call.responseURL).pathname !== location.pathname) { location.assign(call.responseURL); return; }
        const shown = call.response?.getElementById("main");
        if (call.status < 300 && shown && form.dataset.stay) { location.assign(call.responseURL); return; }
        if (!shown) { said.textContent = texts.failed; return; }
        document.getElementById("main").replaceWith(document.adoptNode(shown));
        start();
      };
      call.open("POST", form.getAttribute("action"));
      call.setRequestHeader("Accept", "text/html");
      call.send(new FormData(form));
    });
  }

  function start() {
    for (const one of all(document, "[data-sent]")) sessionStorage.removeItem(`sunline-form-${one.dataset.sent}`);
    for (const one of all(document, ".scripted")) one.hidden = false;
    for (const one of all(document, "[data-print]")) one.addEventListener("click", () => window.print());
    for (const form of all(document, "form[data-keep]")) {
      const texts = JSON.parse(form.dataset.texts || "{}");
      restore(form);
      form.addEventListener("input", () => remember(form));
      form.addEventListener("change", () => remember(form));
      pictures(form, texts);
      place(form, texts);
      if (form.dataset.hints) hints(form, texts);
      send(form, texts);
    }
    for (const one of all(document, "[data-forget]")) one.addEventListener("click", () => {
      for (const form of all(document, "form[data-keep]")) { sessionStorage.removeItem(key(form)); }
      location.assign(location.pathname);
    });
    for (const area of all(document, "textarea[data-most]")) { area.addEventListener("input", () => count(area)); count(area); }
    document.getElementById("summary")?.focus();
    const open = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (open && open.tagName === "DETAILS") open.open = true;
  }
  window.addEventListener("pageshow", (event) => { if (event.persisted) for (const form of all(document, "form[data-busy]")) delete form.dataset.busy; });
  for (const link of document.querySelectorAll(".finish")) link.addEventListener("submit", () => sessionStorage.clear());
  start();
})();
