import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight } from "lucide-react";
import type { Environment, LimitStanding, UsageItem } from "presswork-client";
import type { ReactNode } from "react";
import { numberOf } from "../posts/queuedCount";
import { ShareBar } from "../results/ShareBar";
import { sizeOf } from "../screens/system/sizes";
import { Button } from "../ui/Button";
import { DataTable } from "../ui/DataTable";
import { Loaded } from "../ui/Loaded";
import { Skeleton } from "../ui/Skeleton";
import { Time } from "../ui/Time";
import { amountOf, LIMIT_NAMES, LIMITS, type LimitName } from "./limits";
import { monthAfter, monthName } from "./months";
import { usageQuery } from "./queries";
import "./usage.css";

interface UsageOfMonthProps {
  readonly environment: Environment;
  readonly month: string;
  /** The current month, after which there is none. */
  readonly current: string;
  readonly onMonth: (month: string) => void;
  /** A customer of the installation; without it, the person's own organization. */
  readonly organizationId?: string;
  /** `place`: of the row, from 1 on, for a project whose name is not known. */
  readonly projectName: (id: string, place: number) => ReactNode;
  readonly platformName: (id: string) => string;
}

/** What an organization used in a month: beside its limits, by project and by platform. */
export function UsageOfMonth(props: UsageOfMonthProps) {
  const { environment, month, organizationId } = props;
  const byProject = useQuery(usageQuery(environment, month, "project", organizationId));
  const byPlatform = useQuery(usageQuery(environment, month, "platform", organizationId));
  return (
    <Loaded query={byProject} skeleton={<Skeleton height="240px" />}>
      {({ limits, items }) => (
        <div className="usage">
          <section className="panel usage-part" aria-label="Limits">
            <h2>Now</h2>
            <Standings limits={limits} />
          </section>
          <section className="panel usage-part" aria-label="Month">
            <Months {...props} />
            <UsageTable
              label="By project"
              items={items.filter((item) => item.projectId !== null || isUsed(item))}
              nameOf={({ projectId }, place) =>
                projectId === null ? "Not of a project" : props.projectName(projectId, place)
              }
            />
            <Loaded query={byPlatform} skeleton={<Skeleton height="120px" />}>
              {(report) => (
                <UsageTable
                  label="By network"
                  items={report.items.filter(({ platform }) => platform !== null)}
                  nameOf={({ platform }) => props.platformName(platform ?? "")}
                />
              )}
            </Loaded>
          </section>
        </div>
      )}
    </Loaded>
  );
}

/** Whether a row has a number that its columns show. */
function isUsed({ posts, accounts, mediaBytes, texts }: UsageItem): boolean {
  return [...Object.values(posts), accounts, mediaBytes, texts].some((value) => value > 0);
}

/** The month that is shown, and the ones beside it. */
function Months({ month, current, onMonth }: UsageOfMonthProps) {
  return (
    <div className="usage-month">
      <Button kind="quiet" isIcon aria-label="The month before" onPress={() => onMonth(monthAfter(month, -1))}>
        <ChevronLeft aria-hidden />
      </Button>
      <h2>{monthName(month)}</h2>
      <Button
        kind="quiet"
        isIcon
        aria-label="The month after"
        isDisabled={month >= current}
        onPress={() => onMonth(monthAfter(month, 1))}
      >
        <ChevronRight aria-hidden />
      </Button>
    </div>
  );
}

/** What there is of each thing that may be limited. */
function Standings({ limits }: { readonly limits: readonly LimitStanding[] }) {
  const known = LIMIT_NAMES.flatMap((name) => limits.filter(({ limit }) => limit === name));
  return (
    <dl className="standings">
      {known.map(({ limit, maximum, used, resetsAt }) => (
        <div key={limit} className={nearness(used, maximum)}>
          <dt>{LIMITS[limit as LimitName]}</dt>
          <dd>
            <span>
              {used === null ? "Counted from when there is a limit" : amountOf(limit, used)}
              {maximum !== null && <span className="soft"> of {amountOf(limit, maximum)}</span>}
              {maximum === null && used !== null && <span className="soft"> · no limit</span>}
              {maximum !== null && (used ?? 0) >= maximum && " · none left"}
              {maximum !== null && resetsAt !== null && (
                <span className="soft">
                  {" · starts again "}
                  <Time at={resetsAt} isRelative />
                </span>
              )}
            </span>
            {maximum !== null && <ShareBar value={Math.min(used ?? 0, maximum)} of={maximum} />}
          </dd>
        </div>
      ))}
    </dl>
  );
}

const NEAR = 0.8;

/** How near a limit is, which colours its bar: the server sends its events at the same shares. */
function nearness(used: number | null, maximum: number | null): "near" | "reached" | "" {
  if (used === null || maximum === null) return "";
  if (used >= maximum) return "reached";
  return used >= NEAR * maximum ? "near" : "";
}

interface UsageTableProps {
  readonly label: string;
  readonly items: readonly UsageItem[];
  readonly nameOf: (item: UsageItem, place: number) => ReactNode;
}

function UsageTable({ label, items, nameOf }: UsageTableProps) {
  const most = Math.max(0, ...items.map(({ posts }) => posts.published));
  return (
    <>
      <h3>{label}</h3>
      <DataTable
        label={label}
        list={{
          rows: items,
          isPending: false,
          error: null,
          hasMore: false,
          isFetchingMore: false,
          fetchMore: () => {},
        }}
        idOf={({ projectId, platform }) => projectId ?? platform ?? "none"}
        columns={[
          { name: "Name", cell: (item) => nameOf(item, items.indexOf(item) + 1) },
          {
            name: "Published",
            cell: ({ posts }) => (
              <div className="usage-bar">
                {numberOf(posts.published)}
                <ShareBar value={posts.published} of={most} />
              </div>
            ),
          },
          { name: "Drafts", isAtEnd: true, cell: ({ posts }) => numberOf(posts.draft) },
          { name: "Failed", isAtEnd: true, cell: ({ posts }) => numberOf(posts.failed) },
          { name: "Canceled", isAtEnd: true, cell: ({ posts }) => numberOf(posts.canceled) },
          { name: "Accounts", isAtEnd: true, cell: ({ accounts }) => numberOf(accounts) },
          { name: "Media", isAtEnd: true, cell: ({ mediaBytes }) => sizeOf(mediaBytes) },
          { name: "Texts", isAtEnd: true, cell: ({ texts }) => numberOf(texts) },
        ]}
        empty={<p className="soft small">Nothing in this month.</p>}
      />
    </>
  );
}
