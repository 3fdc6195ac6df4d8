/**
 * Being findable: a listening socket under a name in the topic's directory.
 *
 * Bound under a hidden name, listening, and only then renamed into place: a name that can be seen
 * can be dialled. A process unlinks only what it made: device and inode are compared first.
 */
import { renameSync, type Stats, statSync, unlinkSync } from 'node:fs'
import process from 'node:process'
import { reasonOf, SwarmError, systemCode } from '../../errors.ts'
import type { Connection } from '../../protocol/connection.ts'
import { removeLabel, writeLabel } from './labels.ts'
import { Listener } from './listener.ts'
import { withUmask } from './runtime-directory.ts'
import { newSocketName, type TopicDirectory } from './topic-directory.ts'

/** What is published now, to be unlinked if the program ends without a word. */
const published = new Set<Publication>()

function unlinkAll(): void {
  for (const publication of published) publication.unlink()
}

/** Who we are, in plain text. */
export interface Label {
  readonly name: string
  /** The word; `''` where it was none. */
  readonly topic: string
}

export class Publication {
  readonly name: string
  readonly #directory: TopicDirectory
  readonly #listener: Listener
  #identity: Stats | undefined
  #isShown = false

  private constructor(directory: TopicDirectory, listener: Listener) {
    this.name = newSocketName()
    this.#directory = directory
    this.#listener = listener
  }

  /**
   * @param label what shells may read of us, where anything
   * @param onconnection gets each accepted connection, nothing read yet
   * @param ondrop called when a connection was turned away for want of descriptors
   * @throws SwarmError RUNTIME_DIRECTORY, PATH_TOO_LONG
   */
  static async publish(
    directory: TopicDirectory,
    label: Label | undefined,
    onconnection: (connection: Connection) => void,
    ondrop: () => void,
  ): Promise<Publication> {
    const publication = new Publication(directory, new Listener(onconnection, ondrop))
    // Removed by another peer's leaving between our mkdir and our bind: make it again.
    for (let attempt = 1; ; attempt++) {
      directory.ensure()
      try {
        await publication.#bind()
        break
      } catch (error) {
        if (error instanceof SwarmError) throw error
        // libuv reports a missing directory as EACCES.
        const missing = ['EACCES', 'ENOENT'].includes(systemCode(error))
        if (attempt >= 5 || !missing) {
          const why = reasonOf(error)
          throw new SwarmError('RUNTIME_DIRECTORY', `cannot listen in ${directory.path}: ${why}`, error)
        }
        directory.close()
      }
    }
    if (published.size === 0) process.on('exit', unlinkAll)
    published.add(publication)
    if (label !== undefined) publication.#show(label)
    return publication
  }

  /** Accepted connections beyond this are turned away at once: without descriptors nothing would say so. */
  set maxConnections(count: number) {
    this.#listener.maxConnections = count
  }

  /** False when the socket's name is gone from the directory, or is another file now. */
  isThere(): boolean {
    try {
      const found = statSync(this.#directory.pathOf(this.name))
      return found.ino === this.#identity?.ino && found.dev === this.#identity.dev
    } catch {
      return false
    }
  }

  /** Removes the name, if it is still ours. */
  unlink(): void {
    // First, and whoever has the socket's name: a label without its socket would be nobody's to remove.
    if (this.#isShown) removeLabel(this.#directory.base, this.name)
    if (!this.isThere()) return
    try {
      unlinkSync(this.#directory.pathOf(this.name))
    } catch {
      // Gone in this moment: that is what we want.
    }
  }

  /** Stops listening and being findable; what was accepted stays. */
  close(): void {
    this.unlink()
    published.delete(this)
    if (published.size === 0) process.off('exit', unlinkAll)
    this.#listener.close()
  }

  #show({ name, topic }: Label): void {
    writeLabel(this.#directory.base, this.name, name, topic)
    this.#isShown = true
  }

  async #bind(): Promise<void> {
    const hidden = `.${this.name}`
    const path = this.#directory.socketPath(hidden)
    // bind() happens inside listen(), so the umask holds for no one else.
    await withUmask(0o177, () => this.#listener.listen(path))
    const hiddenPath = this.#directory.pathOf(hidden)
    try {
      this.#identity = statSync(hiddenPath)
      renameSync(hiddenPath, this.#directory.pathOf(this.name))
    } catch (error) {
      // The directory went away between bind and rename: what listens now can never be found.
      this.#listener.close()
      throw error
    }
  }
}
