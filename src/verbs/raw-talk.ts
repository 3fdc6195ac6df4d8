/** `connect --raw` and `listen --raw`: our own stdio, and one program that uses Hyperswarm. */
import type { Context } from './context.ts'
import { exchange } from './exchange.ts'
import { RawMeeting, type RawMeetingOptions } from './raw.ts'

const BUFFERS = { bufferBytes: 262_144, buffers: 4 }

export interface RawTalkOptions extends RawMeetingOptions {
  /** `listen` announces the topic and takes the first who comes; `connect` looks for who has announced it. */
  readonly role: 'connect' | 'listen'
}

/** @throws SwarmError INCOMPLETE, INPUT, OUTPUT, NOBODY, or the signal's reason */
export async function rawTalk(context: Context, options: RawTalkOptions): Promise<void> {
  const { signal } = context
  const source = context.openSource('-', BUFFERS)
  const sink = context.openStdout()
  const meeting = new RawMeeting(context)
  try {
    const isClient = options.role === 'connect'
    await meeting.open(options, { server: !isClient, client: isClient })
    await meeting.gather(1, options.noWait)
    const caller = await meeting.take()
    // A person has nothing more to say to who has ended; a program is heard out.
    const both = !source.isTerminal
    if (!(await exchange(context, caller.connection, source, sink, { signal, both }))) return
    source.close()
    await caller.closed(signal)
    caller.assertHeard()
    caller.assertArrived()
  } finally {
    source.close()
    await meeting.close()
    if (!signal.aborted) await sink.close()
  }
}
