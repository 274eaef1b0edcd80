import { useNavigate, useRouterState } from "@tanstack/react-router";
import { ChevronsUpDown } from "lucide-react";
import type { Environment } from "presswork-client";
import { Button } from "../ui/Button";
import { Menu, MenuItem } from "../ui/Menu";
import { pathIn } from "./environment";

const LABELS: Readonly<Record<Environment, string>> = { test: "Test", live: "Live" };
const MEANINGS: Readonly<Record<Environment, string>> = {
  test: "Posts go to the sandbox",
  live: "Posts go to real accounts",
};

/** Shows the environment, and switches to the same screen of the other one. */
export function EnvironmentSwitch({ environment }: { readonly environment: Environment }) {
  const navigate = useNavigate();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const open = (chosen: Environment) => navigate({ to: pathIn(chosen, path) });
  return (
    <div className="environment-switch">
      <Menu
        label="Environment"
        trigger={
          <Button aria-label={`Environment: ${LABELS[environment]}. ${MEANINGS[environment]}.`}>
            {LABELS[environment]}
            <ChevronsUpDown aria-hidden />
          </Button>
        }
      >
        {(["test", "live"] as const).map((name) => (
          <MenuItem key={name} id={name} textValue={LABELS[name]} onAction={() => void open(name)}>
            <span>
              <strong>{LABELS[name]}</strong>
              <span className="soft small">{MEANINGS[name]}</span>
            </span>
          </MenuItem>
        ))}
      </Menu>
    </div>
  );
}
