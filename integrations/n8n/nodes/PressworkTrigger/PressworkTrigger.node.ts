import { randomUUID } from "node:crypto";
import {
  type IDataObject,
  type IHookFunctions,
  type INodeType,
  type INodeTypeDescription,
  type IWebhookFunctions,
  type IWebhookResponseData,
  type JsonObject,
  NodeApiError,
  NodeConnectionTypes,
  NodeOperationError,
} from "n8n-workflow";
import { call, listAll } from "../Presswork/api";
import { searchProjects } from "../Presswork/lists";
import { PROJECT, locator } from "../Presswork/resources/fields";
import { problemWith } from "./signature";

const ENDPOINTS = "/v1/webhook-endpoints";

/** What n8n stores for an active workflow. */
interface Stored extends IDataObject {
  endpointId?: string;
  signingSecret?: string;
}

/** Starts a workflow on events of Presswork. An active workflow has a webhook endpoint there. */
export class PressworkTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: "Presswork Trigger",
    name: "pressworkTrigger",
    icon: { light: "file:../../icons/presswork.svg", dark: "file:../../icons/presswork.dark.svg" },
    group: ["trigger"],
    version: 1,
    subtitle: '={{ $parameter["events"].join(", ") }}',
    description: "Starts the workflow when posts, content or accounts change",
    defaults: { name: "Presswork Trigger" },
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [{ name: "pressworkApi", required: true }],
    webhooks: [{ name: "default", httpMethod: "POST", responseMode: "onReceived", path: "webhook" }],
    properties: [
      {
        displayName: "Events",
        name: "events",
        type: "multiOptions",
        required: true,
        default: ["post.published", "post.failed"],
        options: [
          { name: "Account Connected", value: "social_account.connected" },
          { name: "Account Disconnected", value: "social_account.revoked" },
          { name: "Account Needs Login", value: "social_account.needs_reauth" },
          { name: "Account Token Expiring", value: "social_account.token_expiring" },
          { name: "Comment Received", value: "comment.received" },
          { name: "Content Approved", value: "content.approved" },
          { name: "Content Commented", value: "content.commented" },
          { name: "Content Deleted", value: "content.deleted" },
          { name: "Content Mentions Someone", value: "content.mentioned" },
          { name: "Content Needs Changes", value: "content.changes_requested" },
          { name: "Content Pending", value: "content.pending" },
          { name: "Content Rejected", value: "content.rejected" },
          { name: "Content Still Waits", value: "content.reminder" },
          { name: "Draft Changed", value: "draft.changed" },
          { name: "Live Post Changed", value: "post.edited" },
          { name: "Post Canceled", value: "post.canceled" },
          { name: "Post Could Not Be Taken Down", value: "post.take_down_failed" },
          { name: "Post Drafted", value: "post.drafted" },
          { name: "Post Failed", value: "post.failed" },
          { name: "Post Published", value: "post.published" },
          { name: "Post Published in Part", value: "post.partial" },
          { name: "Post Publishing", value: "post.publishing" },
          { name: "Post Scheduled", value: "post.scheduled" },
          { name: "Post Taken Down", value: "post.taken_down" },
          { name: "Reply Failed", value: "comment.reply_failed" },
          { name: "Reply Posted", value: "comment.replied" },
        ],
      },
      locator({ ...PROJECT, description: "Only events of this project; leave it empty for all", isRequired: false }, {}),
    ],
  };

  methods = { listSearch: { searchProjects } };

  webhookMethods = {
    default: {
      /** Whether the stored endpoint exists as this node wants it. A paused one is resumed. */
      async checkExists(this: IHookFunctions): Promise<boolean> {
        const { endpointId, signingSecret } = this.getWorkflowStaticData("node") as Stored;
        if (endpointId === undefined || signingSecret === undefined) return false;
        const endpoints = await listAll(this, { method: "GET", path: ENDPOINTS });
        const found = endpoints.find(({ id }) => id === endpointId);
        if (found === undefined || !isWanted(this, found)) return false;
        if (found.status === "paused") await resume(this, endpointId);
        return true;
      },

      /** Creates the endpoint and stores its secret. Endpoints with this node's URL whose secret was lost are deleted. */
      async create(this: IHookFunctions): Promise<boolean> {
        const { url, events, projectId } = wanted(this);
        for (const endpoint of await listAll(this, { method: "GET", path: ENDPOINTS })) {
          if (endpoint.url === url) await remove(this, endpoint.id as string);
        }
        const description = `n8n: ${this.getWorkflow().name ?? "workflow"}`.slice(0, 200);
        const body = { url, events, description, ...(projectId === "" ? {} : { projectId }) };
        const created = await call(this, { method: "POST", path: ENDPOINTS, body, idempotencyKey: randomUUID() });
        const stored = this.getWorkflowStaticData("node") as Stored;
        stored.endpointId = (created.endpoint as IDataObject).id as string;
        stored.signingSecret = created.signingSecret as string;
        return true;
      },

      async delete(this: IHookFunctions): Promise<boolean> {
        const stored = this.getWorkflowStaticData("node") as Stored;
        if (stored.endpointId !== undefined) await remove(this, stored.endpointId);
        delete stored.endpointId;
        delete stored.signingSecret;
        return true;
      },
    },
  };

  async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
    const request = this.getRequestObject();
    const { signingSecret } = this.getWorkflowStaticData("node") as Stored;
    const message = { headers: request.headers, body: request.rawBody ?? Buffer.alloc(0) };
    const problem =
      signingSecret === undefined
        ? "The workflow has no signing secret. Deactivate and activate it."
        : problemWith(message, signingSecret, Date.now() / 1000);
    if (problem !== undefined) {
      this.getResponseObject().status(400).json({ error: problem });
      return { noWebhookResponse: true };
    }
    return { workflowData: [this.helpers.returnJsonArray(this.getBodyData())] };
  }
}

function wanted(context: IHookFunctions): { url: string; events: string[]; projectId: string } {
  const url = context.getNodeWebhookUrl("default");
  if (url === undefined) throw new NodeOperationError(context.getNode(), "n8n has no URL for the webhook of this node");
  const projectId = context.getNodeParameter("projectId", "", { extractValue: true }) as string;
  return { url, events: context.getNodeParameter("events") as string[], projectId };
}

function isWanted(context: IHookFunctions, endpoint: IDataObject): boolean {
  const { url, events, projectId } = wanted(context);
  const isSame = [...events].sort().join() === [...(endpoint.events as string[])].sort().join();
  return isSame && endpoint.url === url && (endpoint.projectId ?? "") === projectId;
}

function resume(context: IHookFunctions, id: string): Promise<IDataObject> {
  const body = { status: "active" };
  return call(context, { method: "PATCH", path: `${ENDPOINTS}/${id}`, body, idempotencyKey: randomUUID() });
}

/** Deletes an endpoint; one that is gone already is no error. */
async function remove(context: IHookFunctions, id: string): Promise<void> {
  try {
    await call(context, { method: "DELETE", path: `${ENDPOINTS}/${id}`, idempotencyKey: randomUUID() });
  } catch (error) {
    if (error instanceof NodeApiError && error.httpCode === "404") return;
    throw new NodeApiError(context.getNode(), error as JsonObject);
  }
}
