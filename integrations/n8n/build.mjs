// Builds the package into dist: the compiled nodes, and the icons and codex files that n8n reads beside them.
import { execFileSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { createRequire } from "node:module";

process.chdir(import.meta.dirname);
rmSync("dist", { recursive: true, force: true });
execFileSync(process.execPath, [createRequire(import.meta.url).resolve("typescript/bin/tsc")], { stdio: "inherit" });
cpSync("icons", "dist/icons", { recursive: true });
for (const name of ["Presswork", "PressworkTrigger"]) {
  cpSync(`nodes/${name}/${name}.node.json`, `dist/nodes/${name}/${name}.node.json`);
}
