/**
 * A link: the connection of a pair, carrying frames both ways.
 *
 * Its end is said, never inferred: `bye` with a reason, then a half-close, then what the other side
 * still sends is drained until it ends too. A link that closes without a bye is a failure.
 */
import { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import { messageOf, SwarmError } from '../errors.ts'
import { emitSafely } from '../events.ts'
import { limits } from '../limits.ts'
import { encodeFrame, FrameDecoder, FrameType, frameHeader } from './frame.ts'
import { decodeMessage, encodeMessage, type Message } from './message.ts'
import { decodeNumbered, encodeNumbered } from './numbered.ts'

/** What ends a line, or a record: newline or NUL. */
export type Separator = 10 | 0

/** A frame up to this long is one buffer. */
const COPIED_BYTES_MAX = 4_096

export interface LinkEvents {
  /** A control message, but for `bye`, which the link answers itself. */
  message: [message: Message]
  /** Whole lines, each with its separator. The buffer is never written to again. */
  lines: [body: Buffer, separator: Separator]
  /** A frame of signed messages or of their gossip. The buffer is a part of what was read, and is never written to again. */
  gossip: [body: Buffer]
  /** For the handler of this call of the other side's: its stdin. The buffer is a part of what was read. */
  record: [stream: number, body: Buffer]
  /** From the handler of this call of ours: its stdout. The buffer is a part of what was read. */
  reply: [stream: number, body: Buffer]
  /** Once: the reason of the other side's bye, or the error that ended the link without one. */
  close: [reason: string, error: SwarmError | undefined]
}

export class Link extends EventEmitter<LinkEvents> {
  readonly stream: Duplex
  #bye: string | undefined
  #fault: SwarmError | undefined
  #ending = false
  #closed = false
  #gathering = false
  #lingerTimer: NodeJS.Timeout | undefined

  constructor(stream: Duplex) {
    super()
    this.stream = stream
    const decoder = new FrameDecoder((type, body) => this.#take(type, body))
    stream.on('data', (chunk: Buffer) => {
      try {
        if (this.#fault === undefined) decoder.push(chunk)
      } catch (error) {
        this.#fail(error instanceof SwarmError ? error : new SwarmError('PROTOCOL', messageOf(error), error))
      }
    })
    stream.on('end', () => {
      if (this.#bye === undefined && !decoder.between) {
        this.#fault ??= new SwarmError('INCOMPLETE', 'the link ended inside a frame')
      }
      // The other side has finished speaking, and still reads: what we have to say goes out first.
      if (stream.writableFinished) stream.destroy()
      else stream.end(() => stream.destroy())
    })
    stream.once('close', () => this.#close())
  }

  get closed(): boolean {
    return this.#closed
  }

  /** True once a bye was said or heard: nothing sent now would be read. */
  get ending(): boolean {
    return this.#ending || this.#bye !== undefined || this.#closed
  }

  /** Says a control message; on a link that is ending it is not sent. */
  say(message: Message): void {
    this.#write(FrameType.control, encodeMessage(message))
  }

  /** Says all that `act` says, and what is said until the event loop has been round, in one write. */
  together(act: () => void): void {
    if (!this.#gathering) {
      this.#gathering = true
      this.stream.cork()
      setImmediate(() => {
        this.#gathering = false
        this.stream.uncork()
      })
    }
    act()
  }

  /**
   * Writes whole lines.
   * @param done called when the kernel has them, or with the error that prevented it
   */
  writeLines(body: Buffer, separator: Separator, done: (error?: Error | null) => void): void {
    this.#writeFrame(separator === 10 ? FrameType.lines : FrameType.records, body, done)
  }

  /**
   * Writes a frame of gossip; on a link that is ending it is not sent.
   * @param done called when the kernel has it, or with the error that prevented it
   */
  writeGossip(body: Uint8Array, done: (error?: Error | null) => void): void {
    if (this.ending || this.stream.writableEnded) return
    this.#writeFrame(FrameType.gossip, body, done)
  }

  /** Gives a handler that is free for this call its whole stdin; on a link that is ending it is not sent. */
  giveRecord(stream: number, body: Uint8Array): void {
    this.#write(FrameType.record, encodeNumbered(stream, body))
  }

  /** Says what a handler has said, before its status; on a link that is ending it is not sent. */
  giveReply(stream: number, body: Uint8Array): void {
    this.#write(FrameType.reply, encodeNumbered(stream, body))
  }

  #write(type: number, body: Uint8Array): void {
    if (!this.ending && !this.stream.writableEnded) this.stream.write(encodeFrame(type, body))
  }

  #writeFrame(type: number, body: Uint8Array, done: (error?: Error | null) => void): void {
    // Copying so little is less than what a second buffer costs, here and in the kernel.
    if (body.length <= COPIED_BYTES_MAX) return void this.stream.write(encodeFrame(type, body), done)
    this.stream.cork()
    this.stream.write(frameHeader(type, body.length))
    this.stream.write(body, done)
    this.stream.uncork()
  }

  /** Resolves when there is room for more to say, or the link has closed. */
  async drained(): Promise<void> {
    const { stream } = this
    while (stream.writableNeedDrain && !this.#closed) {
      await new Promise<void>((resolve) => {
        const done = () => {
          stream.off('drain', done).off('close', done)
          resolve()
        }
        stream.once('drain', done).once('close', done)
      })
    }
  }

  /** Stops reading until `resume`: what comes meanwhile waits in the kernel, and the other side with it. */
  pause(): void {
    this.stream.pause()
  }

  resume(): void {
    this.stream.resume()
  }

  /** Says bye, half-closes, drains, and closes when the other side has ended, or after `lingerMs`. */
  end(reason: string, lingerMs: number = limits.lingerMs): void {
    if (this.#ending || this.#closed) return
    if (!this.stream.writableEnded) {
      this.stream.end(encodeFrame(FrameType.control, encodeMessage({ type: 'bye', reason })))
    }
    this.#ending = true
    this.stream.resume()
    this.#lingerTimer = setTimeout(() => this.stream.destroy(), lingerMs)
  }

  /** Closes at once. */
  destroy(): void {
    this.#ending = true
    this.stream.destroy()
  }

  #take(type: number, body: Buffer): void {
    if (this.#bye !== undefined || this.#fault !== undefined) return
    if (type === FrameType.lines) this.#tell('lines', body, 10)
    else if (type === FrameType.records) this.#tell('lines', body, 0)
    else if (type === FrameType.gossip) this.#tell('gossip', body)
    else if (type === FrameType.record) this.#tell('record', ...decodeNumbered(body))
    else if (type === FrameType.reply) this.#tell('reply', ...decodeNumbered(body))
    else {
      const message = decodeMessage(body)
      if (message?.type === 'bye') {
        this.#bye = message.reason
        this.end('')
      } else if (message !== undefined) this.#tell('message', message)
    }
  }

  /** A listener that throws ends the link by an error of its own: it is not the other side's fault. */
  #tell<Name extends keyof LinkEvents>(name: Name, ...args: LinkEvents[Name]): void {
    emitSafely(this, name, args, (fault) => this.#fail(fault))
  }

  #fail(error: SwarmError): void {
    this.#fault ??= error
    // Of a stream that is closed nothing else tells.
    if (this.stream.closed) this.stream.emit('error', error)
    else this.stream.destroy(error)
  }

  #close(): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#lingerTimer)
    const said = this.#bye !== undefined || (this.#ending && this.#fault === undefined)
    const lost = new SwarmError('INCOMPLETE', 'the connection was lost')
    this.#tell('close', this.#bye ?? '', said ? undefined : (this.#fault ?? lost))
  }
}
