import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Download } from "lucide-react";
import { projectsQuery } from "../../api/projects";
import { Screen } from "../../app/Screen";
import { platformName } from "../../platforms/platforms";
import { useNow } from "../../ui/useNow";
import { monthOf } from "../../usage/months";
import { usageExportUrl } from "../../usage/queries";
import { UsageOfMonth } from "../../usage/UsageOfMonth";

const route = getRouteApi("/$environment/usage");

/** What the organization used in a month, and how far its limits are used. */
export default function Usage() {
  const { environment } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const now = useNow();
  const projects = useQuery(projectsQuery(environment)).data;
  const month = monthOf(search.month, now);
  return (
    <Screen
      title="Usage"
      actions={
        <a className="button plain" href={usageExportUrl(environment, month)} download>
          <Download aria-hidden /> Download CSV
        </a>
      }
    >
      <UsageOfMonth
        environment={environment}
        month={month}
        current={monthOf(undefined, now)}
        onMonth={(month) => void navigate({ search: { month }, replace: true })}
        projectName={(id) => projects?.find((project) => project.id === id)?.name ?? "An erased project"}
        platformName={platformName}
      />
    </Screen>
  );
}
