import { useQuery } from "@tanstack/react-query";
import type { Environment, MediaType } from "presswork-client";
import { messageOf } from "../../../api/errors";
import { Button } from "../../../ui/Button";
import { Checkbox } from "../../../ui/Checkbox";
import { CheckboxList } from "../../../ui/CheckboxList";
import { Select } from "../../../ui/Select";
import { TextField } from "../../../ui/TextField";
import { accountListQuery } from "../accounts";
import { CoverFrame } from "../CoverFrame";
import type { DraftFile } from "../draft";
import {
  fieldsFor,
  groupOf,
  linesOf,
  type OptionField,
  type OptionValue,
  type OptionValues,
  withValue,
} from "./fields";
import "./option-fields.css";

/** The account and the files that options are about. */
export interface OptionSubject {
  readonly environment: Environment;
  readonly socialAccountId: string;
  readonly files: readonly DraftFile[];
}

interface OptionFieldsProps {
  readonly about: OptionSubject;
  readonly fields: readonly OptionField[];
  readonly values: OptionValues;
  readonly mediaType: MediaType | null;
  /** The caption that the account gets. */
  readonly caption: string;
  readonly onChange: (values: OptionValues) => void;
}

/** The options of a platform that these files can carry, one below the other. */
export function OptionFields({ about, fields, values, mediaType, caption, onChange }: OptionFieldsProps) {
  return fieldsFor(fields, mediaType).map((field) => (
    <Field
      key={field.name}
      about={about}
      field={field}
      value={values[field.name]}
      caption={caption}
      onChange={(value) => onChange(withValue(field, values, value))}
    />
  ));
}

interface FieldProps {
  readonly about: OptionSubject;
  readonly field: OptionField;
  readonly value: OptionValue | undefined;
  readonly caption: string;
  readonly onChange: (value: OptionValue | undefined) => void;
}

function Field({ about, field, value, caption, onChange }: FieldProps) {
  const hint = field.hint === undefined ? {} : { description: field.hint };
  switch (field.kind) {
    case "choice":
      return (
        <Select
          label={field.label}
          choices={field.choices}
          value={textOf(value) || field.choices[0].id}
          onChange={onChange}
          {...hint}
        />
      );
    case "account":
      return <OfAccount {...{ about, field, value, onChange }} />;
    case "frame":
      return (
        <CoverFrame
          file={about.files[0]}
          value={textOf(value) === "" ? null : Number(value)}
          onChange={(ms) => onChange(ms === null ? undefined : String(ms))}
        />
      );
    case "flag":
      return (
        <Checkbox isSelected={typeof value === "boolean" ? value : field.isOn} onChange={onChange}>
          <span>
            {field.label}
            {field.hint !== undefined && <span className="soft small option-hint">{field.hint}</span>}
          </span>
        </Checkbox>
      );
    case "text":
    case "list": {
      const fallback = field.kind === "text" && textOf(value) === "" ? field.fallback?.(caption) : undefined;
      return (
        <TextField
          label={field.label}
          value={textOf(value)}
          onChange={onChange}
          placeholder={fallback ?? field.placeholder ?? ""}
          {...(field.kind === "text" && field.maxLength !== undefined && { maxLength: field.maxLength })}
          {...describedBy(field, textOf(value), fallback)}
        />
      );
    }
    case "several":
      return <Several field={field} value={value} onChange={onChange} />;
    case "lines":
      return <Lines field={field} lines={linesOf(value)} onChange={onChange} />;
    case "group": {
      const values = groupOf(value);
      return (
        <fieldset className="option-group">
          <legend>{field.label}</legend>
          {field.hint !== undefined && <p className="soft small">{field.hint}</p>}
          <OptionFields
            about={about}
            fields={field.fields}
            values={values}
            mediaType={null}
            caption={caption}
            onChange={(changed) => onChange(Object.keys(changed).length === 0 ? undefined : changed)}
          />
        </fieldset>
      );
    }
  }
}

