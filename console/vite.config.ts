import { fileURLToPath } from "node:url";
import optimizeLocales from "@react-aria/optimize-locales-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { compress } from "./compress.ts";
import { preloads } from "./preloads.ts";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** `npm run dev` uses the API of a running `presswork up`. */
const API = process.env["PRESSWORK_BASE_URL"] ?? "http://127.0.0.1:8000";
const API_PATHS = [
  "/v1",
  "/auth",
  "/media",
  "/uploads",
  "/assets",
  "/favicon.ico",
  "/docs",
  "/openapi.json",
  "/sandbox",
];

/** What opens above a screen is loaded when a person reaches for it, and never with what screens share. */
const OPENED_LATER =
  /[\\/](SlotButton|FileButton|DialogBox|MenuPopup|Choices|FilterChoices|DayCalendar|TimePicker|DateTimeField|CalendarBody|Drawer|ToastRegion|PostMenu|ZoneBox|ActionDialog|BulkResults|Results|MoveFields|MoveTo|MoveIntent|EditDialog|EditPostDialog|ChangedMeanwhile|moving|Media|MediaViewer|StepList|ReviewHistory|TextChange|textDiff|PasswordField|bulk|jobsOf|useRun|Skipped|ConfirmNotLive|PostName|repeat|optionsOf|useWays|takeDown|TakeDownFields|TakeDownOutcome)\.tsx?$/;

/** What screens of tables and facts share, and those that are opened most do not need. */
const OF_TABLES =
  /console.src.ui.(DataTable|data-table|SecretDialog|secret-dialog|Facts|facts|RareActions|BackLink|back-link)/;

/** Returns a chunk of what several screens share of a part of the source. */
function shared(name: string, part: RegExp | ((id: string) => boolean), minShareCount = 2) {
  const isPart = (id: string) => (part instanceof RegExp ? part.test(id) : part(id));
  return { name, test: (id: string) => isPart(id) && !OPENED_LATER.test(id), minShareCount };
}

/**
 * The modules of the client with calls that only programs make, such as to verify webhooks or to wait for a post, and those with
 * calls of a few screens.
 */
const OF_FEW =
  /^\.\.?\/(audit-log|connect-links|content|imports|layers|music|operators|organizations|platform-apps|projects|provisioning|publishing|results|sandbox|tiktok-post-links|usage|webhooks)\.js$/;

/** Has these calls left out, or loaded when they are made: every screen would load them. */
function withoutCallsOfFew(): Plugin {
  return {
    name: "without-calls-of-few",
    enforce: "pre",
    resolveId: (source, importer) =>
      OF_FEW.test(source) && importer?.endsWith("/generated/resources.ts") ? path("src/api/clientCalls.ts") : null,
  };
}

export default defineConfig({
  base: "/console/",
  plugins: [optimizeLocales.vite({ locales: ["en-US"] }), react(), withoutCallsOfFew(), compress(), preloads()],
  resolve: {
    alias: [
      { find: "presswork-client", replacement: path("../sdk/typescript/src/index.ts") },
      { find: /^use-sync-external-store\/shim(\/index\.js)?$/, replacement: "react" }, // it is for React 17
    ],
  },
  build: {
    outDir: path("../src/presswork/console/static"),
    emptyOutDir: true,
    assetsInlineLimit: 0, // the Content-Security-Policy allows no data: addresses
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    target: "es2023",
    rolldownOptions: {
      output: {
        // A screen is loaded in a few files: what all need, what some share, and its own.
        codeSplitting: {
          groups: [
            { name: "app", tags: ["$initial"], priority: 1 },
            shared("logins", /console.src.platforms.(?!text|names|platforms|descriptions|loginNames)/),
            shared(
              "dates",
              /posts.days|internationalized.date.dist.private.(CalendarDate|conversion|manipulation|queries|string)/,
            ),
            shared("many-queries", /queriesObserver|useQueries/),
            shared("ui", (id) => /console.src.(ui|app|api)|query|lucide/.test(id) && !OF_TABLES.test(id), 3),
            shared("tables", OF_TABLES),
            shared("posts", /console.src.posts/, 3),
            shared("queues", /console.src.queues.(queries|useFreeSlot)/),
            shared("page-links", /console.src.content.(PageLinkState|RevokeLink)/),
            shared("reach", /console.src.screens.projects.(Channels|PortalLinks)/, 1),
            shared("links", /console.src.content.(links|LinkCard|CardFields|WarningTexts)/),
            shared("content", /console.src.content(?!.ProjectFilter)/),
            shared("best", /console.src.results.(PostLine|ShareBar|post-line|share-bar|metrics|queries|ranges)/),
            shared("results", /console.src.results/),
            shared("files", /console.src.screens.compose.(putFile|acceptFiles)/),
            shared("draft", /console.src.screens.compose.(?!Network|options.OptionFields|accounts).*tsx?$/),
            shared(
              "steps",
              /console.src.(screens.(home.(useFirstSteps|firstSteps)|system.concerns)|platforms.loginNames)/,
            ),
            shared("accounts", /console.src.(screens.accounts|platforms.(?!text))/, 3),
          ],
        },
      },
    },
  },
  server: {
    proxy: Object.fromEntries(API_PATHS.map((name) => [name, { target: API, changeOrigin: false }])),
  },
});
