// Common to all console pages: help on keyboard shortcuts, local times, and a site menu that submits on
// change.

import "./keys.js";
import "./times.js";

const chooser = document.querySelector(".chooser");
if (chooser) {
  chooser.querySelector("button").hidden = true;
  chooser.addEventListener("change", () => chooser.requestSubmit());
}
