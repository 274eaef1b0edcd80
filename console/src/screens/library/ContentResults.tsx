import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Environment, InsightsGroup } from "presswork-client";
import { accountName } from "../../platforms/platforms";
import { METRICS, type MetricName, metricName, metricText, UNKNOWN } from "../../results/metrics";
import { ofContentQuery } from "../../results/queries";
import "../../results/results.css";
import { PlatformIcon } from "../../ui/PlatformIcon";

interface ContentResultsProps {
  readonly environment: Environment;
  readonly containerId: string;
}

/** The numbers of the posts of one piece of content, side by side. Nothing, while none was read. */
export default function ContentResults({ environment, containerId }: ContentResultsProps) {
  const posts = useQuery(ofContentQuery(environment, containerId)).data ?? [];
  const shown = METRICS.filter((metric) => posts.some(({ metrics }) => (metrics[metric] ?? null) !== null));
  if (shown.length === 0) return null;
  return (
    <div className="panel content-part">
      <h2 id="content-results">Results</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keys */}
      <section className="side-by-side" aria-labelledby="content-results" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <td />
              {posts.map(({ key, post }) => (
                <th key={key} scope="col">
                  <Link
                    to="/$environment/posts/$postId"
                    params={{ environment, postId: key }}
                    {...(post && { title: accountName(post.platform, post.handle) })}
                  >
                    {post ? <PlatformIcon platform={post.platform} /> : "Post"}
                  </Link>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((metric) => (
              <tr key={metric}>
                <th scope="row">{metricName(metric)}</th>
                {posts.map((post) => (
                  <td key={post.key}>
                    <Value post={post} metric={metric} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p className="soft small">A dash is a number that is not known. The page of the post says why.</p>
    </div>
  );
}

function Value({ post: { metrics }, metric }: { readonly post: InsightsGroup; readonly metric: MetricName }) {
  if ((metrics[metric] ?? null) !== null) return metricText(metric, metrics[metric]);
  return (
    <>
      <span aria-hidden>{UNKNOWN}</span>
      <span className="visually-hidden">not known</span>
    </>
  );
}
