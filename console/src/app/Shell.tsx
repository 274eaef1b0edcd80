import { Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { Menu as MenuIcon, Search } from "lucide-react";
import type { Environment } from "presswork-client";
import { lazy, Suspense, useEffect, useState } from "react";
import { useQuestion } from "../api/confirmation";
import type { SignedIn } from "../api/session";
import { useEventStream } from "../api/useLiveUpdates";
import { Button } from "../ui/Button";
import { Toasts } from "../ui/toasts";
import { useShortcuts } from "../ui/useShortcuts";
import "./app.css";
import { Bell } from "./Bell";
import { BottomBar } from "./BottomBar";
import { EnvironmentSwitch } from "./EnvironmentSwitch";
import { mayCompose } from "./NewPost";
import { usePalette } from "./palette/usePalette";
import { Brand, Sidebar } from "./Sidebar";
import { useServiceWorker } from "./useServiceWorker";

const ConfirmPerson = lazy(() => import("./ConfirmPerson"));
const Drawer = lazy(() => import("./Drawer"));
const Palette = lazy(() => import("./palette/Palette"));

interface ShellProps {
  readonly environment: Environment;
  readonly session: SignedIn;
}

/** What surrounds every screen. The band at its top has the colour of the environment. */
export function Shell({ environment, session }: ShellProps) {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const [isDrawerOpen, setDrawerOpen] = useState(false);
  useEventStream(environment, path);
  useServiceWorker();
  const navigate = useNavigate();
  // There, the bar below the form has its own buttons.
  const isComposing = path.startsWith(`/${environment}/compose`);
  const compose = () => void navigate({ to: "/$environment/compose", params: { environment } });
  const palette = usePalette();
  const question = useQuestion();
  useShortcuts(mayCompose(session) ? { c: compose } : {}, window);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new screen closes the drawer
  useEffect(() => setDrawerOpen(false), [path]);
  return (
    <div className={`shell ${environment}${isComposing ? "" : " with-bottom-bar"}`}>
      <a className="skip-link" href="#screen">
        Skip to the screen
      </a>
      <Sidebar environment={environment} session={session} onFind={palette.open} />
      <header className="top-bar">
        <Button kind="quiet" isIcon aria-label="Screens" onPress={() => setDrawerOpen(true)}>
          <MenuIcon aria-hidden />
        </Button>
        <Brand environment={environment} />
        <EnvironmentSwitch environment={environment} />
        <Bell environment={environment} />
        <Button kind="quiet" isIcon aria-label="Search everything" onPress={palette.open}>
          <Search aria-hidden />
        </Button>
      </header>
      {isDrawerOpen && (
        <Suspense>
          <Drawer environment={environment} session={session} onClose={() => setDrawerOpen(false)} />
        </Suspense>
      )}
      <div className="main">
        <Outlet />
      </div>
      {!isComposing && <BottomBar environment={environment} session={session} />}
      {palette.isOpen && (
        <Suspense>
          <Palette environment={environment} session={session} onClose={palette.close} />
        </Suspense>
      )}
      {question !== null && (
        <Suspense>
          <ConfirmPerson question={question} />
        </Suspense>
      )}
      <Toasts />
    </div>
  );
}
