import type { WorkerProcess } from "presswork-client";
import { Time } from "../../ui/Time";

/** The workers that have reported, and what each of them does. */
export function Workers({ workers }: { readonly workers: readonly WorkerProcess[] }) {
  return (
    <section className="panel system-part" aria-labelledby="system-workers">
      <h2 id="system-workers">Workers</h2>
      {workers.length === 0 && (
        <p className="soft">None has reported in the last 15 seconds. Posts that become due wait for one.</p>
      )}
      <ul className="workers">
        {workers.map((worker) => (
          <li key={worker.id} className="worker">
            <code>{worker.id}</code>
            <span className="soft small">
              {describe(worker)} · {worker.version ?? "an older version"} · since <Time at={worker.startedAt} /> · seen{" "}
              <Time at={worker.seenAt} isRelative />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function describe({ postsInProgress, concurrency }: WorkerProcess): string {
  if (postsInProgress === null) return "does not report what it does";
  if (postsInProgress === 0) return concurrency === null ? "idle" : `idle, up to ${concurrency} posts at once`;
  return `processes ${postsInProgress}${concurrency === null ? "" : ` of at most ${concurrency}`} posts`;
}
