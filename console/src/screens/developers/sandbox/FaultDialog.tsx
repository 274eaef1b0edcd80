import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Environment, SandboxFault } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../../api/client";
import { issuesOf } from "../../../api/errors";
import { PLATFORMS, platformName } from "../../../platforms/platforms";
import { Button } from "../../../ui/Button";
import { Dialog } from "../../../ui/Dialog";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Select } from "../../../ui/Select";
import { TextField } from "../../../ui/TextField";
import { FAULTS, OPERATIONS } from "./faultPresets";
import { faultValue, isDelay } from "./faultValue";

type Platform = SandboxFault["platform"];

const PLACES: readonly { readonly id: Platform; readonly label: string }[] = [
  ...PLATFORMS.map((id) => ({ id, label: platformName(id) })),
  { id: "sms", label: "Text messages" },
  { id: "provider", label: "Managed provider" },
];
/** A code that each one answers with. */
const EXAMPLES: Readonly<Partial<Record<Platform, string>>> = {
  instagram: "25/2207050",
  tiktok: "spam_risk",
  threads: "24/4279009",
  youtube: "quotaExceeded",
  bluesky: "RateLimitExceeded",
  mastodon: "422",
  x: "duplicate",
  telegram: "429",
  pinterest: "29",
  facebook: "368",
  linkedin: "DUPLICATE_POST",
};
const TIMES = [
  { id: "1", label: "Once" },
  { id: "3", label: "Three times" },
  { id: "-1", label: "Until it is off" },
] as const;

interface FaultDialogProps {
  readonly environment: Environment;
  readonly onClose: () => void;
}

/** The form for any fault of the sandbox. */
export function FaultDialog({ environment, onClose }: FaultDialogProps) {
  const queries = useQueryClient();
  const [platform, setPlatform] = useState<Platform>("instagram");
  const [operation, setOperation] = useState<string>("media_publish");
  const [fault, setFault] = useState<SandboxFault["fault"]>("http_500");
  const [handle, setHandle] = useState("");
  const [times, setTimes] = useState<(typeof TIMES)[number]["id"]>("1");
  const [detail, setDetail] = useState("");
  const add = useMutation({
    mutationFn: () =>
      clientOf(environment).sandbox.addFault({
        platform,
        operation,
        fault,
        times: Number(times),
        ...(handle && { handle }),
        ...faultValue(fault, detail),
      }),
    onSuccess: async () => {
      onClose();
      await queries.invalidateQueries({ queryKey: [environment, "sandbox"] });
    },
  });
  const issues = issuesOf(add.error);
  const hasDetail = isDelay(fault) || fault === "platform_error" || fault === "media_error";
  const choosePlatform = (chosen: Platform) => {
    setPlatform(chosen);
    setOperation(OPERATIONS[chosen][0]);
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Another fault"
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isPending={add.isPending} onPress={() => add.mutate()}>
            Turn it on
          </Button>
        </>
      }
    >
      <ErrorNotice error={add.error} fields={["operation", "handle", ...(hasDetail ? ["value"] : [])]} />
      <Select label="Platform" choices={PLACES} value={platform} onChange={choosePlatform} />
      <Select
        label="Call"
        choices={OPERATIONS[platform].map((id) => ({ id: id as string, label: id }))}
        value={operation}
        onChange={setOperation}
        error={issues["operation"]}
      />
      <Select label="What goes wrong" choices={FAULTS} value={fault} onChange={setFault} />
      {hasDetail && (
        <TextField
          label={isDelay(fault) ? "Milliseconds" : "Error"}
          value={detail}
          onChange={setDetail}
          placeholder={isDelay(fault) ? "1000" : (EXAMPLES[platform] ?? "")}
          description={isDelay(fault) ? undefined : "The platform's code, or code/subcode."}
          error={issues["value"]}
        />
      )}
      <TextField
        label="Only this account"
        value={handle}
        onChange={setHandle}
        placeholder="All accounts"
        error={issues["handle"]}
      />
      <Select label="How often" choices={TIMES} value={times} onChange={setTimes} />
    </Dialog>
  );
}
