import type { ShownLink } from "presswork-client";
import "./link-card.css";
import { hostOf } from "./links";

interface LinkCardProps {
  readonly link: Omit<ShownLink, "imageUrl">;
  /** Within a preview, where nothing opens. */
  readonly isPreview?: boolean;
}

/** A link as networks show it: its picture, where it leads, its title and description. */
export function LinkCard({ link, isPreview = false }: LinkCardProps) {
  const { url, title, description, thumbnailUrl } = link;
  const card = (
    <>
      {thumbnailUrl !== null && <img src={thumbnailUrl} alt="" loading="lazy" decoding="async" />}
      <span className="link-card-texts">
        <span className="soft small link-card-host">{isPreview ? hostOf(url) : url}</span>
        <strong>{title ?? hostOf(url)}</strong>
        {description !== null && <span className="small link-card-description">{description}</span>}
      </span>
    </>
  );
  if (isPreview) return <div className="link-card">{card}</div>;
  return (
    <a className="link-card" href={url} target="_blank" rel="noreferrer">
      {card}
    </a>
  );
}
