import type { SystemState } from "presswork-client";
import { isLogin, loginName } from "../../platforms/loginNames";

/** Something that does not work, or that should be known or fixed. */
export interface Concern {
  readonly name: string;
  readonly status: "warn" | "fail";
  readonly message: string;
  readonly fix: string | null;
}

/** Returns what needs attention: what is seen now, and what the last checks found; the worst first. */
export function concernsOf(system: SystemState): readonly Concern[] {
  const found = system.findings.filter((one): one is typeof one & { status: "warn" | "fail" } => one.status !== "ok");
  const isFound = (name: string) => found.some((one) => one.name === name);
  const now = [noWorker(system), mixedVersions(system), newAddress(system)].filter(
    (one) => one !== null && !isFound(one.name),
  );
  const all = [...now, ...found].filter((one) => one !== null);
  return [...all.filter((one) => one.status === "fail"), ...all.filter((one) => one.status === "warn")];
}

/** Returns the checks that found nothing to do, and the names of those about what is not set up. */
export function wellOf({ findings }: SystemState) {
  const well = findings.filter((one) => one.status === "ok");
  const isUnused = ({ message }: (typeof well)[number]) => message.startsWith("not configured");
  return { well: well.filter((one) => !isUnused(one)), unused: well.filter(isUnused).map(({ name }) => titleOf(name)) };
}

function noWorker({ workers, lag }: SystemState): Concern | null {
  if (workers.length > 0) return null;
  return {
    name: "workers",
    status: lag.due > 0 ? "fail" : "warn",
    message: `No worker has reported in the last 15 seconds, and ${lag.due > 0 ? `${lag.due} posts are` : "nothing is"} due.`,
    fix: "Start one with `presswork worker`, or everything with `presswork up`.",
  };
}

/** Returns the versions that run, each with the processes that have it: "this API", "2 workers". */
export function versionsOf({ versions, workers }: SystemState): ReadonlyMap<string, readonly string[]> {
  const counts = new Map<string, number>();
  for (const { version } of workers) {
    const name = version ?? "older than 0.9";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const found = new Map<string, readonly string[]>([[versions.program, ["this API"]]]);
  for (const [version, count] of counts) {
    found.set(version, [...(found.get(version) ?? []), count === 1 ? "1 worker" : `${count} workers`]);
  }
  return found;
}

function mixedVersions(system: SystemState): Concern | null {
  const versions = versionsOf(system);
  if (versions.size < 2) return null;
  const listed = [...versions].map(([version, processes]) => `${version} (${processes.join(", ")})`);
  return {
    name: "versions",
    status: "warn",
    message: `Different versions run: ${listed.join(", ")}.`,
    fix: "Upgrade the older ones and restart them.",
  };
}

function newAddress({ publicUrlSetup }: SystemState): Concern | null {
  if (!publicUrlSetup.isRestartNeeded) return null;
  return {
    name: "restart",
    status: "warn",
    message: "The public address was changed, and what runs does not use it yet.",
    fix: "Restart Presswork.",
  };
}

/** Returns the state in words: "All is well", "2 things need attention". */
export function headlineOf(system: SystemState): string {
  const concerns = concernsOf(system);
  const failed = concerns.filter((one) => one.status === "fail").length;
  const others = concerns.length - failed;
  if (failed === 0 && others === 0) return system.checkedAt === null ? "Not checked yet" : "All is well";
  if (failed === 0) return others === 1 ? "1 thing needs attention" : `${others} things need attention`;
  const broken = failed === 1 ? "1 thing does not work" : `${failed} things do not work`;
  if (others === 0) return broken;
  return `${broken}, and ${others === 1 ? "1 more needs" : `${others} more need`} attention`;
}

const WORDS: Readonly<Record<string, string>> = { url: "URL" };

/** Returns the name of a finding as a heading. */
export function titleOf(name: string): string {
  const title = name
    .split(" ")
    .map((word) => WORDS[word] ?? (isLogin(word) ? loginName(word) : word))
    .join(" ");
  return title.charAt(0).toUpperCase() + title.slice(1);
}
