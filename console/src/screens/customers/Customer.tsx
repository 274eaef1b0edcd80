import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { projectsQuery } from "../../api/projects";
import { Screen } from "../../app/Screen";
import { platformName } from "../../platforms/platforms";
import { BackLink } from "../../ui/BackLink";
import { Button } from "../../ui/Button";
import { CopyButton } from "../../ui/CopyButton";
import { useNow } from "../../ui/useNow";
import { monthOf } from "../../usage/months";
import { organizationQuery } from "../../usage/queries";
import { UsageOfMonth } from "../../usage/UsageOfMonth";
import { LimitsDialog } from "./LimitsDialog";

const route = getRouteApi("/$environment/customers/$organizationId");

/** One customer: what they used in a month, and what they may use. */
export default function Customer() {
  const { environment, organizationId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const now = useNow();
  const { data } = useQuery(organizationQuery(organizationId));
  const projects = useQuery(projectsQuery(environment)).data; // of the person's own organization, which is in the list, too
  const change = (changes: { month?: string; open?: "limits" | undefined }) =>
    void navigate({ search: (all) => ({ ...all, ...changes }), replace: true });
  return (
    <Screen
      title={data?.name ?? "Customer"}
      actions={
        <Button kind="primary" isDisabled={data === undefined} onPress={() => change({ open: "limits" })}>
          Change limits
        </Button>
      }
    >
      <BackLink to="/$environment/customers" params={{ environment }}>
        Customers
      </BackLink>
      <UsageOfMonth
        environment={environment}
        organizationId={organizationId}
        month={monthOf(search.month, now)}
        current={monthOf(undefined, now)}
        onMonth={(month) => change({ month })}
        projectName={(id, place) =>
          projects?.find((project) => project.id === id)?.name ?? (
            <>
              Project {place} <CopyButton text={id} what={`the id of project ${place}`} />
            </>
          )
        }
        platformName={platformName}
      />
      {search.open === "limits" && data !== undefined && (
        <LimitsDialog organization={data} onClose={() => change({ open: undefined })} />
      )}
    </Screen>
  );
}
