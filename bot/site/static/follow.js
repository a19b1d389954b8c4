// Says when there is news on a matter that stands open, without touching what is being written.
"use strict";
(() => {
  const news = document.getElementById("news");
  if (!news) return;
  const EVERY_MS = 30000;
  let timer = 0;
  const look = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(news.dataset.mark, { cache: "no-store", credentials: "same-origin" });
      if (!answer.ok) { clearInterval(timer); return; }
      if (await answer.text() !== news.dataset.now) { clearInterval(timer); news.hidden = false; }
    } catch { /* no network just now; the next look may have one */ }
  };
  timer = setInterval(look, EVERY_MS);
  document.addEventListener("visibilitychange", () => { if (news.hidden) look(); });
})();
