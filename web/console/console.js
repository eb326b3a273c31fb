// For every screen: keyboard shortcuts, local times, and a site chooser that submits itself.

import "./keys.js";
import "./times.js";

const chooser = document.querySelector(".chooser");
if (chooser) {
  chooser.querySelector("button").hidden = true;
  chooser.addEventListener("change", () => chooser.requestSubmit());
}
