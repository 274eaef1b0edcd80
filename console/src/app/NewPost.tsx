import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import type { Environment } from "presswork-client";
import type { SignedIn } from "../api/session";

interface NewPostProps {
  readonly environment: Environment;
  readonly session: SignedIn;
  /** Only its sign, where there is no room for its words. */
  readonly isIcon?: boolean;
}

/** The way to a new post, from every screen. The key is that of `Shell`. */
export function NewPost({ environment, session, isIcon = false }: NewPostProps) {
  if (!mayCompose(session)) return null;
  return (
    <Link
      className={isIcon ? "button primary icon" : "button primary new-post"}
      to="/$environment/compose"
      params={{ environment }}
      preload="intent"
      aria-label={isIcon ? "New post" : undefined}
      aria-keyshortcuts="c"
    >
      <Plus aria-hidden /> {!isIcon && "New post"}
    </Link>
  );
}

/** Whether a person may make content. */
export function mayCompose(session: SignedIn): boolean {
  return session.scopes.includes("content:write");
}
