import { createHash } from "node:crypto";
import { type IExecuteFunctions, NodeOperationError } from "n8n-workflow";

/**
 * Returns the idempotency key of an input item: the same whenever n8n tries the node again within one execution.
 *
 * It names the n8n instance, the workflow, the execution, the node, its run (in a loop a node runs many times) and the
 * item. A new execution gets new keys, unless the user sets one from their data, such as the id of a row. Throws a
 * NodeOperationError if what they set has no value: a key of the execution instead would post a row again.
 */
export function idempotencyKey(context: IExecuteFunctions, itemIndex: number): string {
  const chosen: unknown = context.getNodeParameter("options.idempotencyKey", itemIndex, "");
  if (chosen !== "") return checked(context, chosen, itemIndex);
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

function checked(context: IExecuteFunctions, chosen: unknown, itemIndex: number): string {
  if (typeof chosen === "string" || Number.isFinite(chosen)) return String(chosen);
  throw new NodeOperationError(context.getNode(), "Idempotency Key is no text and no number", {
    description: "Set it to a value of the item, such as the id of a row, or remove the option.",
    itemIndex,
  });
}
