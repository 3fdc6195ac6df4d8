/**
 * Streams whose peer has ended its side: it may still read, or it may be gone, and of that no event
 * tells. An empty write reaches a living reader as nothing, and a dead one as EPIPE, which closes
 * the stream.
 */
import type { Duplex } from 'node:stream'

/** So often a half-open stream is written to, from its end on. */
const PROBE_MS = 50

export class HalfOpenStreams {
  readonly #streams = new Set<Duplex>()
  #timer: NodeJS.Timeout | undefined

  /** Watches a stream from its end on, until it closes. */
  watch(stream: Duplex): void {
    if (stream.readableEnded) this.#ended(stream)
    else stream.once('end', () => this.#ended(stream))
  }

  destroy(): void {
    clearTimeout(this.#timer)
    this.#streams.clear()
  }

  #ended(stream: Duplex): void {
    // Node may have closed it by itself, or is about to.
    if (stream.destroyed || stream.writableEnded) return
    this.#streams.add(stream)
    stream.once('close', () => this.#streams.delete(stream))
    probe(stream)
    this.#timer ??= this.#probeLater()
  }

  #probeLater(): NodeJS.Timeout {
    return setTimeout(() => {
      for (const stream of this.#streams) {
        if (stream.writableEnded) this.#streams.delete(stream)
        else probe(stream)
      }
      this.#timer = this.#streams.size === 0 ? undefined : this.#probeLater()
    }, PROBE_MS).unref()
  }
}

function probe(stream: Duplex): void {
  // Behind other data it would only wait; that data tells as well.
  if (stream.writableLength === 0) stream.write(Buffer.alloc(0))
}
