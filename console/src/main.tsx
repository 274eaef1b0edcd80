import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { I18nProvider } from "react-aria-components";
import { createRoot } from "react-dom/client";
import { leaveEndedSession } from "./api/session";
import { routerOf } from "./app/router";
import { reloadAfterUpgrade } from "./app/upgrade";
import "./styles/font.css";
import "./styles/tokens.css";
import "./styles/base.css";

// The client retries what may be retried. Events of the stream refresh what is shown; only what has no events is polled.
const onError = (error: Error) => {
  leaveEndedSession(queries, error).catch(() => undefined); // the next call that fails tries it again
};
const queries = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: { queries: { retry: false, staleTime: 10_000 }, mutations: { retry: false } },
});
const router = routerOf(queries);
reloadAfterUpgrade();
const place = document.getElementById("root");
if (place === null) throw new Error("index.html has no element with the id root.");

createRoot(place).render(
  <StrictMode>
    <I18nProvider locale="en-GB">
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </I18nProvider>
  </StrictMode>,
);
