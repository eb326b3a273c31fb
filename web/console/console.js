// What every screen of the console has: the keys' help, times as they are here, and a site chooser that goes at once.

import "./keys.js";
import "./times.js";

const chooser = document.querySelector(".chooser");
if (chooser) {
  chooser.querySelector("button").hidden = true;
  chooser.addEventListener("change", () => chooser.requestSubmit());
}
