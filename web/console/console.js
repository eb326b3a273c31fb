// For every screen: keyboard shortcuts, local times, and a site chooser that submits itself.

import "./keys.js";
import "./times.js";

const chooser = document.querySelector(".chooser");
if (chooser) {
  chooser.querySelector("button").hidden = true;
  chooser.addEventListener("change", () => chooser.requestSubmit());
}

// On phones, the row of screens scrolls: show the present one.
const here = document.querySelector(".screens [aria-current]");
const row = here?.closest(".screens");
if (row && row.scrollWidth > row.clientWidth) row.scrollLeft = here.getBoundingClientRect().left - row.getBoundingClientRect().left - 16;
