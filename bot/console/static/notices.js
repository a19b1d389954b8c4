// The moving part of a notice's page: asked for again while something moves; the page itself when its state changes.
(() => {
  const every = 1000;
  const look = async () => {
    const old = document.getElementById("live");
    if (!old || !old.dataset.moving) return;
    try {
      const answer = await fetch(location.pathname.replace(/\/$/, "") + "/live", { headers: { Accept: "text/html" } });
      if (answer.ok && !answer.redirected) {
        const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
        if (found) {
          const writing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
          if ((found.dataset.state !== old.dataset.state || !found.dataset.moving) && !writing) return location.reload();
          old.replaceWith(document.importNode(found, true));
        }
      }
    } catch { /* away for a moment: asked again */ }
    setTimeout(look, every);
  };
  setTimeout(look, every);
})();
