// Validates the app with Zapier's own schema: `make zapier`.

import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
const schema = require("zapier-platform-schema");
const app = require("../index.js");

/** As Zapier's command line sends functions. */
const plain = (value) =>
  typeof value === "function" ? `$func$${value.length}$f$`
  : Array.isArray(value) ? value.map(plain)
  : value && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]))
  : value;

const { errors } = schema.validateAppDefinition(plain(app));
for (const error of errors) console.error(error.property, error.message, error.instance && JSON.stringify(error.instance).slice(0, 200));
console.log(`${Object.keys(app.creates).length + Object.keys(app.searches).length} actions, ${errors.length} errors.`);
process.exit(errors.length ? 1 : 0);
