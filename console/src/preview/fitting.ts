import type { MediaItem, PlatformName } from "presswork-client";
import { isVideo } from "../content/media";
import type { Layout } from "../platforms/facts";
import { FACTS } from "../platforms/logins";
import { platformName } from "../platforms/platforms";

/** A file of a post, as far as its place on the screen depends on it. */
export type ShownFile = Pick<MediaItem, "contentType" | "width" | "height" | "durationSeconds">;

/** Where an app cuts a caption off with "more": about as the apps of 2026 do, in characters and lines. */
const CUTS: Readonly<Record<Layout, { readonly characters: number; readonly lines: number }>> = {
  feed: { characters: 125, lines: 2 },
  fullScreen: { characters: 90, lines: 2 },
  story: { characters: 90, lines: 2 },
  thread: { characters: Number.POSITIVE_INFINITY, lines: Number.POSITIVE_INFINITY },
  card: { characters: 210, lines: 3 },
  watch: { characters: 100, lines: 2 },
};

/** Width over height of a phone's whole screen, and of a wide video. */
const SCREEN = 9 / 16;
const WIDE = 16 / 9;
/** What a list of posts shows of a tall picture before it is opened. */
const MIN_FRAME = 3 / 4;
const SAME = 0.01;

/** Returns the layout of a post. */
export function layoutOf(platform: PlatformName, files: readonly ShownFile[], isStory: boolean): Layout {
  if (isStory) return "story";
  const { pictures, video, upright } = FACTS[platform].layouts;
  const [first] = files;
  if (first === undefined || !isVideo(first)) return pictures;
  const isUpright = (ratioOf(first) ?? SCREEN) <= 1;
  return isUpright && (first.durationSeconds ?? 0) <= upright.longestSeconds ? upright.layout : video;
}

/** Returns the part of a caption that shows before "more". */
export function cutCaption(caption: string, layout: Layout): { readonly shown: string; readonly isCut: boolean } {
  const text = caption.trim();
  const { characters: limit, lines: most } = CUTS[layout];
  const all = [...text];
  const lines = text.split("\n");
  const byLines = lines.slice(0, most).join("\n");
  const short = [...byLines].length > limit ? [...byLines].slice(0, limit).join("") : byLines;
  if (all.length <= limit && lines.length <= most) return { shown: text, isCut: false };
  const atWord = short.length < text.length ? short.replace(/\s+\S*$/, "") || short : short;
  return { shown: lines.length > most && [...byLines].length <= limit ? byLines : atWord, isCut: true };
}

/** What a frame shows of a picture. */
export interface Fit {
  /** Width over height of the frame. */
  readonly frame: number;
  /** Whether the picture fills the frame and is cropped, or is shown whole between bars. */
  readonly isCropped: boolean;
  /** The part of the picture that is cut off, in percent of its area. */
  readonly lostPercent: number;
  readonly sides: "left and right" | "top and bottom" | null;
}

/** Returns how a file of a post is shown; a platform may crop all pictures of a carousel to the ratio of the first. */
export function fitOf(platform: PlatformName, layout: Layout, files: readonly ShownFile[], position: number): Fit {
  const own = ratioOf(files[position]);
  const isWhole = !FACTS[platform].cropsCarousels || layout !== "feed";
  if (isWhole) return { frame: frameOf(layout, ratioOf(files[0])), isCropped: false, lostPercent: 0, sides: null };
  const frame = ratioOf(files[0]) ?? 1;
  if (own === null || Math.abs(own / frame - 1) <= SAME) {
    return { frame, isCropped: false, lostPercent: 0, sides: null };
  }
  const kept = own > frame ? frame / own : own / frame;
  return {
    frame,
    isCropped: true,
    lostPercent: Math.round((1 - kept) * 100),
    sides: own > frame ? "left and right" : "top and bottom",
  };
}

function frameOf(layout: Layout, first: number | null): number {
  if (layout === "watch") return WIDE;
  if (layout === "fullScreen" || layout === "story") return SCREEN;
  return Math.max(first ?? 1, MIN_FRAME);
}

function ratioOf(file: ShownFile | undefined): number | null {
  return file?.width && file.height ? file.width / file.height : null;
}

/** Says in a sentence what a platform does to a file; null: it is shown as it is. */
export function cropSentence(fit: Fit, platform: PlatformName): string | null {
  if (!fit.isCropped || fit.lostPercent === 0) return null;
  return `${platformName(platform)} crops ${fit.lostPercent} % of this picture: ${fit.sides}.`;
}