/** Says what an empty field means, or how much of it is used. */
function describedBy(field: OptionField, value: string, fallback: string | undefined) {
  if (fallback !== undefined) {
    return {
      description: fallback === "" ? "Needed: the caption is empty." : "Without it, the caption's first line is used.",
    };
  }
  if (field.kind === "text" && field.maxLength !== undefined && value !== "") {
    return { description: `${[...value].length} of ${field.maxLength}` };
  }
  if (field.kind === "list") return { description: ["Separated by commas.", field.hint ?? ""].join(" ").trim() };
  return field.hint === undefined ? {} : { description: field.hint };
}

/** A choice from what the account has on its network. */
function OfAccount({
  about: { environment, socialAccountId },
  field,
  value,
  onChange,
}: Omit<FieldProps, "field" | "caption"> & { readonly field: Extract<OptionField, { kind: "account" }> }) {
  const { data, error, isFetching, refetch } = useQuery(accountListQuery(environment, field.list, socialAccountId));
  const name = field.list;
  if (data === undefined && error !== null) {
    return (
      <div className="soft small">
        <p>
          The account's {name} can't be read. {messageOf(error)}
        </p>
        <Button kind="quiet" isDisabled={isFetching} onPress={() => void refetch()}>
          Read them again
        </Button>
      </div>
    );
  }
  const chosen = textOf(value);
  const isThere = chosen === "" || data === undefined || data.some(({ id }) => id === chosen);
  return (
    <Select
      label={field.label}
      choices={data ?? []}
      value={chosen === "" ? null : chosen}
      onChange={onChange}
      placeholder={data === undefined ? "Reading them …" : data.length === 0 ? `The account has no ${name}` : "Choose"}
      isDisabled={data === undefined || data.length === 0}
      {...(!isThere && { error: "The account does not have it any more." })}
      {...(field.hint !== undefined && { description: field.hint })}
    />
  );
}

function Several({
  field,
  value,
  onChange,
}: Omit<FieldProps, "about" | "field" | "caption"> & { readonly field: Extract<OptionField, { kind: "several" }> }) {
  const chosen = Array.isArray(value) ? (value as readonly string[]) : [];
  const boxes = (
    <CheckboxList
      label={field.groups === undefined ? field.label : `${field.label}: ${field.groups.some}`}
      choices={field.choices.map(({ id, label }) => ({ value: id, label }))}
      value={chosen}
      onChange={onChange}
    />
  );
  if (field.groups === undefined) return boxes;
  const { all, none, some } = field.groups;
  const [first] = field.choices;
  return (
    <>
      <Select
        label={field.label}
        choices={[
          { id: "all", label: all },
          { id: "some", label: some },
          { id: "none", label: none },
        ]}
        value={value === undefined ? "all" : chosen.length === 0 ? "none" : "some"}
        onChange={(group) =>
          onChange(group === "all" ? undefined : group === "none" || first === undefined ? [] : [first.id])
        }
        {...(field.hint !== undefined && { description: field.hint })}
      />
      {chosen.length > 0 && boxes}
    </>
  );
}

interface LinesProps {
  readonly field: Extract<OptionField, { kind: "lines" }>;
  readonly lines: readonly string[];
  readonly onChange: (value: OptionValue) => void;
}

function Lines({ field, lines, onChange }: LinesProps) {
  const all = Array.from({ length: field.count }, (_, index) => lines[index] ?? "");
  return (
    <div className="option-lines">
      {all.map((line, index) => (
        <TextField
          // biome-ignore lint/suspicious/noArrayIndexKey: a line has no other identity than its place
          key={index}
          label={`${field.label} ${index + 1}`}
          value={line}
          maxLength={field.maxLength}
          onChange={(text) => onChange(all.map((one, at) => (at === index ? text : one)))}
        />
      ))}
      {field.hint !== undefined && <p className="soft small">{field.hint}</p>}
    </div>
  );
}

function textOf(value: OptionValue | undefined): string {
  return typeof value === "string" ? value : "";
}
