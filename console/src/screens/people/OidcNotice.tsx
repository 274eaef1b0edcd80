import { useQuery } from "@tanstack/react-query";
import { sessionQuery } from "../../api/session";

/** How people sign in here. */
export function OidcNotice() {
  const { data: session } = useQuery(sessionQuery);
  return (
    <p className="soft people-sign-in">
      {session?.oidc
        ? `People sign in with a password, or with OpenID Connect at ${session.oidc.provider}.`
        : "People sign in with a password. Single sign-on is not set up."}
    </p>
  );
}
