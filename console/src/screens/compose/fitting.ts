import type { PlatformName } from "presswork-client";
import type { DraftFile, TargetDraft } from "./draft";
import { isVideo } from "./draft";

/** Where a platform cuts a caption off with "more": about as the apps of 2026 do, in characters. */
const SHOWN = { feed: 125, fullScreen: 90 } as const;

/** How a post is laid out: Instagram's feed, or the whole screen. */
export type Layout = "feed" | "fullScreen" | "story";

/** Width over height of a phone's whole screen, and of a tile in Instagram's profile grid. */
const SCREEN = 9 / 16;
const SAME = 0.01;

/** Returns the layout of a post. */
export function layoutOf(target: Pick<TargetDraft, "platform" | "instagram">, files: readonly DraftFile[]): Layout {
  if (target.platform === "tiktok") return "fullScreen";
  if (target.instagram.isStory) return "story";
  return files[0] !== undefined && isVideo(files[0]) ? "fullScreen" : "feed";
}

/** Returns the part of a caption that shows before "more". */
export function cutCaption(caption: string, layout: Layout): { readonly shown: string; readonly isCut: boolean } {
  const text = caption.trim();
  const limit = layout === "feed" ? SHOWN.feed : SHOWN.fullScreen;
  const all = [...text];
  const lines = text.split("\n");
  const byLines = lines.slice(0, 2).join("\n");
  const short = [...byLines].length > limit ? [...byLines].slice(0, limit).join("") : byLines;
  if (all.length <= limit && lines.length <= 2) return { shown: text, isCut: false };
  const atWord = short.length < text.length ? short.replace(/\s+\S*$/, "") || short : short;
  return { shown: lines.length > 2 && [...byLines].length <= limit ? byLines : atWord, isCut: true };
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

/** Returns how a file of a post is shown. In a carousel, Instagram crops all pictures to the ratio of the first. */
export function fitOf(layout: Layout, files: readonly DraftFile[], position: number): Fit {
  const own = ratioOf(files[position]);
  if (layout !== "feed") return { frame: SCREEN, isCropped: false, lostPercent: 0, sides: null };
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

function ratioOf(file: DraftFile | undefined): number | null {
  return file?.width && file.height ? file.width / file.height : null;
}

/** Says in a sentence what a platform does to a file; null: it is shown as it is. */
export function cropSentence(fit: Fit, platform: PlatformName): string | null {
  if (!fit.isCropped || fit.lostPercent === 0) return null;
  const name = platform === "instagram" ? "Instagram" : "TikTok";
  return `${name} crops ${fit.lostPercent} % of this picture: ${fit.sides}.`;
}
