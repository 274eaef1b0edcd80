import type { Project, ProjectsUpdateParams } from "presswork-client";

const BRAND = ["brandName", "brandLogoUrl", "brandColor"] as const;
const TEXTS = ["customerExternalId", "ownerEmail", "primaryLanguage", "appName", "appDescription"] as const;

/** A project as a form shows it: texts only. Of budgets, dollars a month by platform. */
export type ProjectFields = Readonly<
  Record<"name" | "timezone" | "metadata" | (typeof TEXTS)[number] | (typeof BRAND)[number], string>
> &
  Readonly<Record<BudgetField, string | undefined>>;

type BudgetField = `budgets.${string}`;

type Changes = Omit<ProjectsUpdateParams, "projectId" | "status">;

/** Returns what the form shows of a project. */
export function fieldsOf(project: Project): ProjectFields {
  return {
    name: project.name,
    timezone: project.timezone,
    customerExternalId: project.customerExternalId ?? "",
    ownerEmail: project.ownerEmail ?? "",
    primaryLanguage: project.primaryLanguage ?? "",
    appName: project.appName ?? "",
    appDescription: project.appDescription ?? "",
    brandName: project.branding?.name ?? "",
    brandLogoUrl: project.branding?.logoUrl ?? "",
    brandColor: project.branding?.color ?? "",
    metadata: Object.keys(project.metadata).length === 0 ? "" : JSON.stringify(project.metadata, null, 2),
    ...Object.fromEntries(
      Object.entries(project.budgets ?? {}).map(([name, budget]) => [`budgets.${name}`, String(budget.monthlyUsd)]),
    ),
  };
}

/** Returns what a person changed, as the API takes it: an emptied field is null. */
export function changesOf(project: Project, fields: ProjectFields): Changes {
  const before = fieldsOf(project);
  const changes: Record<string, unknown> = {};
  for (const name of ["name", "timezone"] as const) if (fields[name] !== before[name]) changes[name] = fields[name];
  for (const name of TEXTS) if (fields[name] !== before[name]) changes[name] = fields[name] || null;
  if (fields.metadata.trim() !== before.metadata.trim())
    changes["metadata"] = fields.metadata.trim() === "" ? null : JSON.parse(fields.metadata);
  if (BRAND.some((name) => fields[name].trim() !== before[name])) {
    const [name, logoUrl, color] = BRAND.map((one) => fields[one].trim() || null);
    const isEmpty = name === null && logoUrl === null && color === null;
    changes["branding"] = isEmpty ? null : { name, logoUrl, color };
  }
  const budgets = budgetsOf(fields);
  if (JSON.stringify(budgets) !== JSON.stringify(budgetsOf(before))) changes["budgets"] = budgets;
  return changes;
}

/** Returns the budgets as the API takes them, by name; null without any. */
function budgetsOf(fields: ProjectFields) {
  const typed = Object.entries(fields).flatMap(([name, text]) =>
    name.startsWith("budgets.") && text?.trim() ? [[name.slice("budgets.".length), text.trim()] as const] : [],
  );
  const sorted = typed.sort(([one], [other]) => one.localeCompare(other));
  const budgets = sorted.map(([name, text]) => [name, { monthlyUsd: Number(text) }]);
  return budgets.length === 0 ? null : Object.fromEntries(budgets);
}

/** Returns what a form shows after a project was saved: what was typed meanwhile stays, and is the next change. */
export function fieldsAfter(saved: Project, sent: ProjectFields, now: ProjectFields): ProjectFields {
  const typed = Object.entries(now).filter(([name, text]) => text !== sent[name as keyof ProjectFields]);
  return { ...fieldsOf(saved), ...Object.fromEntries(typed) };
}

/** Returns what is wrong with what a person typed, by the path at which the API would name it. */
export function problemsOf(fields: ProjectFields): Readonly<Record<string, string>> {
  const problems = Object.entries(fields).map(([name, text = ""]) => {
    if (name === "metadata") return [name, problemOfMetadata(text)] as const;
    const isRight = !name.startsWith("budgets.") || !Number.isNaN(Number(text));
    return [`${name}.monthlyUsd`, isRight ? undefined : "This is no amount. Write dollars, like 20 or 10.5."] as const;
  });
  return Object.fromEntries(problems.flatMap(([name, problem]) => (problem === undefined ? [] : [[name, problem]])));
}

function problemOfMetadata(text: string): string | undefined {
  if (text.trim() === "") return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? undefined : 'This is not a JSON object. Write one like {"plan": "small"}.';
  } catch (error) {
    return `This is not JSON: ${error instanceof Error ? error.message : String(error)}.`;
  }
}
