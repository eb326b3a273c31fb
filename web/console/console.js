// For every screen: keyboard shortcuts, local times, and a site chooser that submits itself.

import "./keys.js";
import "./times.js";

const chooser = document.querySelector(".chooser");
if (chooser) {
  chooser.querySelector("button").hidden = true;
  chooser.addEventListener("change", () => chooser.requestSubmit());
}

// On phones, the rows of screens and tabs scroll: show the present one.
for (const row of document.querySelectorAll(".screens, main > .tabs")) {
  const here = row.querySelector("[aria-current]");
  if (here && row.scrollWidth > row.clientWidth) row.scrollLeft = here.getBoundingClientRect().left - row.getBoundingClientRect().left - 16;
}
