import { type RefObject, use, useEffect } from "react";
import { MarksContext } from "../content/MarksContext";
import { duration } from "../content/media";
import { Button } from "../ui/Button";
import "./marks.css";

interface VideoMarksProps {
  readonly assetId: string;
  readonly video: RefObject<HTMLVideoElement | null>;
  /** Whether the video is the file in view, which gets the next mark. */
  readonly isShown: boolean;
}

/** The moments of a video that comments are about, and the way to mark the one that is shown. */
export default function VideoMarks({ assetId, video, isShown }: VideoMarksProps) {
  const context = use(MarksContext);
  const opened = context?.opened;
  useEffect(() => {
    const anchor = opened?.mark.anchor;
    const ms = anchor?.assetId === assetId ? anchor.ms : null;
    if (video.current === null || typeof ms !== "number") return;
    video.current.pause();
    video.current.currentTime = ms / 1000;
  }, [opened, assetId, video]);
  if (context === null) return null;
  const { marks, isMarking, open, setMarking, setPending } = context;
  const openId = opened?.mark.comment.id;
  const own = marks.filter(({ anchor }) => anchor.assetId === assetId && typeof anchor.ms === "number");
  const shown = own.filter((mark) => mark.comment.resolvedAt === null || mark.comment.id === openId);
  const isAsked = isMarking && isShown;
  if (shown.length === 0 && !isAsked) return null;
  const setHere = () => {
    video.current?.pause();
    setPending({ assetId, ms: Math.round((video.current?.currentTime ?? 0) * 1000) });
  };
  return (
    <fieldset className="moments">
      <legend className="visually-hidden">Moments of the video</legend>
      {isAsked && (
        <>
          <Button autoFocus onPress={setHere}>
            Mark this moment
          </Button>
          <Button kind="quiet" onPress={() => setMarking(false)}>
            Cancel
          </Button>
        </>
      )}
      {shown
        .toSorted((one, other) => (one.anchor.ms ?? 0) - (other.anchor.ms ?? 0))
        .map((mark) => (
          <button
            key={mark.comment.id}
            type="button"
            className={`moment${mark.comment.id === openId ? " open" : ""}`}
            aria-label={`Mark ${mark.number}, ${timeOf(mark.anchor.ms)}: ${mark.comment.text}`}
            onClick={() => open(mark)}
          >
            <span className={`pin ${mark.comment.visibility}`}>{mark.number}</span> {timeOf(mark.anchor.ms)}
          </button>
        ))}
    </fieldset>
  );
}

function timeOf(ms: number | null | undefined): string {
  return duration(Math.floor((ms ?? 0) / 1000));
}
