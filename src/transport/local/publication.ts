/**
 * Being findable: a listening socket under a name in the topic's directory.
 *
 * Bound under a hidden name, listening, and only then renamed into place: a name that can be seen
 * can be dialled. A process unlinks only what it made: device and inode are compared first.
 */
import { renameSync, rmSync, type Stats, statSync, unlinkSync } from 'node:fs'
import { reasonOf, SwarmError, systemCode } from '../../errors.ts'
import { removeAtExit } from '../../exit-cleanup.ts'
import { removeLabel, writeLabel } from './labels.ts'
import { withUmask } from './runtime-directory.ts'
import { newSocketName, type TopicDirectory } from './topic-directory.ts'
import { type ListenOptions, listen } from './unix-stream.ts'

/** Who we are, in plain text. */
export interface Label {
  readonly name: string
  /** The topic as it was typed; `''` where it was not. */
  readonly topic: string
}

export interface PublicationOptions extends ListenOptions {
  /** What shells may read of us, where anything. */
  readonly label: Label | undefined
}

/** The directory may be removed by another peer's leaving between our mkdir and our bind: so often it is made again. */
const BIND_TRIES = 5

export class Publication {
  readonly name = newSocketName()
  readonly #directory: TopicDirectory
  #identity: Stats | undefined
  #publishedMs = 0
  #isShown = false
  #cancelRemoval = () => {}
  #stop = () => {}

  private constructor(directory: TopicDirectory) {
    this.#directory = directory
  }

  /** @throws SwarmError RUNTIME_DIRECTORY, PATH_TOO_LONG */
  static async publish(directory: TopicDirectory, options: PublicationOptions): Promise<Publication> {
    for (let tries = 1; ; tries++) {
      directory.ensure()
      const publication = new Publication(directory)
      try {
        await publication.#bind(options)
        publication.#show(options.label)
        return publication
      } catch (error) {
        publication.#cancelRemoval()
        publication.#stop()
        if (error instanceof SwarmError) throw error
        // libuv reports a missing directory as EACCES.
        const isMissing = ['EACCES', 'ENOENT'].includes(systemCode(error))
        if (tries >= BIND_TRIES || !isMissing) {
          const why = reasonOf(error)
          throw new SwarmError('RUNTIME_DIRECTORY', `cannot listen in ${directory.path}: ${why}`, error)
        }
        directory.close()
      }
    }
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

  /**
   * True for a socket that was published after ours, as its owner sees it, too: the time of the rename, which the
   * kernel sets before the name can be seen. Of two in one tick of its clock neither is later.
   */
  isLater(name: string): boolean {
    try {
      return statSync(this.#directory.pathOf(name)).ctimeMs > this.#publishedMs
    } catch {
      // Gone, or no socket: dialling tells.
      return false
    }
  }

  /** Removes the name, if it is still ours, and the topic's directory if it is empty then. */
  remove(): void {
    // First, and whoever has the socket's name: a label without its socket would be nobody's to remove.
    if (this.#isShown) removeLabel(this.#directory.base, this.name)
    try {
      if (this.isThere()) unlinkSync(this.#directory.pathOf(this.name))
    } catch {
      // Gone in this moment: that is what we want.
    }
    this.#directory.removeIfEmpty()
  }

  /** Stops listening and being findable; what was accepted stays. */
  close(): void {
    this.remove()
    this.#cancelRemoval()
    this.#stop()
  }

  #show(label: Label | undefined): void {
    if (label === undefined) return
    writeLabel(this.#directory.base, this.name, label.name, label.topic)
    this.#isShown = true
  }

  async #bind(options: ListenOptions): Promise<void> {
    const hidden = `.${this.name}`
    const hiddenPath = this.#directory.pathOf(hidden)
    const hiddenSocket = this.#directory.socketPath(hidden)
    this.#cancelRemoval = removeAtExit(() => {
      rmSync(hiddenPath, { force: true })
      this.remove()
    })
    // bind() happens at once, so the umask holds for no one else.
    this.#stop = await withUmask(0o177, () => listen(hiddenSocket, options))
    this.#identity = statSync(hiddenPath)
    const path = this.#directory.pathOf(this.name)
    renameSync(hiddenPath, path)
    this.#publishedMs = statSync(path).ctimeMs
  }
}
