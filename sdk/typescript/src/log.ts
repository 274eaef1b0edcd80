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

  constructor(level: string | undefined, logger: Logger | undefined) {
    const wanted = level?.trim().toLowerCase() || undefined;
    if (wanted !== undefined && wanted !== "info" && wanted !== "debug") {
      throw new InvalidArgumentError(`The log level is "${level}". Use info or debug.`);
    }
    this.#level = wanted;
    this.#logger = logger ?? STDERR;
  }

  info(line: string): void {
    if (this.#level !== undefined) this.#logger.info(`${new Date().toISOString()} presswork-client: ${line}`);
  }

  debug(line: string): void {
    if (this.#level === "debug") this.#logger.debug(`${new Date().toISOString()} presswork-client: ${line}`);
  }
}
