import type { SystemState } from "presswork-client";
import type { ReactNode } from "react";
import { countOf } from "../../posts/queuedCount";
import { Badge } from "../../ui/Badge";
import { Fact, Facts } from "../../ui/Facts";
import { Time } from "../../ui/Time";
import { CopyLine } from "./CopyLine";
import { versionsOf } from "./concerns";
import { durationOf, sizeOf } from "./sizes";

/** The facts: what runs, what waits, and where the data is. */
export function Panels({ system }: { readonly system: SystemState }) {
  const { versions, storage } = system;
  const running = versionsOf(system);
  return (
    <>
      <Panel title="Versions">
        {[...running].map(([version, processes]) => (
          <Fact key={version} name="Presswork">
            {version} ({processes.join(", ")}) {running.size > 1 && <Badge tone="warn">mixed</Badge>}
          </Fact>
        ))}
        <Fact name="PostgreSQL">{versions.postgresql}</Fact>
        <Fact name="Python">{versions.python}</Fact>
      </Panel>
      <Queue system={system} />
      <Panel title="Database">
        <Fact name="Kind">{storage.database.kind}</Fact>
        <Fact name="Size">{sizeOf(storage.database.bytes)}</Fact>
        <Fact name="Connections">
          {storage.database.connections} of {storage.database.maxConnections}
        </Fact>
        <Fact name="Last migration">
          <code>{versions.schema}</code>
        </Fact>
      </Panel>
      <Storage system={system} />
      <Backup system={system} />
    </>
  );
}

function Queue({ system: { lag } }: { readonly system: SystemState }) {
  const isLate = lag.lateSeconds > 0;
  return (
    <Panel title="Queue">
      <Fact name="Due">
        {lag.due.toLocaleString("en")}
        {lag.due > 0 && `, the oldest for ${durationOf(lag.oldestDueSeconds)}`}{" "}
        {isLate && <Badge tone="bad">{durationOf(lag.lateSeconds)} late</Badge>}
      </Fact>
      <Fact name="In progress">{lag.inProgress.toLocaleString("en")}</Fact>
      <Fact name="Due within an hour">{lag.dueWithinHour.toLocaleString("en")}</Fact>
      <Fact name="Waiting">
        {lag.waiting.toLocaleString("en")}
        {lag.retrying > 0 && `, ${lag.retrying.toLocaleString("en")} after an error`}
        {lag.blockedOnConfig > 0 && `, ${lag.blockedOnConfig.toLocaleString("en")} for a setting`}
      </Fact>
      <Fact name="Webhooks to send">{lag.webhooksPending.toLocaleString("en")}</Fact>
    </Panel>
  );
}

function Storage({ system: { storage } }: { readonly system: SystemState }) {
  const { media, dataFolder } = storage;
  return (
    <Panel title="Storage">
      <Fact name="Media">
        {media.files === null || media.bytes === null
          ? "not counted yet"
          : `${countOf(media.files, "file")}, ${sizeOf(media.bytes)}`}
      </Fact>
      <Fact name={media.kind === "folder" ? "Folder" : "Bucket"}>{media.place}</Fact>
      <Fact name="Free">{media.freeBytes !== null && sizeOf(media.freeBytes)}</Fact>
      {!media.place.startsWith(dataFolder.path) && (
        <Fact name="Data folder">
          {dataFolder.path}
          {dataFolder.freeBytes !== null && `, ${sizeOf(dataFolder.freeBytes)} free`}
        </Fact>
      )}
    </Panel>
  );
}

function Backup({ system: { lastBackup } }: { readonly system: SystemState }) {
  return (
    <section className="panel system-part" aria-labelledby="system-backup">
      <h2 id="system-backup">
        Backup {lastBackup === null && <Badge tone="warn">none</Badge>}
        {lastBackup?.isOld === true && <Badge tone="warn">old</Badge>}
      </h2>
      {lastBackup !== null && (
        <Facts>
          <Fact name="Taken">
            <Time at={lastBackup.takenAt} isRelative />
          </Fact>
          <Fact name="File">
            {lastBackup.file} on {lastBackup.host}
          </Fact>
          <Fact name="Size">{sizeOf(lastBackup.sizeBytes)}</Fact>
          <Fact name="Secret keys">
            {lastBackup.hasKeys ? "in the file: protect it" : "not in the file: keep them"}
          </Fact>
        </Facts>
      )}
      {(lastBackup === null || lastBackup.isOld) && (
        <>
          <p className="soft small">
            {lastBackup === null ? "This command writes everything into one file" : "A newer one should exist"}. Run it
            every night:
          </p>
          <CopyLine text="presswork backup FILE" what="the command" />
        </>
      )}
    </section>
  );
}

function Panel({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const id = `system-${title.toLowerCase()}`;
  return (
    <section className="panel system-part" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <Facts>{children}</Facts>
    </section>
  );
}
