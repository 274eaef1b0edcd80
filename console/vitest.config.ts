import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const client = fileURLToPath(new URL("../sdk/typescript/src/index.ts", import.meta.url));

export default defineConfig({
  resolve: { alias: { "presswork-client": client } },
  test: { include: ["src/**/*.test.ts"], setupFiles: ["./vitest.setup.ts"] },
});
