import type { MediaType, PlatformName } from "presswork-client";

export type CommentStatus = "new" | "open" | "done";
export type ReplyStatus = "queued" | "posted" | "failed" | "outcome_unknown";
export type CommentAction = "reply" | "hide" | "like" | "delete";

export interface Comment {
  readonly id: string;
  readonly projectId: string;
  readonly externalId: string | null;
  readonly parentId: string | null;
  readonly scheduledPostId: string;
  readonly socialAccountId: string;
  readonly handle: string;
  readonly platform: PlatformName;
  readonly author: string | null;
  readonly text: string | null;
  readonly own: boolean;
  readonly hidden: boolean;
  readonly liked: boolean;
  readonly status: CommentStatus;
  readonly assigneeId: string | null;
  readonly note: string | null;
  readonly replyStatus: ReplyStatus | null;
  readonly error: string | null;
  readonly actions: readonly CommentAction[];
  readonly createdAt: string;
  readonly deletedAt: string | null;
  readonly post: CommentedPost;
}

export interface CommentedPost {
  readonly id: string;
  readonly caption: string;
  readonly mediaType: MediaType;
  readonly externalUrl: string | null;
  readonly thumbnailUrl: string | null;
  readonly publishedAt: string | null;
}

export interface SavedReply {
  readonly id: string;
  readonly name: string;
  readonly text: string;
}

export interface Assignee {
  readonly id: string;
  readonly name: string;
}
