// Starts Swagger UI with the theme of the system.
const dark = matchMedia("(prefers-color-scheme: dark)");
const setTheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", setTheme);
setTheme();
SwaggerUIBundle({
  dom_id: "#reference",
  url: "/openapi.json",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  docExpansion: "list",
  persistAuthorization: false, // otherwise the browser's storage keeps the key
  syntaxHighlight: { theme: "agate" },
  tryItOutEnabled: true,
  validatorUrl: null, // otherwise Swagger UI sends this server's URL to a public validator
});
