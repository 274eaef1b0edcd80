import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { SystemState } from "presswork-client";
import type { ReactNode } from "react";
import { Loaded } from "../../ui/Loaded";
import { SkeletonRows } from "../../ui/Skeleton";
import { systemQuery } from "./queries";

const route = getRouteApi("/$environment");

/** Reads the state of the installation and shows it, or one sentence to those who may not see it. */
export function Guarded({ children }: { readonly children: (system: SystemState) => ReactNode }) {
  const { session } = route.useRouteContext();
  const system = useQuery({ ...systemQuery, enabled: session.isInstallationAdmin });
  if (!session.isInstallationAdmin) {
    return <p>Only administrators of the organization that runs this installation see this page.</p>;
  }
  return (
    <Loaded query={system} skeleton={<SkeletonRows rows={10} height="64px" />}>
      {children}
    </Loaded>
  );
}
