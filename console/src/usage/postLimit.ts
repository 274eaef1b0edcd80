/** Returns what a person reads about a limit of posts that a call would exceed; null for another limit. */
export function exceededText(details: Readonly<Record<string, unknown>>): string | null {
  const { name, maximum, left, resetsAt } = parsed(details);
  if (name === "postsPerMonth") {
    const until = resetsAt === null ? "" : `, or wait until ${dayOf(resetsAt)}`;
    return left === 0
      ? `Your plan has ${maximum} posts a month, and all are used. Ask for more${until}.`
      : `Your plan has ${left} of ${maximum} posts left this month. Choose fewer accounts${until}.`;
  }
  if (name !== "queued") return null;
  return left === 0
    ? `Your plan allows ${maximum} posts that wait, and as many do. Cancel some, or wait until some are out.`
    : `Your plan allows ${maximum} posts that wait: ${left} more. Choose fewer accounts, or cancel some.`;
}

/** Returns what a person reads about a limit that posts come near; null for another limit. */
export function nearText(details: Readonly<Record<string, unknown>>, posts: number): string | null {
  const { name, maximum, left } = parsed(details);
  const after = (left - posts).toLocaleString("en");
  if (name === "postsPerMonth") return `After this, your plan has ${after} of ${maximum} posts left this month.`;
  return name === "queued" ? `After this, ${after} more posts may wait, of the ${maximum} of your plan.` : null;
}

function parsed({ limit, maximum, used, resetsAt }: Readonly<Record<string, unknown>>) {
  return {
    name: limit,
    maximum: Number(maximum).toLocaleString("en"),
    left: Math.max(0, Number(maximum) - Number(used)),
    resetsAt: typeof resetsAt === "string" ? resetsAt : null,
  };
}

/** "December 1": months begin in UTC, everywhere. */
function dayOf(instant: string): string {
  return new Date(instant).toLocaleDateString("en", { month: "long", day: "numeric", timeZone: "UTC" });
}
