import { CircleAlert, TriangleAlert } from "lucide-react";
import { type Field, type Finding, isAt } from "./findings";

interface FindingsProps {
  readonly findings: readonly Finding[];
  /** Where they are shown; the same field of several accounts is one place. */
  readonly field: Field | readonly Field[];
  /** The name of that place in the page; without it, that of the field. */
  readonly place?: string;
  /** Returns the handle of an account. */
  readonly nameOf: (socialAccountId: string) => string;
}

/** The findings about the field beside them, which has a mark to jump to. Those about some of several accounts name them. */
export function Findings({ findings, field, place, nameOf }: FindingsProps) {
  const fields = isSeveral(field) ? field : [field];
  const mark = <span hidden data-field={place ?? String(field)} />;
  const here = findings.filter((finding) => fields.some((one) => isAt(finding, one)));
  if (here.length === 0) return mark;
  const byMessage = new Map<string, { readonly isError: boolean; readonly accounts: readonly string[] }>();
  for (const { isError, message, accounts } of here) {
    const known = byMessage.get(message)?.accounts ?? [];
    byMessage.set(message, { isError, accounts: [...known, ...accounts] });
  }
  const isOfContent = typeof fields[0] === "string";
  return (
    <>
      {mark}
      <ul className="field-findings" aria-live="polite">
        {[...byMessage].map(([message, { isError, accounts }]) => (
          <li key={message} className={isError ? "field-finding error" : "field-finding warn"}>
            {isError ? (
              <CircleAlert aria-label="Error" role="img" />
            ) : (
              <TriangleAlert aria-label="Warning" role="img" />
            )}
            <span>
              {accounts.length > 0 && (isOfContent || accounts.length < fields.length) && (
                <strong>{accounts.map(nameOf).join(", ")}: </strong>
              )}
              {message}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

function isSeveral(field: Field | readonly Field[]): field is readonly Field[] {
  return Array.isArray(field);
}
