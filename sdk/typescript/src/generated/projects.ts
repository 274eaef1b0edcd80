// Keep the content and accounts of one customer together.
// Written by `python -m generator`; change the API or the generator, not this file.

import type { RequestOptions } from "../calls.js";
import type { Transport } from "../transport.js";
import type { Pages } from "../pages.js";
import type { ApiPromise } from "../responses.js";
import type { Project, ProjectPage } from "./models.js";
import type { ProjectsCreateParams, ProjectsGetParams, ProjectsListParams, ProjectsUpdateParams } from "./params.js";

/** Keep the content and accounts of one customer together. */
export class Projects {
  constructor(protected readonly client: Transport) {}

  /**
   * Make a project.
   *
   * Make a project. It belongs to the key's environment: keys of the other one never see it.
   *
   * Scope: `projects:write`.
   *
   * @throws ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError, PayloadTooLargeError,
   * RateLimitedError, UnauthenticatedError, UnavailableError, UnsupportedMediaTypeError, ValidationError.
   */
  create(params: ProjectsCreateParams, options?: RequestOptions): ApiPromise<Project> {
    const { name, timezone, customerExternalId, metadata } = params;
    return this.client.call<Project>(
      { method: "POST", path: "/v1/projects", takesKey: true },
      { body: { name, timezone, customerExternalId, metadata } },
      options,
    );
  }

  /**
   * List projects.
   *
   * List the projects of the key's organization and environment, newest first.
   *
   * Scope: `projects:read`.
   *
   * @throws ForbiddenScopeError, InternalError, KillSwitchError, RateLimitedError, UnauthenticatedError,
   * UnavailableError, ValidationError.
   */
  list(params: ProjectsListParams = {}, options?: RequestOptions): Pages<Project, ProjectPage> {
    const { status, customerExternalId, order, limit } = params;
    return this.client.page<Project, ProjectPage>(
      { method: "GET", path: "/v1/projects", takesKey: false },
      (answer) => answer.items,
      { query: { status, customerExternalId, order, limit } },
      options,
    );
  }

  /**
   * Read a project.
   *
   * Read one project.
   *
   * Scope: `projects:read`.
   *
   * @throws ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
   * UnauthenticatedError, UnavailableError.
   */
  get(params: ProjectsGetParams, options?: RequestOptions): ApiPromise<Project> {
    const { projectId } = params;
    return this.client.call<Project>(
      { method: "GET", path: "/v1/projects/{projectId}", takesKey: false },
      { path: { projectId } },
      options,
    );
  }

  /**
   * Change or archive a project.
   *
   * Change what is named, leave the rest. Archiving is final and cancels the project's queued posts.
   *
   * Scope: `projects:write`.
   *
   * @throws ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
   * NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
   * UnsupportedMediaTypeError, ValidationError.
   */
  update(params: ProjectsUpdateParams, options?: RequestOptions): ApiPromise<Project> {
    const { projectId, name, timezone, customerExternalId, metadata, status } = params;
    return this.client.call<Project>(
      { method: "PATCH", path: "/v1/projects/{projectId}", takesKey: true },
      { path: { projectId }, body: { name, timezone, customerExternalId, metadata, status } },
      options,
    );
  }
}
