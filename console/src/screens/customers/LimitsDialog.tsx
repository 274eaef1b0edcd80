import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Organization } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { LimitFields, limitsOf, textsOf } from "./LimitFields";
import "./customers.css";

interface LimitsDialogProps {
  readonly organization: Organization;
  readonly onClose: () => void;
}

/** The form that sets what a customer may use. */
export function LimitsDialog({ organization, onClose }: LimitsDialogProps) {
  const queries = useQueryClient();
  const [texts, setTexts] = useState(textsOf(organization.limits));
  const limits = limitsOf(texts);
  const save = useMutation({
    mutationFn: () => clientOf("test").organizations.setLimits({ organizationId: organization.id, ...limits }),
    onSuccess: async () => {
      onClose();
      await queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey.includes("usage") });
      await queries.invalidateQueries({ queryKey: ["organizations"] });
    },
  });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`What ${organization.name} may use`}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isPending={save.isPending} isDisabled={limits === null} onPress={() => save.mutate()}>
            Save
          </Button>
        </>
      }
    >
      <ErrorNotice error={save.error} />
      <p className="soft">What they have beyond a limit stays. They can't add to it.</p>
      <LimitFields texts={texts} onChange={setTexts} />
    </Dialog>
  );
}
