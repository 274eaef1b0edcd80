import { createHash } from "node:crypto";
import type { IExecuteFunctions } from "n8n-workflow";

/**
 * Returns the idempotency key of an input item: the same whenever n8n tries the node again within one execution.
 *
 * It names the n8n instance, the workflow, the execution, the node, its run (in a loop a node runs many times) and the
 * item. A new execution gets new keys, unless the user sets one from their data, such as the id of a row.
 */
export function idempotencyKey(context: IExecuteFunctions, itemIndex: number): string {
  const chosen = context.getNodeParameter("options.idempotencyKey", itemIndex, "");
  if (typeof chosen === "string" && chosen !== "") return chosen;
  const parts = [
    context.getInstanceId(),
    context.getWorkflow().id,
    context.getExecutionId(),
    context.getNode().id,
    context.getWorkflowDataProxy(itemIndex).$runIndex as number,
    itemIndex,
  ];
  return `n8n-${createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 40)}`;
}
