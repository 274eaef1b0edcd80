import { useNavigate, useRouterState } from "@tanstack/react-router";
import { FileImage, FolderOpen, Search } from "lucide-react";
import type { Environment, Searched } from "presswork-client";
import { type ReactNode, useState } from "react";
import {
  Autocomplete,
  Dialog,
  Header,
  Input,
  Label,
  Menu,
  MenuItem,
  MenuSection,
  Modal,
  ModalOverlay,
  SearchField,
} from "react-aria-components";
import { messageOf } from "../../api/errors";
import { type SignedIn, useSignOut } from "../../api/session";
import { accountName, platformName } from "../../platforms/platforms";
import { STATUS_LABELS } from "../../posts/StatusBadge";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { Time } from "../../ui/Time";
import { useFocusReturn } from "../../ui/useFocusReturn";
import { pathIn } from "../environment";
import { actionsOf, type Command, matching, screensOf } from "./commands";
import { useFound } from "./useFound";
import "../../ui/dialog.css";
import "../../ui/menu.css";
import "./palette.css";

const SHOWN = 5;

interface PaletteProps {
  readonly environment: Environment;
  readonly session: SignedIn;
  readonly onClose: () => void;
}

/** One field for everything: screens, actions, accounts, content, posts and projects, by the keyboard alone. */
export default function Palette({ environment, session, onClose }: PaletteProps) {
  const [typed, setTyped] = useState("");
  const path = useRouterState({ select: (state) => state.location.pathname });
  const navigate = useNavigate();
  const signOut = useSignOut();
  const { data, isSearching, error } = useFound(environment, typed, session.scopes.includes("publish:read"));
  useFocusReturn(true);
  const open = (to: string, search: Command["search"] = {}) => void navigate({ to, params: { environment }, search });
  const run = (command: Command) => {
    if (command.to !== undefined) return open(command.to, command.search);
    if (command.id === "sign-out") return signOut.mutate();
    return open(pathIn(environment === "test" ? "live" : "test", path));
  };
  const actions = matching(actionsOf(environment, session), typed);
  const screens = matching(screensOf(session), typed);
  const count = actions.length + screens.length + countOf(data);
  return (
    <ModalOverlay
      className="backdrop palette-backdrop"
      isOpen
      onOpenChange={(isOpen) => isOpen || onClose()}
      isDismissable
    >
      <Modal className="dialog palette">
        <Dialog aria-label="Search everything" className="palette-content">
          <Autocomplete inputValue={typed} onInputChange={setTyped}>
            <SearchField className="palette-field" autoFocus>
              <Label className="visually-hidden">Search everything</Label>
              <Search aria-hidden />
              <Input className="palette-input" placeholder="Search, or type what to do" />
            </SearchField>
            <Menu
              className="menu palette-results"
              aria-label="Results"
              renderEmptyState={() => (
                <p className="soft palette-empty">{isSearching ? "Searching…" : "Nothing is called that."}</p>
              )}
            >
              <Commands title="Actions" commands={actions} onRun={run} />
              <Commands title="Screens" commands={screens} onRun={run} />
              {data !== undefined && Found(data, (to) => open(`/${environment}/${to}`))}
            </Menu>
          </Autocomplete>
          <p className="visually-hidden" role="status">
            {isSearching ? "" : `${count} ${count === 1 ? "result" : "results"}`}
          </p>
          {error !== null && <p className="palette-empty">{messageOf(error)}</p>}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

interface CommandsProps {
  readonly title: string;
  readonly commands: readonly Command[];
  readonly onRun: (command: Command) => void;
}

function Commands({ title, commands, onRun }: CommandsProps) {
  if (commands.length === 0) return null;
  return (
    <MenuSection className="palette-section">
      <Header>{title}</Header>
      {commands.map((command) => (
        <MenuItem
          key={command.id}
          id={command.id}
          className="menu-item"
          textValue={command.label}
          onAction={() => onRun(command)}
        >
          <command.icon aria-hidden />
          <span>{command.label}</span>
          {command.keys !== undefined && <kbd className="palette-key">{command.keys}</kbd>}
        </MenuItem>
      ))}
    </MenuSection>
  );
}

/** What the search found. A function and no component: the sections are children of the menu. */
function Found({ accounts, content, posts, projects }: Searched, open: (path: string) => void): ReactNode {
  return [
    section(
      "Accounts",
      accounts.map(({ id, platform, handle, displayName }) => ({
        id,
        name: accountName(platform, handle),
        icon: <PlatformIcon platform={platform} />,
        detail: displayName ?? platformName(platform),
        onAction: () => open(`accounts/${id}`),
      })),
    ),
    section(
      "Content",
      content.map(({ id, caption }) => ({
        id,
        name: caption || "Without a text",
        icon: <FileImage aria-hidden />,
        onAction: () => open(`content/${id}`),
      })),
    ),
    section(
      "Posts",
      posts.map(({ id, platform, handle, caption, status, scheduledFor }) => ({
        id,
        name: caption || "Without a text",
        icon: <PlatformIcon platform={platform} />,
        detail: (
          <>
            {accountName(platform, handle)}, {STATUS_LABELS[status].toLowerCase()}, <Time at={scheduledFor} />
          </>
        ),
        onAction: () => open(`posts/${id}`),
      })),
    ),
    section(
      "Projects",
      projects.map(({ id, name }) => ({
        id,
        name,
        icon: <FolderOpen aria-hidden />,
        onAction: () => open(`accounts/projects/${id}`),
      })),
    ),
  ];
}

interface Hit {
  readonly id: string;
  readonly name: string;
  readonly icon: ReactNode;
  readonly detail?: ReactNode;
  readonly onAction: () => void;
}

function section(title: string, hits: readonly Hit[]): ReactNode {
  if (hits.length === 0) return null;
  return (
    <MenuSection key={title} className="palette-section">
      <Header>{title}</Header>
      {hits.slice(0, SHOWN).map(({ id, name, icon, detail, onAction }) => (
        <MenuItem key={id} id={id} className="menu-item" textValue={name} onAction={onAction}>
          {icon}
          <span>
            <span className="cut">{name}</span>
            {detail !== undefined && <span className="soft small cut">{detail}</span>}
          </span>
        </MenuItem>
      ))}
    </MenuSection>
  );
}

function countOf(found: Searched | undefined): number {
  if (found === undefined) return 0;
  return [found.accounts, found.content, found.posts, found.projects].reduce(
    (sum, hits) => sum + Math.min(hits.length, SHOWN),
    0,
  );
}
