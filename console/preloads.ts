import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Plugin, Rollup } from "vite";

/** The screens that are opened most, by the path below the environment. */
const SCREENS = {
  "": "home/Home",
  queue: "queue/Queue",
  calendar: "calendar/Calendar",
  compose: "compose/Compose",
  library: "library/Library",
  approvals: "approvals/Approvals",
  comments: "comments/Comments",
};

/** Writes preloads.json: the files of each of these screens, which the server names in the response with the page. */
export function preloads(): Plugin {
  return {
    name: "preloads",
    apply: "build",
    async writeBundle({ dir }, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
      const named = Object.entries(SCREENS).map(([path, module]) => {
        const screen = chunks.find((chunk) => chunk.facadeModuleId?.endsWith(`/src/screens/${module}.tsx`));
        if (screen === undefined) throw new Error(`There is no screen ${module}: see preloads.ts.`);
        return [path, filesOf(screen, chunks)];
      });
      await writeFile(join(dir ?? "", "preloads.json"), JSON.stringify(Object.fromEntries(named)));
    },
  };
}

/** Returns the scripts and styles that a chunk needs beyond those of the page. */
function filesOf(screen: Rollup.OutputChunk, chunks: readonly Rollup.OutputChunk[]): string[] {
  const found = new Set<string>();
  const visit = (chunk: Rollup.OutputChunk): void => {
    if (chunk.isEntry || found.has(chunk.fileName)) return;
    found.add(chunk.fileName);
    for (const style of chunk.viteMetadata?.importedCss ?? []) found.add(style);
    for (const other of chunks) if (chunk.imports.includes(other.fileName)) visit(other);
  };
  visit(screen);
  return [...found];
}
