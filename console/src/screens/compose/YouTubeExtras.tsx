import { useQuery } from "@tanstack/react-query";
import { Plus, X } from "lucide-react";
import type { Environment } from "presswork-client";
import { messageOf } from "../../api/errors";
import { memberOf } from "../../platforms/descriptions";
import { Button } from "../../ui/Button";
import { CheckboxList } from "../../ui/CheckboxList";
import { TextField } from "../../ui/TextField";
import { playlistsQuery } from "./accounts";
import { CoverFrame } from "./CoverFrame";
import type { Caption, DraftFile, TargetChange, TargetDraft, YouTubeChoices } from "./draft";

const NEW: Caption = { language: "", name: "", url: "" };

interface YouTubeExtrasProps {
  readonly environment: Environment;
  readonly target: TargetDraft;
  readonly files: readonly DraftFile[];
  readonly change: (part: TargetChange) => void;
}

/** What is added to the video once it is live: its thumbnail, its playlists and its captions. */
export function YouTubeExtras({ environment, target, files, change }: YouTubeExtrasProps) {
  const { youtube } = target;
  const set = (part: Partial<YouTubeChoices>) => change({ youtube: { ...youtube, ...part } });
  return (
    <>
      <CoverFrame
        file={files[0]}
        value={youtube.thumbnailMs}
        what="thumbnail"
        onChange={(thumbnailMs) => set({ thumbnailMs })}
      />
      {youtube.thumbnailMs === null && (
        <TextField
          label="Or the address of a thumbnail"
          type="url"
          value={youtube.thumbnailUrl}
          onChange={(thumbnailUrl) => set({ thumbnailUrl })}
          placeholder="https://example.com/thumbnail.jpg"
          description="A public JPEG, PNG or WebP. The channel must be verified by phone."
        />
      )}
      <Playlists
        environment={environment}
        socialAccountId={target.socialAccountId}
        chosen={youtube.playlistIds}
        onChange={(playlistIds) => set({ playlistIds })}
      />
      <Captions captions={youtube.captions} onChange={(captions) => set({ captions })} />
    </>
  );
}

interface PlaylistsProps {
  readonly environment: Environment;
  readonly socialAccountId: string;
  readonly chosen: readonly string[];
  readonly onChange: (ids: readonly string[]) => void;
}

function Playlists({ environment, socialAccountId, chosen, onChange }: PlaylistsProps) {
  const { data, error, isFetching, refetch } = useQuery(playlistsQuery(environment, socialAccountId));
  if (data !== undefined && data.length > 0) {
    return (
      <CheckboxList
        label={`Playlists, up to ${memberOf("youtube", "playlistIds").maxItems}`}
        choices={data.map(({ id, title }) => ({ value: id, label: title }))}
        value={chosen}
        onChange={onChange}
      />
    );
  }
  if (error !== null) {
    return (
      <div className="soft small">
        <p>The channel's playlists can't be read. {messageOf(error)}</p>
        <Button kind="quiet" isDisabled={isFetching} onPress={() => void refetch()}>
          Read them again
        </Button>
      </div>
    );
  }
  return (
    <p className="soft small">
      {data === undefined ? "Reading the channel's playlists …" : "The channel has no playlists."}
    </p>
  );
}

interface CaptionsProps {
  readonly captions: readonly Caption[];
  readonly onChange: (captions: readonly Caption[]) => void;
}

function Captions({ captions, onChange }: CaptionsProps) {
  const change = (at: number, part: Partial<Caption>) =>
    onChange(captions.map((caption, position) => (position === at ? { ...caption, ...part } : caption)));
  return (
    <fieldset className="user-tags">
      <legend>Captions: SRT or WebVTT files</legend>
      {captions.map((caption, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: captions have no identity but their place
        <div key={at} className="user-tag caption-file">
          <TextField
            label="Language"
            value={caption.language}
            placeholder="en"
            onChange={(language) => change(at, { language })}
          />
          <TextField label="Name, if any" value={caption.name} onChange={(name) => change(at, { name })} />
          <TextField
            label="Address of the file"
            type="url"
            value={caption.url}
            placeholder="https://example.com/en.srt"
            onChange={(url) => change(at, { url })}
          />
          <Button
            kind="quiet"
            isIcon
            aria-label={`Remove the captions ${caption.language || at + 1}`}
            onPress={() => onChange(captions.filter((_, position) => position !== at))}
          >
            <X aria-hidden />
          </Button>
        </div>
      ))}
      {captions.length < (memberOf("youtube", "captions").maxItems ?? 0) && (
        <Button kind="quiet" onPress={() => onChange([...captions, NEW])}>
          <Plus aria-hidden /> Add captions
        </Button>
      )}
    </fieldset>
  );
}
