/**
 * Being findable: a listening socket under a name in the topic's directory.
 *
 * Bound under a hidden name, listening, and only then renamed into place: a name that can be seen
 * can be dialled. A process unlinks only what it made: device and inode are compared first.
 */
import { renameSync, type Stats, statSync, unlinkSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import process from 'node:process'
import { reasonOf, SwarmError, systemCode } from '../../errors.ts'
import { limits } from '../../limits.ts'
import { removeLabel, writeLabel } from './labels.ts'
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
  readonly #server: Server
  #identity: Stats | undefined
  #isShown = false

  private constructor(directory: TopicDirectory, server: Server) {
    this.name = newSocketName()
    this.#directory = directory
    this.#server = server
  }

  /**
   * @param label what shells may read of us, where anything
   * @param onsocket gets each accepted socket, half-open allowed, nothing read yet
   * @param ondrop called when a connection was turned away for want of descriptors
   * @throws SwarmError RUNTIME_DIRECTORY, PATH_TOO_LONG
   */
  static async publish(
    directory: TopicDirectory,
    label: Label | undefined,
    onsocket: (socket: Socket) => void,
    ondrop: () => void,
  ): Promise<Publication> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, onsocket)
    server.on('drop', ondrop)
    const publication = new Publication(directory, server)
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
    this.#server.maxConnections = count
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
    this.#server.close()
  }

  #show({ name, topic }: Label): void {
    writeLabel(this.#directory.base, this.name, name, topic)
    this.#isShown = true
  }

  async #bind(): Promise<void> {
    const hidden = `.${this.name}`
    const path = this.#directory.socketPath(hidden)
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).once('listening', () => {
        this.#server.off('error', reject)
        resolve()
      })
      // bind() happens inside listen(), so the umask holds for no one else.
      withUmask(0o177, () => listen(this.#server, path))
    })
    // accept can fail for want of descriptors; the server lives on.
    this.#server.on('error', () => {})
    const hiddenPath = this.#directory.pathOf(hidden)
    try {
      this.#identity = statSync(hiddenPath)
      renameSync(hiddenPath, this.#directory.pathOf(this.name))
    } catch (error) {
      // The directory went away between bind and rename: what listens now can never be found.
      this.#server.close()
      throw error
    }
  }
}

/**
 * Listens without what `listen` loads before it looks whether it runs in a cluster: 1.3 ms of each start (measured).
 * What does the work has a name of its own; where a Node lacks it, there is the long way.
 */
function listen(server: Server, path: string): void {
  const direct: unknown = Reflect.get(server, '_listen2')
  const isPipe = -1
  if (typeof direct === 'function') {
    Reflect.apply(direct, server, [path, isPipe, isPipe, limits.backlogConnections])
  } else server.listen({ path, backlog: limits.backlogConnections })
}
