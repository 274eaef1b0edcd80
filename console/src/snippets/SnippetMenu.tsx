import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Braces, Search, Settings2, TextQuote } from "lucide-react";
import type { Environment } from "presswork-client";
import type { RefObject } from "react";
import { Autocomplete, Input, Menu, MenuItem, Popover, SearchField, Text, useFilter } from "react-aria-components";
import { messageOf } from "../api/errors";
import { projectQuery } from "../api/projects";
import "../ui/field.css";
import "../ui/menu.css";
import "../ui/search-field.css";
import { placeholderOf } from "./insert";
import { snippetsQuery } from "./queries";
import "./snippets.css";

const MANAGE = "manage";

interface SnippetMenuProps {
  readonly environment: Environment;
  readonly projectId: string;
  /** Below which it is shown. */
  readonly button: RefObject<HTMLButtonElement | null>;
  readonly onInsert: (text: string) => void;
  readonly onClose: () => void;
}

/** The snippets and variables of a project, narrowed as a person types; the last entry manages them. */
export default function SnippetMenu({ environment, projectId, button, onInsert, onClose }: SnippetMenuProps) {
  const navigate = useNavigate();
  const { contains } = useFilter({ sensitivity: "base" });
  const snippets = useQuery(snippetsQuery(environment, projectId));
  const variables = Object.entries(useQuery(projectQuery(environment, projectId)).data?.variables ?? {});
  const choose = (key: string) => {
    if (key === MANAGE) {
      void navigate({
        to: "/$environment/accounts/projects/$projectId/texts",
        params: { environment, projectId },
      });
      return;
    }
    const text = snippets.data?.find(({ id }) => id === key)?.text;
    onInsert(text ?? placeholderOf(key));
  };
  const state = snippets.isPending ? "Loading" : snippets.error !== null ? messageOf(snippets.error) : null;
  return (
    <Popover
      className="popover snippet-menu"
      placement="bottom start"
      triggerRef={button}
      isOpen
      onOpenChange={(isOpen) => isOpen || onClose()}
    >
      <Autocomplete filter={contains}>
        <SearchField className="search-field" aria-label="Search snippets" autoFocus>
          <Search aria-hidden />
          <Input className="input" placeholder="Snippet or variable" />
        </SearchField>
        {state !== null && <p className="soft small snippet-state">{state}</p>}
        <Menu className="menu" aria-label="Snippets" onAction={(key) => choose(String(key))}>
          {(snippets.data ?? []).map(({ id, name, text }) => (
            <MenuItem key={id} id={id} className="menu-item" textValue={`${name} ${text}`}>
              <TextQuote aria-hidden />
              <span>
                <Text slot="label">{name}</Text>
                <Text slot="description" className="soft small snippet-text">
                  {text}
                </Text>
              </span>
            </MenuItem>
          ))}
          {variables.map(([name, value]) => (
            <MenuItem key={name} id={name} className="menu-item" textValue={name}>
              <Braces aria-hidden />
              <span>
                <Text slot="label">{name}</Text>
                <Text slot="description" className="soft small snippet-text">
                  {value}
                </Text>
              </span>
            </MenuItem>
          ))}
          <MenuItem id={MANAGE} className="menu-item" textValue="Edit snippets and variables">
            <Settings2 aria-hidden /> Edit snippets and variables…
          </MenuItem>
        </Menu>
      </Autocomplete>
    </Popover>
  );
}
