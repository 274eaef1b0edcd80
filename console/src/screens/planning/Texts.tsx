import { getRouteApi } from "@tanstack/react-router";
import { isArchived } from "../../api/projects";
import { LinkParameters } from "./LinkParameters";
import { Part } from "./Part";
import { Snippets } from "./Snippets";
import { Variables } from "./Variables";

const route = getRouteApi("/$environment/accounts/projects/$projectId/texts");

/** What the texts of a project share: snippets, variables that are filled in, and parameters of its links. */
export default function Texts() {
  const { environment, projectId } = route.useParams();
  const { snippet } = route.useSearch();
  const { session } = route.useRouteContext();
  const navigate = route.useNavigate();
  return (
    <Part environment={environment} projectId={projectId}>
      {(project) => {
        const isActive = !isArchived(project);
        return (
          <div className="project">
            <Snippets
              {...{ environment, project }}
              mayWrite={isActive && session.scopes.includes("content:write")}
              open={snippet}
              onOpen={(id) => void navigate({ search: id === undefined ? {} : { snippet: id }, replace: true })}
            />
            <Variables
              key={`variables ${project.updatedAt}`}
              {...{ environment, project }}
              isReadOnly={!isActive || !session.scopes.includes("projects:write")}
            />
            <LinkParameters
              key={`links ${project.updatedAt}`}
              {...{ environment, project }}
              isReadOnly={!isActive || !session.scopes.includes("projects:write")}
            />
          </div>
        );
      }}
    </Part>
  );
}
