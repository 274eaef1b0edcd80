import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { projectsQuery } from "../../api/projects";
import { Screen } from "../../app/Screen";
import { platformName } from "../../platforms/platforms";
import { useNow } from "../../ui/useNow";
import { monthOf } from "../../usage/months";
import { UsageOfMonth } from "../../usage/UsageOfMonth";

const route = getRouteApi("/$environment/usage");

/** What the organization used in a month, and how far its limits are used. */
export default function Usage() {
  const { environment } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const now = useNow();
  const projects = useQuery(projectsQuery(environment)).data;
  return (
    <Screen title="Usage">
      <UsageOfMonth
        environment={environment}
        month={monthOf(search.month, now)}
        current={monthOf(undefined, now)}
        onMonth={(month) => void navigate({ search: { month }, replace: true })}
        projectName={(id) => projects?.find((project) => project.id === id)?.name ?? "An erased project"}
        platformName={platformName}
      />
    </Screen>
  );
}
