customElements.define("rejoinder-thread", Thread);

// countLinks fills the count links below a root in. Those of one site are asked for together.
export const countLinks = async (root = document) => {
  const own = [...document.scripts].find((script) => script.src === import.meta.url)?.dataset.site;
  const site = own || document.querySelector("rejoinder-thread")?.getAttribute("site");
  const links = [...root.querySelectorAll("a[data-rejoinder-count]")];
  const keyOf = (link) => link.dataset.rejoinderCount || pageKey(link.href);
  const keys = [...new Set(links.map(keyOf))];
  for (let i = 0; site && i < keys.length; i += 100) {
    const url = address(`api/v1/sites/${site}/counts`, { lang: languageOf(links[0]) || navigator.language });
    for (const key of keys.slice(i, i + 100)) url.searchParams.append("article", key);
    try {
      const { labels } = await (await fetch(url, { credentials: "omit" })).json();
      for (const link of links) if (labels?.[keyOf(link)]) link.textContent = labels[keyOf(link)];
    } catch { /* the link says what its page made it say */ }
  }
};
countLinks();
