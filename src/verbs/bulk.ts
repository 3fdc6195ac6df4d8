/**
 * Lines in bulk: what is said in large pieces goes to the peers of this machine through a ring in
 * memory (see `spool.ts`), and to all others by their links as ever.
 *
 * A small piece always goes by the links: it is there at once. The order is kept: nothing passes what was put into the
 * ring before it. Only where a slow peer is waited for: a ring cannot drop.
 */
import type { FanOut } from '../io/fan-out.ts'
import { inFrames } from '../io/lines.ts'
import type { Target } from '../io/outlet.ts'
import { pageBuffer } from '../io/page-buffer.ts'
import { type Extent, type Seat, Spool } from '../io/spool.ts'
import { EXTENT_BYTES_MAX } from '../io/spool-reader.ts'
import { limits } from '../limits.ts'
import type { Link, Separator } from '../protocol/link.ts'
import type { PeerInfo } from '../swarm/peer.ts'

/** Half of what one read of a busy pipe gives, or more, is bulk. */
const BULK_BYTES_MIN = 32_768
/** More than a full queue, and all that is read ahead of it. */
const SPOOL = { ringBytes: 8_388_608, batchBytes: EXTENT_BYTES_MAX }

/** In answers, instead of the number of a stream. */
export const LINES = 0

/** What is queued for a peer. */
export type Lines = Buffer | Extent

export class Bulk {
  readonly #fanOut: FanOut<Lines>
  readonly #separator: Separator
  readonly #directories: readonly string[]
  readonly #onbegin: () => void
  readonly #paths = new Set<Path>()
  #spool: Spool | undefined
  #isOpened = false
  #together: Buffer | undefined

  /**
   * @param directories where a ring may be; none: everything goes by the links
   * @param onbegin called when there is so much to say for the first time
   */
  constructor(
    fanOut: FanOut<Lines>,
    separator: Separator,
    directories: readonly string[],
    onbegin: () => void,
  ) {
    this.#fanOut = fanOut
    this.#separator = separator
    this.#directories = directories
    this.#onbegin = onbegin
  }

  /** Where lines are put together that are said next: what is copied to the ring at once needs none of its own. */
  memory(bytes: number): Buffer {
    if (bytes < BULK_BYTES_MIN || !this.#spool?.hasRoom(bytes)) return Buffer.allocUnsafe(bytes)
    this.#together ??= pageBuffer(limits.frameBytes)
    return bytes > this.#together.length ? Buffer.allocUnsafe(bytes) : this.#together.subarray(0, bytes)
  }

  /** Says whole lines to everybody. */
  say(lines: Buffer): void {
    if (lines.length >= BULK_BYTES_MIN && !this.#isOpened) this.#open()
    const spool = this.#spool
    if (spool === undefined || (spool.isIdle && lines.length < BULK_BYTES_MIN)) this.#fanOut.write(lines)
    else spool.put({ data: lines, release: () => {} })
  }

  /** Everything that was said is queued now. */
  flush(): void {
    this.#spool?.flush()
  }

  /** The way to a peer: by its link, or a handler's connection. */
  path(write: (lines: Buffer, done: (error?: Error | null) => void) => void): Target<Lines> {
    return { write: (lines, done) => write(this.#bytesOf(lines), done) }
  }

  /** The way to a peer that may be on this machine. */
  pathTo(link: Link, info: PeerInfo): Target<Lines> {
    const byLink = this.path((lines, done) => {
      const parts = inFrames(lines, this.#separator)
      const last = parts.pop() ?? lines
      for (const part of parts) link.writeLines(part, this.#separator, () => {})
      link.writeLines(last, this.#separator, done)
    })
    if (info.transport !== 'local') return byLink
    const path = new Path(link, this.#separator, byLink)
    this.#paths.add(path)
    link.on('message', (message) => {
      if (!('stream' in message) || message.stream !== LINES) return
      if (message.type === 'borrow') path.take(this.#spool)
      else if (message.type === 'progress') path.progressed(message.bytes)
    })
    link.on('close', () => this.#paths.delete(path))
    path.offer(this.#spool)
    return path
  }

  close(): void {
    this.#spool?.close()
  }

  #open(): void {
    this.#isOpened = true
    this.#onbegin()
    const spool = this.#paths.size > 0 ? Spool.open(this.#directories, SPOOL) : undefined
    if (!spool?.reserve((extent, release) => this.#fanOut.write(extent, release))) return spool?.close()
    this.#spool = spool
    for (const path of this.#paths) path.offer(spool)
  }

  #bytesOf(lines: Lines): Buffer {
    if (lines instanceof Uint8Array) return lines
    return this.#spool?.read(lines) ?? Buffer.alloc(0)
  }
}

/** By link, until the peer has said that it can read the ring. */
class Path implements Target<Lines> {
  readonly #link: Link
  readonly #separator: Separator
  readonly #byLink: Target<Lines>
  #seat: Seat | undefined

  constructor(link: Link, separator: Separator, byLink: Target<Lines>) {
    this.#link = link
    this.#separator = separator
    this.#byLink = byLink
  }

  offer(spool: Spool | undefined): void {
    if (spool !== undefined) this.#link.say({ type: 'spool', spool: spool.loan })
  }

  /** The peer can read it. */
  take(spool: Spool | undefined): void {
    this.#seat ??= spool?.seat(({ end, length }, seat) =>
      this.#link.say({ type: 'lines', end, bytes: length, seat, separator: this.#separator }),
    )
  }

  progressed(bytes: number): void {
    this.#seat?.progressed(bytes)
  }

  write(lines: Lines, done: (error?: Error | null) => void): void {
    if (lines instanceof Uint8Array || this.#seat === undefined) this.#byLink.write(lines, done)
    else this.#seat.write(lines, done)
  }

  leave(): void {
    this.#seat?.leave()
  }
}
