import { InvalidArgumentError } from "./errors.js";

/** Where log lines go. `console` is one; the default writes to stderr. */
export interface Logger {
  info(line: string): void;
  debug(line: string): void;
}

/** `info`: a line for each finished call. `debug`: also one for each attempt. Never a key, a header or a body. */
export type LogLevel = "info" | "debug";

const STDERR: Logger = { info: (line) => console.error(line), debug: (line) => console.error(line) };

/** Writes the log of a client; nothing without a level. */
export class Log {
  readonly #level: LogLevel | undefined;
  readonly #logger: Logger;

  /** `setting` is the variable PRESSWORK_LOG, which `level` overrides; another value there is reported and has no effect. */
  constructor(level: LogLevel | undefined, setting: string | undefined, logger: Logger | undefined) {
    if (level !== undefined && !isLevel(level)) {
      throw new InvalidArgumentError(`The log level is "${level}". Use info or debug.`);
    }
    const wanted = setting?.trim().toLowerCase();
    this.#level = level ?? (isLevel(wanted) ? wanted : undefined);
    this.#logger = logger ?? STDERR;
    if (wanted && !isLevel(wanted)) this.#logger.info(`PRESSWORK_LOG is "${setting}", which has no effect. Use info or debug.`);
  }

  info(line: string): void {
    if (this.#level !== undefined) this.#logger.info(`${new Date().toISOString()} presswork-client: ${line}`);
  }

  debug(line: string): void {
    if (this.#level === "debug") this.#logger.debug(`${new Date().toISOString()} presswork-client: ${line}`);
  }
}

function isLevel(level: unknown): level is LogLevel {
  return level === "info" || level === "debug";
}
