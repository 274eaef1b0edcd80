import { Plus, X } from "lucide-react";
import { useRef, useState } from "react";
import { DAY_GROUPS, type DaysId, MAX_SLOTS, WEEKDAYS, type WeekSlot, withoutSlot, withTime } from "../../queues/slots";
import { Button } from "../../ui/Button";
import { Select } from "../../ui/Select";

const CHOICES = [...DAY_GROUPS, ...WEEKDAYS.map(({ id, name }) => ({ id, label: name }))].map(({ id, label }) => ({
  id,
  label,
}));

interface WeekSlotsProps {
  readonly slots: readonly WeekSlot[];
  readonly onChange: (slots: readonly WeekSlot[]) => void;
  readonly error?: string | undefined;
}

/** The times of a week: a column for each day, and above them what adds a time to one or several days. */
export function WeekSlots({ slots, onChange, error }: WeekSlotsProps) {
  const [time, setTime] = useState("09:00");
  const [days, setDays] = useState<DaysId>("workdays");
  const field = useRef<HTMLInputElement>(null);
  const added = withTime(slots, days, time);
  const add = () => time !== "" && added.length <= MAX_SLOTS && onChange(added);
  return (
    <fieldset className="week-slots">
      <legend>Times of the week</legend>
      <div className="week-slots-add">
        <label>
          <span className="visually-hidden">Time to add</span>
          <input
            ref={field}
            type="time"
            className="input"
            value={time}
            onChange={({ target }) => setTime(target.value)}
            onKeyDown={(event) => {
              if (event.key !== "Enter") return;
              event.preventDefault();
              add();
            }}
          />
        </label>
        <Select label="Days" isLabelHidden choices={CHOICES} value={days} onChange={setDays} />
        <Button isDisabled={time === "" || added.length > MAX_SLOTS || added.length === slots.length} onPress={add}>
          <Plus aria-hidden /> Add
        </Button>
      </div>
      <div className="week-slots-days">
        {WEEKDAYS.map(({ id, label, name }) => {
          const ofDay = slots.filter(({ weekday }) => weekday === id);
          return (
            // biome-ignore lint/a11y/useSemanticElements: a column of a week is no fieldset
            <div key={id} className="week-slots-day" role="group" aria-label={name}>
              <span className="small" aria-hidden>
                {label}
              </span>
              {ofDay.map((slot) => (
                <button
                  key={slot.time}
                  type="button"
                  className="week-slot"
                  aria-label={`Take away ${name} ${slot.time}`}
                  onClick={() => {
                    onChange(withoutSlot(slots, slot));
                    field.current?.focus();
                  }}
                >
                  {slot.time} <X aria-hidden />
                </button>
              ))}
              {ofDay.length === 0 && <span className="soft small week-slots-none">–</span>}
            </div>
          );
        })}
      </div>
      {error !== undefined && <span className="error">{error}</span>}
    </fieldset>
  );
}
