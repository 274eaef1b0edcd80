import { getRouteApi } from "@tanstack/react-router";
import { TabLink, TabLinks } from "../../ui/TabLinks";

const route = getRouteApi("/$environment");

/** The parts of the screen about people. */
export function PeopleTabs() {
  const { environment } = route.useParams();
  return (
    <TabLinks label="People">
      <TabLink to="/$environment/people" params={{ environment }} activeOptions={{ exact: true }}>
        People
      </TabLink>
      <TabLink to="/$environment/people/provisioning" params={{ environment }}>
        Provisioning
      </TabLink>
    </TabLinks>
  );
}
