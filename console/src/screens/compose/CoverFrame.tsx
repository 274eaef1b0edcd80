import { Label, Slider, SliderOutput, SliderThumb, SliderTrack } from "react-aria-components";
import { Button } from "../../ui/Button";
import type { DraftFile } from "./draft";

const STEP_SECONDS = 0.1;

interface CoverFrameProps {
  readonly file: DraftFile | undefined;
  readonly value: number | null;
  /** What the frame becomes. */
  readonly what?: "cover" | "thumbnail";
  readonly onChange: (milliseconds: number | null) => void;
}

/** The frame of a video that is its cover or thumbnail; the preview shows it. */
export function CoverFrame({ file, value, what = "cover", onChange }: CoverFrameProps) {
  const seconds = file?.durationSeconds ?? null;
  if (seconds === null) return <p className="soft small">The {what} can be chosen once the video is read.</p>;
  if (value === null) {
    return (
      <div>
        <Button onPress={() => onChange(0)}>Choose the {what}'s frame</Button>
      </div>
    );
  }
  return (
    <div className="cover-frame">
      <Slider
        className="slider"
        minValue={0}
        maxValue={Math.floor(seconds * 10) / 10}
        step={STEP_SECONDS}
        value={value / 1000}
        onChange={(next) => onChange(Math.round(next * 1000))}
      >
        <Label>{what === "cover" ? "Cover" : "Thumbnail"} at second</Label>
        <SliderOutput />
        <SliderTrack className="slider-track">
          <SliderThumb className="slider-thumb" />
        </SliderTrack>
      </Slider>
      <Button kind="quiet" onPress={() => onChange(null)}>
        Leave it to the platform
      </Button>
    </div>
  );
}
