/**
 * Commands started by small shells, each of which starts one after another.
 *
 * To fork this program costs as much as a short command itself (0.6 ms: its page tables, and the faults
 * afterwards), to fork a shell a fifth of that. What a shell is told is numbers and words of ours; the
 * command and its arguments it has from its start. The command's stdin is a file without a name, its stdout a
 * pipe, and both are found through our `/proc` (Linux).
 */
import { statfsSync } from 'node:fs'
import { reasonOf } from '../errors.ts'
import { type Ending, unstarted } from './command.ts'
import { memoryOf } from './spool.ts'
import { type Start, Starter, type StarterOptions } from './starter.ts'

const TMPFS_MAGIC = 0x01021994
const VARIABLE = /^[A-Za-z_]\w*$/

/** A command that was started by a shell. */
export interface Started {
  /** Resolves when it has ended, and what it said was heard; what it started may live on. Never rejects. */
  readonly ended: Promise<Ending>
  /** Goes on after `hear` returned false. */
  resume(): void
  /** Nobody hears it any more; it learns that when it writes. */
  deafen(): void
  /** Ends its group; and with it what earlier commands of this shell have left there. */
  stop(killAfterMs: number): Promise<void>
}

/** As many shells as there are commands at a time. */
export class Starters {
  readonly #options: StarterOptions
  readonly #directory: string
  readonly #idle: Starter[] = []
  #closed = false

  private constructor(options: StarterOptions, directory: string) {
    this.#options = options
    this.#directory = directory
  }

  /**
   * @returns `undefined` where it cannot be done: no `/proc`, no memory for files or no room in it, no `mkfifo`, or a
   * variable that a shell would not pass on (a function of bash)
   */
  static async open(options: StarterOptions): Promise<Starters | undefined> {
    const directory = memoryOf(options.env).find(isMemory)
    if (directory === undefined || !Object.keys(options.env).every((name) => VARIABLE.test(name)))
      return undefined
    const starters = new Starters(options, directory)
    // For a trial: it has inherited whatever we have been started with.
    try {
      const first = new Starter(options, directory)
      const works = await first.isReady
      first.close()
      return works ? starters : undefined
    } catch {
      return undefined
    }
  }

  /** Starts a command; its end says so where that cannot be done now. */
  run(start: Start): Started {
    try {
      let starter = this.#idle.pop()
      while (starter?.closed) starter = this.#idle.pop()
      return this.#runWith(starter ?? new Starter(this.#options, this.#directory), start)
    } catch (error) {
      const ended = Promise.resolve(unstarted(reasonOf(error)))
      return { ended, resume: () => {}, deafen: () => {}, stop: async () => {} }
    }
  }

  #runWith(starter: Starter, start: Start): Started {
    // The shell is then another command's.
    let isOver = false
    const ended = starter.run(start).then((ending) => {
      isOver = true
      if (this.#closed || starter.closed) starter.close()
      else this.#idle.push(starter)
      return ending
    })
    return {
      ended,
      resume: () => {
        if (!isOver) starter.replies?.resume()
      },
      deafen: () => {
        if (!isOver) starter.deafen()
      },
      stop: async (killAfterMs) => {
        if (!isOver) await starter.stop(killAfterMs)
      },
    }
  }

  close(): void {
    this.#closed = true
    for (const starter of this.#idle) starter.close()
  }
}

function isMemory(directory: string): boolean {
  try {
    return statfsSync(directory).type === TMPFS_MAGIC
  } catch {
    return false
  }
}
