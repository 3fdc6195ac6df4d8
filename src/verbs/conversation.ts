/** A call whose replies are lines: what `join` and `connect --all` have with a handler. */
import { SwarmError } from '../errors.ts'
import type { Connection } from '../protocol/connection.ts'
import type { Link } from '../protocol/link.ts'
import type { PeerInfo } from '../swarm/peer.ts'
import type { Swarm } from '../swarm/swarm.ts'
import { Call } from './call.ts'
import { until } from './context.ts'
import type { LineOutput } from './line-output.ts'
import { pour } from './pour.ts'

/** The number of the one call that a peer makes. */
const STREAM = 1

export class Conversation {
  readonly info: PeerInfo
  readonly #call: Call
  readonly #output: LineOutput
  #connection: Connection | undefined
  /** Resolves when the last of its replies has been taken. */
  #heard: Promise<void> = Promise.resolve()

  constructor(swarm: Swarm, link: Link, info: PeerInfo, output: LineOutput) {
    this.info = info
    this.#call = new Call(swarm, link, info, STREAM)
    this.#output = output
    link.on('close', () => {
      // Once the status is told, the rest of the reply still comes without the link.
      if (this.#call.status === undefined) this.#connection?.stream.destroy()
    })
  }

  /** It takes input: its command was started. */
  get isOpen(): boolean {
    return this.#connection !== undefined
  }

  /** Why the handler was not asked, or why it had no command to end. */
  get reason(): string {
    return this.#call.reason
  }

  /**
   * Waits for a free handler; from then on its replies go to the output, line by line.
   * @throws SwarmError BUSY, INCOMPLETE, REFUSED, or the signal's reason
   */
  async open(signal: AbortSignal): Promise<void> {
    const connection = await this.#call.open(signal)
    this.#connection = connection
    const cutter = this.#output.cutter(this.info)
    const heard = pour(connection, (chunk, done) => {
      cutter.push(chunk)
      this.#output.whenRoom(done)
    })
    this.#heard = heard.then(() => cutter.end())
  }

  /**
   * Drops the bytes if the command has ended.
   * @param done called when the kernel has the bytes or they are dropped, or with the error that prevented it
   */
  write(bytes: Buffer, done: (error?: Error | null) => void): void {
    const stream = this.#connection?.stream
    // The command has ended: a write after our end would destroy the stream, and with it the rest of the reply.
    if (stream === undefined || stream.writableEnded) return done()
    stream.write(bytes, done)
  }

  /** The end of our input: the handler's replies still come. */
  end(): void {
    if (this.#connection === undefined) return
    this.#call.sayEnded()
    this.#connection.stream.end()
  }

  /** Our input broke off: ends the handler's command, and the conversation. Never rejects. */
  async abort(error: unknown): Promise<void> {
    if (this.#connection === undefined) return this.#call.withdraw()
    await this.#call.abort(error)
    this.#connection.stream.destroy()
  }

  /**
   * The handler's exit status, after its last reply has been taken.
   * @throws SwarmError INCOMPLETE when the status is lost or the reply breaks off, or the signal's reason
   */
  async ended(signal: AbortSignal): Promise<number> {
    const status = await this.#call.ended(signal)
    // It reads no more: what we still have for it would only hold its socket open.
    this.#connection?.stream.end()
    await until(signal, this.#heard)
    if (!this.#connection?.stream.readableEnded)
      throw new SwarmError('INCOMPLETE', `the reply of ${this.info.name} broke off`)
    return status
  }
}
