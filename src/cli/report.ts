/** The program's voice: one line for each thing said, on stderr. */

import { writeSync } from 'node:fs'
import { systemCode } from '../errors.ts'
import { isTerminal } from '../io/descriptor.ts'
import { jsonLine, sanitize } from '../io/sanitize.ts'
import type { Details, Report } from '../verbs/context.ts'

export interface Voice {
  readonly quiet: boolean
  readonly verbose: boolean
  /** NDJSON instead of lines for people. */
  readonly json: boolean
}

export class StderrReport implements Report {
  readonly voice: Voice
  /** Where messages go instead of straight to stderr: to whoever draws on the terminal. */
  divert: ((text: string) => void) | undefined

  constructor(voice: Voice) {
    this.voice = voice
  }

  info(message: string, details?: Details): void {
    if (!this.voice.quiet) this.#say('info', message, details)
  }

  hint(message: string): void {
    if (isTerminal(2) && !this.voice.json) this.info(message)
  }

  warn(message: string, details?: Details): void {
    this.#say('warning', message, details)
  }

  verbose(message: string, details?: Details): void {
    if (this.voice.verbose) this.#say('verbose', message, details)
  }

  /** What the verb failed of, and what to do about it. */
  error(message: string, hint: string | undefined, details?: Details): void {
    this.#say('error', hint === undefined || this.voice.json ? message : `${message} (${hint})`, details)
  }

  /** The one line that scripts wait for. */
  ready(message: string, details: Details): void {
    this.#say('ready', message, details)
  }

  #say(level: string, message: string, details: Details = {}): void {
    this.write(this.voice.json ? jsonLine({ level, message, ...details }) : `lswarm: ${sanitize(message)}\n`)
  }

  /** Lines that are safe already. */
  write(text: string): void {
    if (this.divert) this.divert(text)
    else writeAll(2, text)
  }
}

/**
 * Writes at once, so that nothing is lost when the program ends.
 * @returns why not all of it was written, where somebody wants to know
 */
export function writeAll(fd: number, text: string): unknown {
  const bytes = Buffer.from(text)
  const pause = new Int32Array(new SharedArrayBuffer(4))
  for (let at = 0, waits = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at)
    } catch (error) {
      // A full pipe that somebody made non-blocking: give its reader a second, not more.
      if (systemCode(error) !== 'EAGAIN' || ++waits > 100) return error
      Atomics.wait(pause, 0, 0, 10)
    }
  }
  return undefined
}
