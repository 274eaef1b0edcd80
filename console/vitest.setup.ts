import { readFileSync } from "node:fs";
import { setDescriptions } from "./src/platforms/descriptions";

/** What the server answers; `python -m generator` in sdk/ keeps it current. */
setDescriptions(JSON.parse(readFileSync(new URL("../tests/console/platforms.json", import.meta.url), "utf8")));
