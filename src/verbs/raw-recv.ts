/** `recv --raw`: what a program that uses Hyperswarm says, to stdout or a file. */
import type { SwarmError } from '../errors.ts'
import { Condition, type Context } from './context.ts'
import { type OutputFile, openOutput } from './output-file.ts'
import { RawMeeting, type RawOptions } from './raw.ts'
import { toSink } from './recv.ts'

export interface RawRecvOptions extends RawOptions {
  /** A file instead of stdout; `-` is stdout. */
  readonly output: string
  /** Fails with NOBODY when nobody is there. */
  readonly noWait: boolean
}

/** @throws SwarmError INCOMPLETE when the connection was cut; NOBODY, OUTPUT, and the signal's reason */
export async function rawRecv(context: Context, options: RawRecvOptions): Promise<void> {
  const { signal, counters } = context
  const { sink, newFile } = await openOutput(context, options.output)
  const meeting = new RawMeeting(context)
  const changed = new Condition()
  let closed: { error: SwarmError | undefined } | undefined
  const shut = (error: SwarmError | undefined) => {
    closed ??= { error }
    changed.changed()
  }
  if (sink !== undefined) sink.onclose = shut
  let file: OutputFile | undefined
  try {
    await meeting.open(options, { server: true, client: true })
    if (options.noWait) await meeting.demand(1)
    const caller = await meeting.first()
    file = newFile?.()
    if (file !== undefined) file.onfail = shut
    const outflow = file ?? toSink(sink)
    let writing = 0
    caller.connection.pour((chunk) => {
      counters.take(chunk.length)
      writing += 1
      let inside = true
      outflow.write(chunk, () => {
        writing -= 1
        if (!inside) caller.connection.resume()
        changed.changed()
      })
      inside = false
      return writing === 0
    })
    const { stream } = caller.connection
    stream.once('end', () => changed.changed()).once('close', () => changed.changed())
    const isOver = () => (stream.readableEnded || stream.destroyed) && writing === 0
    await changed.when(signal, () => closed !== undefined || isOver())
    if (closed !== undefined) {
      if (closed.error !== undefined) throw closed.error
      return
    }
    caller.assertHeard()
    await outflow.commit()
    file = undefined
    stream.end()
    await caller.closed(signal)
  } finally {
    file?.discard()
    await meeting.close()
    if (!signal.aborted) await sink?.close()
  }
}
