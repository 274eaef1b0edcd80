import { Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { Menu as MenuIcon } from "lucide-react";
import type { Environment } from "presswork-client";
import { lazy, Suspense, useEffect, useState } from "react";
import type { SignedIn } from "../api/session";
import { useEventStream } from "../api/useLiveUpdates";
import { Button } from "../ui/Button";
import { Toasts } from "../ui/toasts";
import { useShortcuts } from "../ui/useShortcuts";
import "./app.css";
import { EnvironmentSwitch } from "./EnvironmentSwitch";
import { mayCompose, NewPost } from "./NewPost";
import { Brand, Sidebar } from "./Sidebar";

const Drawer = lazy(() => import("./Drawer"));

interface ShellProps {
  readonly environment: Environment;
  readonly session: SignedIn;
}

/** What surrounds every screen. The band at its top has the colour of the environment. */
export function Shell({ environment, session }: ShellProps) {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const [isDrawerOpen, setDrawerOpen] = useState(false);
  useEventStream(environment, path);
  const navigate = useNavigate();
  const compose = () => void navigate({ to: "/$environment/compose", params: { environment } });
  useShortcuts(mayCompose(session) ? { c: compose } : {}, window);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new screen closes the drawer
  useEffect(() => setDrawerOpen(false), [path]);
  return (
    <div className={`shell ${environment}`}>
      <a className="skip-link" href="#screen">
        Skip to the screen
      </a>
      <Sidebar environment={environment} session={session} />
      <header className="top-bar">
        <Button kind="quiet" isIcon aria-label="Screens" onPress={() => setDrawerOpen(true)}>
          <MenuIcon aria-hidden />
        </Button>
        <Brand environment={environment} />
        <EnvironmentSwitch environment={environment} />
        <NewPost environment={environment} session={session} isIcon />
      </header>
      {isDrawerOpen && (
        <Suspense>
          <Drawer environment={environment} session={session} onClose={() => setDrawerOpen(false)} />
        </Suspense>
      )}
      <div className="main">
        <Outlet />
      </div>
      <Toasts />
    </div>
  );
}
