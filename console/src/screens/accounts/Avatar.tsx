import type { SocialAccount } from "presswork-client";
import { PlatformIcon } from "../../ui/PlatformIcon";

/** The picture of an account with the sign of its platform; a letter where the picture is on another server. */
export function Avatar({ account }: { readonly account: SocialAccount }) {
  const { avatarUrl, handle, platform } = account;
  const isOwn = avatarUrl?.startsWith(`${location.origin}/`) ?? false;
  return (
    <span className="avatar">
      {isOwn && avatarUrl !== null ? (
        <img src={avatarUrl} alt="" loading="lazy" decoding="async" />
      ) : (
        <span aria-hidden>{handle.slice(0, 1).toUpperCase()}</span>
      )}
      <PlatformIcon platform={platform} />
    </span>
  );
}
