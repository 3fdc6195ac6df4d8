/**
 * Removing the sockets of processes that were killed, and never anything else.
 *
 * A socket is stale when its name is of our grammar, it is a socket, it is older than 60 s, and
 * connect was refused twice, seconds apart. (Refused once is no proof: bound and not yet listening
 * looks the same.) Names are never reused, so what is removed cannot be someone else's by then.
 */

import { lstatSync, unlinkSync } from 'node:fs'
import { now } from '../../clock.ts'
import { limits } from '../../limits.ts'
import { removeLabel } from './labels.ts'
import type { Entries, TopicDirectory } from './topic-directory.ts'

export class StaleSockets {
  readonly #directory: TopicDirectory
  /** When each name first refused, on the monotonic clock. */
  readonly #refusedAt = new Map<string, number>()

  constructor(directory: TopicDirectory) {
    this.#directory = directory
  }

  /** Connect was refused: remember it, and reap when the rule is met. */
  refused(name: string): void {
    const first = this.#refusedAt.get(name)
    if (first === undefined) this.#refusedAt.set(name, now())
    else if (now() - first >= limits.reapRefusalsMs) this.#reap(name)
  }

  /** True when a dead name need not be dialled now: too young to be reaped, or just refused. */
  isQuiet(name: string): boolean {
    const first = this.#refusedAt.get(name)
    if (first === undefined) return false
    return now() - first < limits.reapRefusalsMs || !this.#isOld(name)
  }

  /** Forgets names that are gone. */
  keepOnly({ sockets, hidden }: Entries): void {
    if (this.#refusedAt.size === 0) return
    const there = new Set([...sockets, ...hidden])
    for (const name of this.#refusedAt.keys()) if (!there.has(name)) this.#refusedAt.delete(name)
  }

  #isOld(name: string): boolean {
    try {
      // Wall clock, as file times are; a time in the future counts as young.
      const stat = lstatSync(this.#directory.pathOf(name))
      return stat.isSocket() && Date.now() - stat.mtimeMs > limits.reapAgeMs
    } catch {
      return false
    }
  }

  #reap(name: string): void {
    if (!this.#isOld(name)) return
    this.#refusedAt.delete(name)
    removeLabel(this.#directory.base, name)
    try {
      unlinkSync(this.#directory.pathOf(name))
    } catch {
      // Another peer was faster, or the directory is read-only: nothing is lost.
    }
  }
}
