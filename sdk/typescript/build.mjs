// Builds dist/esm and dist/cjs. A package.json in each declares its module type.
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";

const kinds = { esm: ["tsconfig.json", "module"], cjs: ["tsconfig.cjs.json", "commonjs"] };

rmSync("dist", { recursive: true, force: true });
for (const [kind, [config, type]] of Object.entries(kinds)) {
  execFileSync("node_modules/.bin/tsc", ["-p", config], { stdio: "inherit" });
  mkdirSync(`dist/${kind}`, { recursive: true });
  writeFileSync(`dist/${kind}/package.json`, `${JSON.stringify({ type, sideEffects: false })}\n`);
}
