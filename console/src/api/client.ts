import { type Environment, Presswork } from "presswork-client";

const clients = new Map<string, Presswork>();

/** Returns the client of an environment. It sends the session's cookie instead of a key. */
export function clientOf(environment: Environment): Presswork {
  let client = clients.get(environment);
  if (client === undefined) {
    client = new Presswork({ session: true, environment });
    clients.set(environment, client);
  }
  return client;
}
