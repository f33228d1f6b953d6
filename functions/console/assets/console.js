// What htmx does not do by itself. The page works without it, and without htmx.
(() => {
  "use strict";
  const stale = () => document.getElementById("stale");

  // A page that nobody sees asks for nothing; `visibilitychange` makes it ask at once when it is seen again.
  document.addEventListener("htmx:before:request", (event) => {
    if (document.hidden) event.preventDefault();
  });

  // An answer that did not come leaves the last state on the page, so the page has to say that it is the last one.
  const tell = (hidden) => {
    const notice = stale();
    if (notice) notice.hidden = hidden;
  };
  document.addEventListener("htmx:error", () => tell(false));
  document.addEventListener("htmx:response:error", () => tell(false));
  document.addEventListener("htmx:after:request", (event) => {
    const status = event.detail?.ctx?.response?.status ?? 0;
    if (status > 0 && status < 400) tell(true);
  });

  // A button that was pressed once is not pressed twice.
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) {
      event.preventDefault();
      return;
    }
    event.target.dataset.sent = "yes";
    event.target.querySelector("button")?.setAttribute("aria-busy", "true");
  });
  // A page that comes back from the browser's history is used anew.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      form.querySelector("button")?.removeAttribute("aria-busy");
    }
  });
})();
