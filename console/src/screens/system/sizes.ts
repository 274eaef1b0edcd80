const UNITS = ["bytes", "kB", "MB", "GB", "TB"] as const;

/** "104.9 MB". */
export function sizeOf(bytes: number): string {
  const power = Math.min(UNITS.length - 1, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const amount = bytes / 1000 ** power;
  return `${amount.toLocaleString("en", { maximumFractionDigits: power === 0 ? 0 : 1 })} ${UNITS[power]}`;
}

/** "45 s", "3 min", "2 h". */
export function durationOf(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3_600)} h`;
}
