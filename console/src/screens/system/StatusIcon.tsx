import { CircleAlert, CircleCheck, CircleDashed, Info, TriangleAlert } from "lucide-react";
import type { StepResult } from "./setup";

const ICONS = { ok: CircleCheck, warn: TriangleAlert, fail: CircleAlert, open: CircleDashed, info: Info } as const;
const NAMES = {
  ok: "Works",
  warn: "Needs attention",
  fail: "Does not work",
  open: "To do",
  info: "Not checked",
} as const;

/** The sign of a result, with its meaning for those who do not see it. */
export function StatusIcon({ status }: { readonly status: StepResult["status"] }) {
  const Icon = ICONS[status];
  return <Icon className={`status-icon ${status}`} role="img" aria-label={NAMES[status]} />;
}
