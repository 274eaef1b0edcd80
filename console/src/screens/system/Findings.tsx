import type { SystemState } from "presswork-client";
import { concernsOf, titleOf } from "./concerns";
import { FixText } from "./FixText";
import { StatusIcon } from "./StatusIcon";

/** What needs attention, each with its fix, and what was found to be well. */
export function Findings({ system }: { readonly system: SystemState }) {
  const concerns = concernsOf(system);
  const well = system.findings.filter((one) => one.status === "ok");
  return (
    <section className="panel" aria-label="Findings">
      {concerns.length > 0 && (
        <ul className="findings">
          {concerns.map(({ name, status, message, fix }) => (
            <li key={name} className="finding">
              <StatusIcon status={status} />
              <div>
                <h3>{titleOf(name)}</h3>
                <p>{message}</p>
                {fix !== null && <FixText fix={fix} />}
              </div>
            </li>
          ))}
        </ul>
      )}
      <details className="well" open={concerns.length === 0 && well.length > 0}>
        <summary>{well.length === 1 ? "1 check found" : `${well.length} checks found`} nothing to do</summary>
        <ul className="findings-well small">
          {well.map(({ name, message }) => (
            <li key={name}>
              <StatusIcon status="ok" />
              <p>
                <strong>{titleOf(name)}</strong> <span className="soft">{message}</span>
              </p>
            </li>
          ))}
        </ul>
      </details>
    </section>
  );
}
