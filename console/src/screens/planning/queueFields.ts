import type { Queue } from "presswork-client";
import type { WeekSlot } from "../../queues/slots";

/** A queue as it is typed. */
export interface QueueFields {
  readonly name: string;
  readonly timezone: string;
  readonly slots: readonly WeekSlot[];
  /** Null: all accounts of the project. */
  readonly socialAccountIds: readonly string[] | null;
  readonly isDefault: boolean;
  readonly jitterMinutes: string;
  /** A day, "2026-12-24", until which it is paused; empty: it is not. */
  readonly pausedUntil: string;
  readonly isRefilled: boolean;
  readonly refillLabel: string;
  readonly cooldownDays: string;
  /** Empty: any number. */
  readonly maximumUses: string;
}

/** Returns the fields of a queue; of a new one without it. */
export function fieldsOf(queue: Queue | null, timezone: string, dayIn: (instant: string) => string): QueueFields {
  const refill = queue?.refill ?? null;
  return {
    name: queue?.name ?? "",
    timezone: queue?.timezone ?? timezone,
    slots: queue?.slots ?? [],
    socialAccountIds: queue?.socialAccountIds ?? null,
    isDefault: queue?.isDefault ?? false,
    jitterMinutes: String(queue?.jitterMinutes ?? 0),
    pausedUntil: queue?.pausedUntil ? dayIn(queue.pausedUntil) : "",
    isRefilled: refill !== null,
    refillLabel: refill?.label ?? "",
    cooldownDays: String(refill?.cooldownDays ?? 30),
    maximumUses: refill?.maximumUses ? String(refill.maximumUses) : "",
  };
}

/** Returns what is sent of the fields. `startOf` returns the instant at which a day begins. */
export function bodyOf(fields: QueueFields, startOf: (day: string) => string) {
  const { name, timezone, slots, socialAccountIds, isDefault } = fields;
  return {
    name: name.trim(),
    timezone,
    slots,
    socialAccountIds,
    isDefault,
    jitterMinutes: Number(fields.jitterMinutes) || 0,
    pausedUntil: fields.pausedUntil === "" ? null : startOf(fields.pausedUntil),
    refill: !fields.isRefilled
      ? null
      : {
          label: fields.refillLabel.trim(),
          cooldownDays: Number(fields.cooldownDays) || 0,
          maximumUses: fields.maximumUses.trim() === "" ? null : Number(fields.maximumUses),
        },
  };
}

/** Returns why the fields can't be sent yet; null: they can. */
export function problemOf({ name, slots, isRefilled, refillLabel }: QueueFields): string | null {
  if (name.trim() === "") return "Give it a name.";
  if (slots.length === 0) return "Add at least one time.";
  return isRefilled && refillLabel.trim() === "" ? "Choose the label that it is refilled with." : null;
}
