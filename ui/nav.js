// Links inside the app change the page without a reload: the address changes, and the app's own
// handler of the browser's history runs the page for it. Without this script they still work.
(() => {
  // Pages lie one level below the root; without this the front end first looks for itself there.
  const root = `${location.origin}/`;
  window.__streamlit = { BACKEND_BASE_URL: root, MAIN_PAGE_BASE_URL: root };
  // A link to a part of a page goes there once that part is shown, and again while what stands
  // above it still grows, until the reader moves.
  let goal = location.hash.slice(1);
  let moved = false;
  for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) {
    addEventListener(kind, () => { moved = true; }, { passive: true });
  }
  const arrive = () => {
    const name = goal;
    if (!name || !document.getElementById(name)) return;
    goal = "";
    moved = false;
    const go = () => {
      const part = moved ? null : document.getElementById(name);
      part?.scrollIntoView({ block: part.dataset.block || "start" });
    };
    for (const wait of [0, 400, 1000, 2000, 3500]) setTimeout(go, wait);
  };
  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (menu !== except) menu.removeAttribute("open");
    }
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-nav]");
    closeMenus(event.target.closest?.("details.menu"));
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
    if (!link || !plain) return;
    const address = new URL(link.href, document.baseURI);
    if (address.origin !== location.origin) return;
    event.preventDefault();
    closeMenus(null);
    history.pushState({}, "", address);
    dispatchEvent(new PopStateEvent("popstate", { state: {} }));
    if (!link.closest("[data-keep]")) scrollTo(0, 0);
    goal = address.hash.slice(1);
    if (innerWidth <= 768 && link.closest('[data-testid="stSidebar"]')) {
      document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
    }
  });
  // A form of the frame changes one part of the address, as its links do.
  document.addEventListener("submit", (event) => {
    const form = event.target.closest?.("form[data-nav]");
    if (!form) return;
    event.preventDefault();
    const address = new URL(form.getAttribute("action"), document.baseURI);
    for (const input of form.querySelectorAll("input[data-part]")) {
      if (input.value) address.searchParams.set(input.dataset.part, input.value);
    }
    if (address.origin !== location.origin) return;
    closeMenus(null);
    history.pushState({}, "", address);
    dispatchEvent(new PopStateEvent("popstate", { state: {} }));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.menu[open]");
    if (menu) {
      menu.removeAttribute("open");
      menu.querySelector("summary")?.focus();
    }
  });
  // The front end's own controls speak English only: the page brings the words that take their
  // place, pairs of what is found and what is said; what stands in braces is kept.
  const CONTROLS = [
    "stFileUploader", "stMainMenu", "stMainMenuPopover", "stElementToolbar", "stSidebar",
    "stSidebarCollapseButton", "stExpandSidebarButton", "stSelectbox", "stTextInput", "stTextArea",
    "stDialog", "stTooltipContent", "stSkipToContent",
  ].map((id) => `[data-testid="${id}"]`).concat("[role=dialog]", "[role=listbox]").join();
  const NAMES = ["aria-label", "title", "placeholder"];
  let spoken = "";
  let whole = new Map();
  let patterns = [];
  const learn = (words) => {
    spoken = words;
    const pairs = JSON.parse(words);
    whole = new Map(pairs.filter(([found]) => !found.includes("{")));
    patterns = pairs.filter(([found]) => found.includes("{")).map(([found, said]) => {
      const parts = found.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
      return [new RegExp(`^${parts.join("(.+)")}$`), said.split(/\{\w+\}/)];
    });
  };
  const said = (found) => {
    const exact = whole.get(found);
    if (exact) return exact;
    for (const [pattern, [before, after]] of patterns) {
      const match = pattern.exec(found);
      if (match) return `${before}${match[1]}${after}`;
    }
    return null;
  };
  const reword = (part) => {
    const texts = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      const word = node.parentElement.closest(".stHtml") ? null : said(node.nodeValue.trim());
      if (word && word !== node.nodeValue) node.nodeValue = word;
    }
    for (const named of [part, ...part.querySelectorAll("[aria-label], [title], [placeholder]")]) {
      for (const name of NAMES) {
        const word = said(named.getAttribute(name) ?? "");
        if (word) named.setAttribute(name, word);
      }
    }
  };
  const speak = () => {
    const marker = document.querySelector("[data-lang]");
    if (!marker) return;
    const { lang, words } = marker.dataset;
    if (document.documentElement.lang !== lang) document.documentElement.lang = lang;
    if (words !== spoken) learn(words);
    for (const part of document.querySelectorAll(CONTROLS)) reword(part);
  };
  // A part that now shows something else (the next return) is brought into sight if it is not.
  let shown = "";
  const follow = () => {
    const part = document.querySelector("[data-place]");
    const now = part?.dataset.place;
    if (!now || now === shown) return;
    const { top } = part.getBoundingClientRect();
    if (shown && (top < 0 || top > innerHeight - 160)) part.scrollIntoView({ block: "start" });
    shown = now;
  };
  const changed = () => { speak(); arrive(); follow(); };
  new MutationObserver(changed).observe(document.documentElement, { childList: true, subtree: true });
})();
