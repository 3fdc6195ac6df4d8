/** Peers as a monitor sees them, made up. */
import type { Row } from '../../../src/verbs/watched.ts'

export type Made = Partial<Omit<Row, 'info'>> & {
  readonly name: string
  readonly topic?: string
  readonly verb?: string
}

export function row({ name, topic = 'room', verb = 'join', ...figures }: Made): Row {
  const id = Buffer.from(name).toString('hex').padEnd(32, '0').slice(0, 32)
  const key = Buffer.alloc(32, topic)
  return {
    key: `${key.toString('hex')}:${id}`,
    info: {
      id,
      name,
      topic: key,
      topicName: topic,
      client: true,
      transport: 'local',
      verb,
      reads: [],
      writes: [],
      address: undefined,
      pid: 1234,
    },
    rates: [],
    ...figures,
  }
}
