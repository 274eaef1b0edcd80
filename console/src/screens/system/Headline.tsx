import type { SystemState } from "presswork-client";
import { Time } from "../../ui/Time";
import { concernsOf, headlineOf } from "./concerns";
import { REFRESH_SECONDS } from "./queries";
import { StatusIcon } from "./StatusIcon";

interface HeadlineProps {
  readonly system: SystemState;
  readonly isChecking: boolean;
}

/** The state of the installation in words, and of when it is. */
export function Headline({ system, isChecking }: HeadlineProps) {
  const worst = concernsOf(system)[0]?.status ?? (system.checkedAt === null ? "info" : "ok");
  return (
    <section className={`panel system-headline ${worst}`} aria-label="State">
      <StatusIcon status={worst} />
      <div>
        <h2>
          <span role="status">{headlineOf(system)}</span>
        </h2>
        <p className="soft small">
          {isChecking ? (
            "The checks run. They call other machines, which takes some seconds, 80 at most."
          ) : system.checkedAt === null ? (
            "The first checks run half a minute after the start."
          ) : (
            <>
              Checked <Time at={system.checkedAt} isRelative /> on {system.checkedBy}, and again every hour.
            </>
          )}{" "}
          This page refreshes every {REFRESH_SECONDS} seconds.
        </p>
      </div>
      {isChecking && <div className="checking" aria-hidden />}
    </section>
  );
}
