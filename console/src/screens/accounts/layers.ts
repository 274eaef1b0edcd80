import { queryOptions } from "@tanstack/react-query";
import type { Environment, Layer } from "presswork-client";
import { clientOf } from "../../api/client";

/** The template of layers that publish through a provider. */
export const MANAGED_TEMPLATE = "af058068-ad85-4fb8-92a1-f531b40bfcbc";

/** A layer of a project. A change of a layer changes the readiness of accounts, so both are one part. */
export function layerQuery(environment: Environment, projectId: string, layerId: string) {
  return queryOptions({
    queryKey: [environment, "accounts", "layers", projectId, layerId],
    queryFn: () => clientOf(environment).layers.get({ projectId, layerId }),
  });
}

/** Whether a layer is for managed distribution. */
export function isManaged(layer: Pick<Layer, "templateId">): boolean {
  return layer.templateId === MANAGED_TEMPLATE;
}

/** Returns the provider that a layer names, or null. */
export function providerOf(layer: Pick<Layer, "config">): string | null {
  const provider = layer.config["provider"];
  return typeof provider === "string" ? provider : null;
}

/** Reads what a person typed as a layer's configuration. */
export function parseConfig(
  text: string,
): { readonly config: Readonly<Record<string, unknown>> } | { readonly problem: string } {
  if (text.trim() === "") return { config: {} };
  try {
    const config: unknown = JSON.parse(text);
    if (typeof config === "object" && config !== null && !Array.isArray(config))
      return { config: config as Record<string, unknown> };
    return { problem: 'This is not a JSON object. Write one like {"provider": "acme"}.' };
  } catch (error) {
    return { problem: `This is not JSON: ${error instanceof Error ? error.message : String(error)}.` };
  }
}
