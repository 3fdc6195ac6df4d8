/** Someone who connects to a peer's socket, and says whatever it likes. */
import { readdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { type Answer, readAnswer } from '../../../src/protocol/hello.ts'
import { toTopic } from '../../../src/topic.ts'
import { readFrom } from './reading.ts'
import { defer } from './scene.ts'
import { event, until, within } from './wait.ts'

export class Stranger {
  readonly socket: Socket
  #received = Buffer.alloc(0)
  #ended = false
  readonly #end: Promise<void>

  private constructor(path: string) {
    this.socket = connect({ path, allowHalfOpen: true })
    this.socket.on('error', () => {})
    this.socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk])
    })
    this.#end = new Promise((resolve) => {
      for (const name of ['end', 'close'] as const) {
        this.socket.once(name, () => {
          this.#ended = true
          resolve()
        })
      }
    })
  }

  static async connect(t: TestContext, path: string): Promise<Stranger> {
    const stranger = new Stranger(path)
    defer(t, () => stranger.socket.destroy())
    await event(stranger.socket, 'connect')
    return stranger
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Says something. */
  say(bytes: Buffer | string): this {
    this.socket.write(bytes)
    return this
  }

  /** The answer to a hello, once it is there. */
  async answer(): Promise<Answer> {
    await until(() => readFrom(readAnswer, this.#received) !== undefined, 'an answer')
    const read = readFrom(readAnswer, this.#received)
    if (read === undefined) throw new Error('no answer')
    this.#received = this.#received.subarray(read.bytes)
    return read.value
  }

  /** The other side has ended, or closed, the connection. */
  async end(): Promise<void> {
    await within(this.#end, 'the end of a connection')
  }
}

/** The sockets of a topic. */
export function socketsOf(basedir: string, topic: string): string[] {
  const directory = join(basedir, toTopic(topic).hex.slice(0, 16))
  return readdirSync(directory)
    .filter((name) => name.startsWith('p-'))
    .map((name) => join(directory, name))
}
