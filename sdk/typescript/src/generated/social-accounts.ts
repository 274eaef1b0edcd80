// Connect Instagram and TikTok accounts.
// Written by `python -m generator`; change the API or the generator, not this file.

import type { RequestOptions } from "../calls.js";
import type { Transport } from "../transport.js";
import type { Pages } from "../pages.js";
import type { ApiPromise } from "../responses.js";
import type { DisconnectedAccount, OAuthStatus, OAuthUrl, SocialAccount, SocialAccountPage } from "./models.js";
import type { SocialAccountsCreateOauthUrlParams, SocialAccountsCreateReauthUrlParams, SocialAccountsDisconnectParams, SocialAccountsGetOauthStatusParams, SocialAccountsGetParams, SocialAccountsListParams } from "./params.js";

/** Connect Instagram and TikTok accounts. */
export class SocialAccounts {
  constructor(protected readonly client: Transport) {}

  /**
   * List a project's accounts.
   *
   * Return accounts in the order in which they first came, disconnected ones too, each with its readiness.
   *
   * Scope: `social:read`.
   *
   * @throws ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
   * UnauthenticatedError, UnavailableError, ValidationError.
   */
  list(params: SocialAccountsListParams, options?: RequestOptions): Pages<SocialAccount, SocialAccountPage> {
    const { projectId, platform, status, limit } = params;
    return this.client.page<SocialAccount, SocialAccountPage>(
      { method: "GET", path: "/v1/projects/{projectId}/social-accounts", takesKey: false },
      (answer) => answer.items,
      { path: { projectId }, query: { platform, status, limit } },
      options,
    );
  }

  /**
   * Read an account.
   *
   * Return one account with its readiness.
   *
   * Scope: `social:read`.
   *
   * @throws ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
   * UnauthenticatedError, UnavailableError.
   */
  get(params: SocialAccountsGetParams, options?: RequestOptions): ApiPromise<SocialAccount> {
    const { socialAccountId } = params;
    return this.client.call<SocialAccount>(
      { method: "GET", path: "/v1/social-accounts/{socialAccountId}", takesKey: false },
      { path: { socialAccountId } },
      options,
    );
  }

  /**
   * Give an account back.
   *
   * Revoke the access at the platform, wipe the tokens and cancel the account's queued posts.
   *
   * A second call tells the same facts, with no post canceled. The account stays listed as `disconnected` and comes
   * back under its id when it is connected again.
   *
   * Scope: `social:write`.
   *
   * @throws ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError,
   * RateLimitedError, UnauthenticatedError, UnavailableError, ValidationError.
   */
  disconnect(params: SocialAccountsDisconnectParams, options?: RequestOptions): ApiPromise<DisconnectedAccount> {
    const { socialAccountId } = params;
    return this.client.call<DisconnectedAccount>(
      { method: "DELETE", path: "/v1/social-accounts/{socialAccountId}", takesKey: true },
      { path: { socialAccountId } },
      options,
    );
  }

  /**
   * Begin connecting an account.
   *
   * Return the page where an account's owner logs in and agrees. It works once, for ten minutes.
   *
   * Afterwards the owner is sent to `returnUrl`: exactly as given when all went well, else with
   * `layers_oauth_error=<code>` added to its query. An account that the project has already is connected anew and
   * keeps its id.
   *
   * Scope: `social:write`.
   *
   * @throws ConflictError, ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, PayloadTooLargeError,
   * RateLimitedError, ReturnUrlNotAllowedError, UnauthenticatedError, UnavailableError, UnsupportedMediaTypeError,
   * ValidationError.
   */
  createOauthUrl(params: SocialAccountsCreateOauthUrlParams, options?: RequestOptions): ApiPromise<OAuthUrl> {
    const { projectId, platform, returnUrl, login, usageNote } = params;
    return this.client.call<OAuthUrl>(
      { method: "POST", path: "/v1/projects/{projectId}/social/oauth-url", takesKey: false },
      { path: { projectId }, body: { platform, login, returnUrl, usageNote } },
      options,
    );
  }

  /**
   * Begin connecting an account again.
   *
   * Return the page where the owner of an account that the project has logs in again; the account keeps its id.
   *
   * The same platform account must come back, else the login fails as `account_mismatch`.
   *
   * Scope: `social:write`.
   *
   * @throws ConflictError, ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, PayloadTooLargeError,
   * RateLimitedError, ReturnUrlNotAllowedError, UnauthenticatedError, UnavailableError, UnsupportedMediaTypeError,
   * ValidationError.
   */
  createReauthUrl(params: SocialAccountsCreateReauthUrlParams, options?: RequestOptions): ApiPromise<OAuthUrl> {
    const { projectId, socialAccountId, returnUrl } = params;
    return this.client.call<OAuthUrl>(
      { method: "POST", path: "/v1/projects/{projectId}/social/reauth-url", takesKey: false },
      { path: { projectId }, body: { socialAccountId, returnUrl } },
      options,
    );
  }

  /**
   * What became of a login.
   *
   * Return where a login is. It is kept for a day.
   *
   * Scope: `social:read`.
   *
   * @throws ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
   * UnauthenticatedError, UnavailableError.
   */
  getOauthStatus(params: SocialAccountsGetOauthStatusParams, options?: RequestOptions): ApiPromise<OAuthStatus> {
    const { state } = params;
    return this.client.call<OAuthStatus>(
      { method: "GET", path: "/v1/social/oauth-status/{state}", takesKey: false },
      { path: { state } },
      options,
    );
  }
}
