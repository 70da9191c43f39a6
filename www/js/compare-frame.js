// Loads the chosen script as a <script> tag would, then the program.

import { byId, showState } from "./dom.js";
import { LIBRARIES } from "./libraries.js";

const library = LIBRARIES[new URLSearchParams(location.search).get("library")];
const failed = (why) => showState(byId("state"), "gone", why);

if (library) {
  const script = document.createElement("script");
  script.src = library.url;
  script.addEventListener("error", () => failed(`${library.url} could not be loaded.`));
  script.addEventListener("load", () => import("./compare-program.js"));
  document.head.append(script);
} else {
  failed("No such library.");
}
