import { getRouteApi } from "@tanstack/react-router";
import { PenLine } from "lucide-react";
import type { DateOrder, ImportColumn, Project } from "presswork-client";
import { useState } from "react";
import { useActiveProjects } from "../../api/projects";
import { Screen } from "../../app/Screen";
import { BackLink } from "../../ui/BackLink";
import { EmptyState } from "../../ui/EmptyState";
import { Select } from "../../ui/Select";
import { SkeletonRows } from "../../ui/Skeleton";
import "../compose/files.css";
import { AddFiles } from "./AddFiles";
import { ChooseFile } from "./ChooseFile";
import { guess } from "./columns";
import type { Table } from "./csv";
import { Done } from "./Done";
import { orderOf } from "./dates";
import { ImportBar } from "./ImportBar";
import "./import.css";
import { MapColumns } from "./MapColumns";
import { type AddedFiles, keyOf, missingOf, namesOf } from "./namedFiles";
import { Rows } from "./Rows";
import { rowsOf, verdictOf } from "./rows";
import { useImport } from "./useImport";

const route = getRouteApi("/$environment/compose/import");

/** Imports a table of posts. */
export default function Import() {
  const { environment } = route.useParams();
  const { session } = route.useRouteContext();
  const { project: chosen } = route.useSearch();
  const projects = useActiveProjects(environment);
  const project = projects.data?.find(({ id }) => id === chosen) ?? projects.data?.[0];
  const mayImport = session.scopes.includes("content:write") && session.scopes.includes("publish:write");
  return (
    <Screen title="Import posts">
      <BackLink to="/$environment/compose" params={{ environment }}>
        Compose
      </BackLink>
      {!mayImport && (
        <div className="panel">
          <EmptyState icon={PenLine} title="Your role can't import posts">
            Publishers and administrators can. Ask an administrator for another role.
          </EmptyState>
        </div>
      )}
      {mayImport && projects.isPending && <SkeletonRows rows={6} />}
      {mayImport && projects.data?.length === 0 && (
        <div className="panel">
          <EmptyState icon={PenLine} title="No project yet">
            Create a project and connect accounts on the screen Accounts; then import a table of posts.
          </EmptyState>
        </div>
      )}
      {mayImport && project !== undefined && (
        <ImportSteps key={project.id} project={project} projects={projects.data ?? []} />
      )}
    </Screen>
  );
}

interface ImportStepsProps {
  readonly project: Project;
  readonly projects: readonly Project[];
}

/** A file, its columns, its rows, and the result. The file stays in the browser until its rows are checked. */
function ImportSteps({ project, projects }: ImportStepsProps) {
  const { environment } = route.useParams();
  const { session } = route.useRouteContext();
  const { rows: filter } = route.useSearch();
  const navigate = route.useNavigate();
  const [file, setFile] = useState<{ readonly table: Table; readonly name: string } | null>(null);
  const [columns, setColumns] = useState<readonly (ImportColumn | null)[]>([]);
  const [dateOrder, setDateOrder] = useState<DateOrder | null>(null);
  const [files, setFiles] = useState<AddedFiles>(new Map());
  const place = columns.indexOf("date");
  const order = dateOrder ?? orderOf((file?.table.rows ?? []).map((row) => row[place] ?? ""));
  const importing = useImport({
    environment,
    userId: session.user.id,
    projectId: project.id,
    dateOrder: order,
    files,
  });
  const { rows, run, check } = importing;
  const startAgain = () => {
    run.reset();
    setFile(null);
    setDateOrder(null);
    importing.clear();
  };
  if (run.data !== undefined) {
    return <Done environment={environment} projectId={project.id} answer={run.data} onAgain={startAgain} />;
  }
  if (file === null) {
    return (
      <>
        {projects.length > 1 && (
          <div className="import-project">
            <Select
              label="Project"
              choices={projects.map(({ id, name }) => ({ id, label: name }))}
              value={project.id}
              onChange={(id) => void navigate({ search: { project: id }, replace: true })}
            />
          </div>
        )}
        <ChooseFile
          onTable={(table, name) => {
            setFile({ table, name });
            setColumns(guess(table.header));
          }}
        />
      </>
    );
  }
  const written = rows.length === 0 ? rowsOf(file.table, columns) : rows;
  const named = new Set(written.flatMap(({ cells }) => namesOf(cells).map(keyOf)));
  const missing = missingOf(
    written.map(({ cells }) => cells),
    files,
  );
  const isBusy = run.isPending || check.isPending || importing.standing === "same";
  const addFiles = (
    <AddFiles
      count={named.size}
      missing={missing}
      isReviewed={project.requiresApproval}
      isDisabled={isBusy}
      onAdd={(chosen) => {
        const added = new Map(chosen.map((one) => [keyOf(one.name), one]));
        setFiles((before) => new Map([...before, ...added]));
        importing.forget(new Set(added.keys()));
      }}
    />
  );
  if (rows.length === 0) {
    return (
      <MapColumns
        table={file.table}
        columns={columns}
        zone={project.timezone}
        dateOrder={dateOrder}
        onColumns={setColumns}
        onDateOrder={setDateOrder}
        onCheck={() => importing.show(written)}
        onBack={startAgain}
      >
        {named.size > 0 && addFiles}
      </MapColumns>
    );
  }
  const open = rows.filter((row) => verdictOf(row) !== "ready").length;
  return (
    <>
      <div className="import-filter">
        <span className="cut soft">{file.name}</span>
        <Select
          label="Rows"
          isLabelHidden
          choices={[
            { id: "all", label: `All rows (${rows.length})` },
            { id: "open", label: `Not ready (${open})` },
          ]}
          value={filter ?? "all"}
          onChange={(id) =>
            void navigate({ search: (before) => ({ ...before, rows: id === "open" ? id : undefined }), replace: true })
          }
        />
      </div>
      {missing.length > 0 && addFiles}
      <Rows
        rows={rows}
        isOnlyOpen={filter === "open"}
        zone={project.timezone}
        isDisabled={isBusy}
        onCorrect={importing.correct}
        onRemove={importing.remove}
      />
      <ImportBar importing={importing} />
    </>
  );
}
