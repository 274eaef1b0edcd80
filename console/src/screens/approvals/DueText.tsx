import { AlarmClock, Clock } from "lucide-react";
import { Badge, type Tone } from "../../ui/Badge";
import { exactTime } from "../../ui/times";
import { useNow } from "../../ui/useNow";
import { type Urgency, urgency } from "./inbox";

const TONES: Readonly<Record<Urgency["tone"], Tone>> = { late: "bad", soon: "warn", calm: "neutral" };

interface DueTextProps {
  readonly dueAt: string | null;
  readonly zone: string;
}

/** Why a decision is urgent: "Goes out in 40 minutes". The title has the exact time. */
export function DueText({ dueAt, zone }: DueTextProps) {
  const { text, tone } = urgency(dueAt, useNow());
  const Icon = tone === "calm" ? Clock : AlarmClock;
  return (
    <span title={dueAt === null ? undefined : exactTime(new Date(dueAt), zone)}>
      <Badge tone={TONES[tone]} icon={<Icon aria-hidden />}>
        {text}
      </Badge>
    </span>
  );
}
