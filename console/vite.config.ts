import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { compress } from "./compress.ts";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** `npm run dev` uses the API of a running `presswork up`. */
const API = process.env["PRESSWORK_BASE_URL"] ?? "http://127.0.0.1:8000";
const API_PATHS = [
  "/v1",
  "/auth",
  "/media",
  "/uploads",
  "/assets",
  "/favicon.ico",
  "/docs",
  "/openapi.json",
  "/sandbox",
];

export default defineConfig({
  base: "/console/",
  plugins: [react(), compress()],
  resolve: { alias: { "presswork-client": path("../sdk/typescript/src/index.ts") } },
  build: {
    outDir: path("../src/presswork/console/static"),
    emptyOutDir: true,
    assetsInlineLimit: 0, // the Content-Security-Policy allows no data: addresses
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    target: "es2023",
  },
  server: {
    proxy: Object.fromEntries(API_PATHS.map((name) => [name, { target: API, changeOrigin: false }])),
  },
});
