/** `send --raw`: the input to programs that use Hyperswarm. That it reached their machines is known, and no more. */
import { SwarmError } from '../errors.ts'
import { FanOut } from '../io/fan-out.ts'
import { type Context, plural, until } from './context.ts'
import { type RawCaller, RawMeeting, type RawMeetingOptions } from './raw.ts'

const BUFFERS = { bufferBytes: 262_144, buffers: 4 }

export interface RawSendOptions extends RawMeetingOptions {
  /** A file instead of stdin; `-` is stdin. */
  readonly file: string
  /** Peers to wait for; all who are there then are sent to. */
  readonly count: number
}

/** @throws SwarmError INCOMPLETE naming those to whom the connection was cut; NOBODY, INPUT, and the signal's reason */
export async function rawSend(context: Context, options: RawSendOptions): Promise<void> {
  const { signal, report, counters } = context
  const source = context.openSource(options.file, BUFFERS)
  const meeting = new RawMeeting(context)
  const names = new Map<unknown, string>()
  const fanOut = new FanOut({
    policy: 'wait',
    cutMs: Number.POSITIVE_INFINITY,
    onslow: (outlet) => report.info(`waiting for ${names.get(outlet)}`),
    ondrop: () => {},
    oncut: () => {},
  })
  const add = (caller: RawCaller) => {
    const { stream } = caller.connection
    // What it says is not for us.
    caller.connection.pour(() => true)
    const outlet = fanOut.add({ write: (bytes, done) => stream.write(bytes, done) })
    names.set(outlet, caller.name)
    stream.once('close', () => {
      fanOut.delete(outlet)
      if (fanOut.size === 0) source.close()
    })
  }
  try {
    await meeting.open(options, { server: true, client: true })
    await meeting.gather(options.count, options.noWait)
    const receivers = meeting.takeAll()
    for (const caller of receivers) add(caller)
    report.verbose(`sending to ${receivers.map(({ name }) => name).join(', ')}`)
    const sending = source.flow((piece) => {
      counters.give(piece.data.length)
      fanOut.write(piece.data, () => piece.release())
    })
    await until(signal, sending)
    await until(signal, fanOut.empty())
    for (const { connection } of receivers) connection.stream.end()
    await Promise.all(receivers.map((caller) => caller.arrived(signal)))
    const cut = receivers.filter(({ connection }) => !connection.stream.writableFinished)
    if (cut.length === 0) return
    const who = cut.map(({ name }) => name).join(', ')
    throw new SwarmError('INCOMPLETE', `${plural(cut.length, 'connection')} cut: ${who} did not get all`)
  } finally {
    fanOut.close()
    source.close()
    await meeting.close()
  }
}
