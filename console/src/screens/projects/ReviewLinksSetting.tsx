import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Environment, Project } from "presswork-client";
import { clientOf } from "../../api/client";
import { Checkbox } from "../../ui/Checkbox";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { toast } from "../../ui/toasts";

interface ReviewLinksSettingProps {
  readonly environment: Environment;
  readonly project: Project;
  readonly isReadOnly: boolean;
}

/** Whether webhook messages about content that waits for a decision carry a review link. */
export function ReviewLinksSetting({ environment, project, isReadOnly }: ReviewLinksSettingProps) {
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: (reviewLinks: boolean) => clientOf(environment).projects.update({ projectId: project.id, reviewLinks }),
    onSuccess: () => toast("The project is saved."),
    onSettled: () => queries.invalidateQueries({ queryKey: [environment, "projects"] }),
  });
  return (
    <>
      {save.isError && <ErrorNotice error={save.error} />}
      <Checkbox
        isSelected={project.reviewLinks}
        isDisabled={isReadOnly || save.isPending}
        onChange={(isOn) => save.mutate(isOn)}
      >
        Add a link to each webhook message that content waits
      </Checkbox>
      <p className="soft small">
        Your server can send <code>reviewUrl</code> of <code>content.pending</code> on to a customer, who decides there.
        The links act for the person who switches this on.
      </p>
    </>
  );
}
