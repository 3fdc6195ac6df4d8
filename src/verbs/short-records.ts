/**
 * Records that come over the link: a command for each. What it says goes back there when it is short, and over a
 * stream that the caller dials when it is long.
 */
import type { Started, Starters } from '../io/starters.lazy.ts'
import { limits } from '../limits.ts'
import type { Connection } from '../protocol/connection.ts'
import type { IncomingCall } from './calls.ts'
import { linger } from './linger.ts'

/**
 * Starts a command on a record.
 * @returns the command; `said` resolves when its reply has been handed over: with false when the caller did not come for it
 */
export function answer(
  starters: Starters,
  record: Buffer,
  call: IncomingCall,
  connection: number,
): { child: Started; said: Promise<boolean> } {
  const { info, link, stream } = call
  let held: Buffer[] = []
  let bytes = 0
  /** Of a reply that is too long for the link. */
  let dialling: Promise<boolean> | undefined
  let opened: Connection | undefined

  const hear = (chunk: Buffer): boolean => {
    const copy = Buffer.from(chunk)
    if (opened !== undefined) return opened.stream.write(copy)
    held.push(copy)
    bytes += copy.length
    if (bytes <= limits.handedBytes) return true
    dialling ??= open()
    return false
  }

  const open = async (): Promise<boolean> => {
    try {
      opened = (await call.dialled()).accept()
      const { stream } = opened
      stream.on('drain', () => child.resume()).once('close', lost)
      for (const chunk of held) stream.write(chunk)
      if (!stream.writableNeedDrain) child.resume()
      return true
    } catch {
      lost()
      return false
    } finally {
      held = []
    }
  }

  const finish = async (): Promise<boolean> => {
    const isHeard = (await dialling) ?? true
    link.off('close', lost)
    if (opened !== undefined) await linger(opened, link)
    else if (dialling === undefined && bytes > 0) {
      link.giveReply(stream, Buffer.concat(held))
      // A caller that does not read its replies gets no place for another record.
      await link.drained()
    }
    return isHeard
  }

  const lost = () => child.deafen()
  link.once('close', lost)
  const { id: peer, transport } = info
  const child = starters.run({ record, connection, peer, transport, hear })
  return { child, said: child.ended.then(finish) }
}
