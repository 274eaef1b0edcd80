const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;

/** Returns the month of a search, like "2026-11"; the current one in UTC, in which usage is counted, without one. */
export function monthOf(value: unknown, now: Date): string {
  return typeof value === "string" && MONTH.test(value) ? value : now.toISOString().slice(0, 7);
}

/** Returns the month that is so many months later, or earlier. */
export function monthAfter(month: string, months: number): string {
  const [year = 1970, number = 1] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number - 1 + months, 1)).toISOString().slice(0, 7);
}

/** Returns the first day of a month, and that of the next one. */
export function daysOfMonth(month: string): { readonly since: string; readonly until: string } {
  return { since: `${month}-01`, until: `${monthAfter(month, 1)}-01` };
}

/** "November 2026". */
export function monthName(month: string): string {
  const first = new Date(`${month}-01T00:00:00Z`);
  return first.toLocaleDateString("en", { month: "long", year: "numeric", timeZone: "UTC" });
}
