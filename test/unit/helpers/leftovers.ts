/** What lies about in a topic's directory. */
import { lutimesSync, mkdirSync, renameSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { toTopic } from '../../../src/topic.ts'
import { newSocketName } from '../../../src/transport/local/topic-directory.ts'
import { event } from './wait.ts'

/** The directory of a topic, made if it is missing. */
export function topicDirectory(basedir: string, topic: string): string {
  const path = join(basedir, toTopic(topic).hex.slice(0, 16))
  mkdirSync(path, { mode: 0o700, recursive: true })
  return path
}

/** A socket that nobody listens on any more, as a killed process leaves it. */
export async function deadSocket(directory: string, name: string = newSocketName()): Promise<string> {
  const server = createServer()
  server.listen(join(directory, 'x'))
  await event(server, 'listening')
  renameSync(join(directory, 'x'), join(directory, name))
  server.close()
  await event(server, 'close')
  return name
}

/** Makes an entry look as if it was made so long ago. */
export function age(path: string | Buffer, seconds: number): void {
  const then = Date.now() / 1000 - seconds
  lutimesSync(path, then, then)
}
