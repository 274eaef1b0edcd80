import { parseAbsolute } from "@internationalized/date";
import type { ScheduledPost } from "presswork-client";
import { useState } from "react";
import { Input, Label, NumberField } from "react-aria-components";
import { DateTimeField } from "../../ui/DateTimeField";
import { Select } from "../../ui/Select";
import { exactTime } from "../../ui/times";
import { countOf } from "./actions";
import { type Move, movedTime, timeRefusalOf } from "./moving";

const KINDS = [
  { id: "by", label: "Each by the same time" },
  { id: "to", label: "All to one time" },
] as const;

const UNITS = [
  { id: "days", label: "days" },
  { id: "hours", label: "hours" },
] as const;

const DIRECTIONS = [
  { id: "later", label: "later" },
  { id: "earlier", label: "earlier" },
] as const;

const MOST = 24 * 365;
const DAY_LATER = { by: 1, unit: "days", isEarlier: false } as const;

type ZoneOf = (projectId: string) => string;

/** Returns what the fields show first: the time of a single post, a day later for several. */
export function startOf(posts: readonly ScheduledPost[], zoneOf: ZoneOf): Move | null {
  const [post] = posts;
  if (post === undefined || posts.length > 1) return DAY_LATER;
  return { to: parseAbsolute(post.scheduledFor, zoneOf(post.projectId)) };
}

interface MoveFieldsProps {
  /** The one that is due first. */
  readonly first: Pick<ScheduledPost, "scheduledFor" | "projectId"> | undefined;
  readonly count: number;
  readonly move: Move | null;
  readonly onChange: (move: Move | null) => void;
  readonly zoneOf: ZoneOf;
}

/** Chooses where posts are moved. A sentence names the instant before anything happens. */
export function MoveFields({ first, count, move, onChange, zoneOf }: MoveFieldsProps) {
  const [kind, setKind] = useState<"by" | "to">(move !== null && "by" in move ? "by" : "to");
  if (first === undefined) return null;
  const zone = zoneOf(first.projectId);
  const time = move === null ? null : movedTime(first.scheduledFor, move, zone);
  const refusal = time === null ? null : timeRefusalOf(time, new Date());
  const choose = (next: "by" | "to") => {
    setKind(next);
    onChange(next === "by" ? DAY_LATER : { to: parseAbsolute(first.scheduledFor, zone) });
  };
  return (
    <>
      {count > 1 && <Select label="How" choices={KINDS} value={kind} onChange={choose} />}
      {move !== null && "by" in move ? (
        <Offset move={move} onChange={onChange} />
      ) : (
        <DateTimeField
          label="New time"
          value={move === null ? null : move.to}
          onChange={(to) => onChange(to === null ? null : { to })}
          error={count === 1 && refusal !== null ? `This would be ${refusal}. Choose another time.` : undefined}
        />
      )}
      {time !== null && refusal === null && (
        <p>
          {count === 1 || kind === "to" ? `Due on ` : `The first of ${countOf({ length: count })} is then due on `}
          <strong>{exactTime(time, zone)}</strong>.
        </p>
      )}
    </>
  );
}

interface OffsetProps {
  readonly move: Extract<Move, { readonly by: number }>;
  readonly onChange: (move: Move) => void;
}

function Offset({ move, onChange }: OffsetProps) {
  return (
    <div className="offset">
      <NumberField
        className="field"
        value={move.by}
        minValue={1}
        maxValue={MOST}
        onChange={(by) => onChange({ ...move, by: Number.isNaN(by) ? 1 : by })}
      >
        <Label>By</Label>
        <Input className="input" />
      </NumberField>
      <Select label="Unit" choices={UNITS} value={move.unit} onChange={(unit) => onChange({ ...move, unit })} />
      <Select
        label="Direction"
        choices={DIRECTIONS}
        value={move.isEarlier ? "earlier" : "later"}
        onChange={(direction) => onChange({ ...move, isEarlier: direction === "earlier" })}
      />
    </div>
  );
}
