// Builds dist/esm and dist/cjs. Each says by a package.json of its own which kind of module it is.
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";

const kinds = { esm: ["tsconfig.json", "module"], cjs: ["tsconfig.cjs.json", "commonjs"] };

rmSync("dist", { recursive: true, force: true });
for (const [kind, [config, type]] of Object.entries(kinds)) {
  execFileSync("node_modules/.bin/tsc", ["-p", config], { stdio: "inherit" });
  mkdirSync(`dist/${kind}`, { recursive: true });
  writeFileSync(`dist/${kind}/package.json`, `${JSON.stringify({ type, sideEffects: false })}\n`);
}
