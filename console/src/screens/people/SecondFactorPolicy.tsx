import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { OwnOrganization } from "presswork-client";
import { clientOf } from "../../api/client";
import { organizationQuery } from "../../security/queries";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Select } from "../../ui/Select";
import { SkeletonRows } from "../../ui/Skeleton";
import { toast } from "../../ui/toasts";

type Policy = OwnOrganization["secondFactor"];

const CHOICES: readonly { readonly id: Policy; readonly label: string; readonly description: string }[] = [
  { id: "off", label: "No one", description: "Everybody may add one under “Your account”." },
  { id: "admins", label: "Admins", description: "They manage people, keys and apps." },
  { id: "everyone", label: "Everyone", description: "All people of the organization." },
];

/** Says who must have a second factor. A change is saved at once. */
export function SecondFactorPolicy() {
  const queries = useQueryClient();
  const query = useQuery(organizationQuery);
  const save = useMutation({
    mutationFn: (secondFactor: Policy) => clientOf("test").organization.update({ secondFactor }),
    onSuccess: (organization) => {
      queries.setQueryData(organizationQuery.queryKey, organization);
      toast("Saved. People who need a second factor set one up when they sign in next.");
    },
  });
  return (
    <div className="people-policy">
      <ErrorNotice error={save.error ?? query.error} />
      {query.isPending ? (
        <SkeletonRows rows={1} />
      ) : (
        <Select
          label="Who must have a second factor"
          choices={CHOICES}
          value={save.isPending ? save.variables : (query.data?.secondFactor ?? null)}
          onChange={(policy) => save.mutate(policy)}
          isDisabled={save.isPending}
        />
      )}
    </div>
  );
}
