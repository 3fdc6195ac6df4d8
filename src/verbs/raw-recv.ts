/** `recv --raw`: what a program that uses Hyperswarm says, to stdout or a file. */
import { type Context, until } from './context.ts'
import { type OutputFile, openOutput } from './output-file.ts'
import { pour } from './pour.ts'
import { RawMeeting, type RawMeetingOptions } from './raw.ts'
import { toSink } from './recv.ts'
import { whileRead } from './while-read.ts'

export interface RawRecvOptions extends RawMeetingOptions {
  /** A file instead of stdout; `-` is stdout. */
  readonly output: string
}

/** @throws SwarmError INCOMPLETE when the connection was cut; NOBODY, OUTPUT, and the signal's reason */
export async function rawRecv(context: Context, options: RawRecvOptions): Promise<void> {
  const { counters } = context
  const { sink, newFile } = await openOutput(context, options.output)
  let file: OutputFile | undefined
  let meeting: RawMeeting | undefined
  try {
    await whileRead(context.signal, sink, async (signal, fail) => {
      meeting = new RawMeeting({ ...context, signal })
      await meeting.open(options, { server: true, client: true })
      await meeting.gather(1, options.noWait)
      const caller = await meeting.take(({ isHeard }) => isHeard)
      file = newFile?.()
      if (file !== undefined) file.onfail = fail
      const outflow = file ?? toSink(sink)
      const received = pour(caller.connection, (chunk, done) => {
        counters.take(chunk.length)
        outflow.write(chunk, done)
      })
      await until(signal, received)
      caller.assertHeard()
      await outflow.commit()
      file = undefined
      caller.connection.stream.end()
      await caller.closed(signal)
    })
  } finally {
    file?.discard()
    await meeting?.close()
    if (!context.signal.aborted) await sink?.close()
  }
}
