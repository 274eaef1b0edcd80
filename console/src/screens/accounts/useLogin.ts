import { queryOptions, useMutation } from "@tanstack/react-query";
import type { Environment, OAuthUrl } from "presswork-client";
import { clientOf } from "../../api/client";
import { type LoginRequest, rememberLogin } from "./logins";

const ASKED_EVERY_MS = 1_500;

/** Begins logins. Both ways work in every browser: no window is opened that it might block. */
export function useLogin(environment: Environment) {
  /** Leaves for the platform's page, which leads back to the page that says what was connected. */
  const leave = useMutation({
    mutationFn: async (request: LoginRequest) => {
      const id = `l${Date.now().toString(36)}`;
      const returnUrl = `${location.origin}/console/${environment}/accounts/connected?login=${id}`;
      const { authorizeUrl, state } = await begin(environment, request, returnUrl);
      rememberLogin(id, { ...request, state });
      location.assign(authorizeUrl);
    },
  });
  /** Returns the link to the platform's page, for an owner in another browser. */
  const link = useMutation({ mutationFn: (request: LoginRequest) => begin(environment, request) });
  return { leave, link };
}

async function begin(environment: Environment, request: LoginRequest, returnUrl?: string): Promise<OAuthUrl> {
  const { socialAccounts } = clientOf(environment);
  const { projectId, platform, login, host, socialAccountId } = request;
  return socialAccountId === undefined
    ? socialAccounts.createOauthUrl({ projectId, platform, login, host, returnUrl })
    : socialAccounts.createReauthUrl({ projectId, socialAccountId, returnUrl });
}

/** The status of a login, asked until it has ended. */
export function loginStatusQuery(environment: Environment, state: string) {
  return queryOptions({
    queryKey: [environment, "logins", state],
    queryFn: () => clientOf(environment).socialAccounts.getOauthStatus({ state }),
    refetchInterval: ({ state: { data } }) =>
      data === undefined || data.status === "pending" ? ASKED_EVERY_MS : false,
  });
}
