/**
 * Handlers: connect, run a command, read its reply, close; one caller at a time, and eight. The clock is
 * the caller's own, a Node program in every row, from its first call to its last reply. The command is
 * `echo hi`; lswarm's calls also await the exit status, which the others do not tell.
 *
 * Queues: `true` for each line, four at a time, from the moment when the lines come until all have ended. A bare
 * Node program that starts as many is beside them: what `send` and `exec` add is the difference.
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  allReady,
  count,
  freshPath,
  freshTopic,
  gated,
  inTurns,
  LSWARM,
  now,
  TOOLS,
  table,
  until,
  withJobs,
} from './harness.mjs'

export const peers = ['socat', 's6', 'ucspi']

const REFERENCE = 'socat UNIX-LISTEN,fork EXEC'
const CALLS = 200
/** Some seconds of work: in the first, V8 compiles what runs (of 1000 records each takes a quarter longer). */
const RECORDS = 3000
const XARGS = 'xargs -P 4 -n 1 true'

/** Who answers on `$SOCKET` with a command for each connection. */
const SERVERS = [
  { name: REFERENCE, needs: 'socat', script: "socat UNIX-LISTEN:$SOCKET,fork,backlog=128 EXEC:'echo hi'" },
  { name: 's6-ipcserver', needs: 's6', script: 's6-ipcserver $SOCKET echo hi' },
  { name: 'unixserver', needs: 'ucspi', script: 'unixserver -q $SOCKET echo hi' },
]

export async function compare({ runs, peers: there, progress, show }) {
  for (const atOnce of [1, 8]) {
    const rows = [
      { name: 'lswarm exec', run: () => swarmed(atOnce) },
      ...SERVERS.filter(({ needs }) => there.has(needs)).map((server) => ({
        name: server.name,
        run: () => served(server.script, atOnce),
      })),
    ]
    const measured = await inTurns(rows, runs, (text) => progress(`${atOnce} at once, ${text}`))
    const title = `exec: ${CALLS} commands, ${atOnce === 1 ? 'one at a time' : `${atOnce} at once`}`
    const columns = [{ title: 'commands/s', of: 'seconds', as: 'rate' }]
    show(table({ title, reference: REFERENCE, columns, rows, ...measured }))
  }
  const rows = [
    { name: 'send --queue, exec --queue --max 4', run: queued },
    { name: XARGS, run: () => fed(XARGS) },
    { name: 'Node, spawn, 4 at a time', run: () => fed('"$NODE" "$TOOLS/spawner.mjs" 4 true') },
  ]
  const measured = await inTurns(rows, runs, progress)
  const title = `exec: ${RECORDS} records to \`true\`, 4 at a time`
  const columns = [
    { title: 'commands/s', of: 'seconds', as: 'rate' },
    { title: 'each second', of: 'each', as: 'value', format: count },
  ]
  show(table({ title, reference: XARGS, columns, rows, ...measured }))
}

/** The lines come when we say so. */
const LINES = gated(`seq ${RECORDS}`)

function queued() {
  return withJobs(async (start) => {
    const variables = { TOPIC: freshTopic() }
    await allReady([start(`${LSWARM} exec --queue $TOPIC --max 4 --ready -- true`, variables)])
    const sender = start(`${LINES} | ${LSWARM} send --queue $TOPIC --ready`, variables)
    await allReady([sender])
    return told(sender)
  })
}

function fed(script) {
  return withJobs((start) => told(start(`${LINES} | ${script}`)))
}

async function told(job) {
  const since = now()
  job.say('go\n')
  const seconds = (await job.done()).at - since
  return { seconds, each: RECORDS / seconds }
}

function swarmed(atOnce) {
  return withJobs(async (start) => {
    const variables = {
      TOPIC: freshTopic(),
      AT_ONCE: atOnce,
      COUNT: CALLS,
      CALLER: join(TOOLS, 'caller.mjs'),
    }
    await allReady([start(`${LSWARM} exec $TOPIC --ready -- echo hi`, variables)])
    return timed(start('"$NODE" "$CALLER" topic $TOPIC $COUNT $AT_ONCE', variables))
  })
}

function served(script, atOnce) {
  return withJobs(async (start) => {
    const socket = freshPath('sock')
    const variables = { SOCKET: socket, AT_ONCE: atOnce, COUNT: CALLS, CALLER: join(TOOLS, 'caller.mjs') }
    start(script, variables)
    await until(() => existsSync(socket))
    return timed(start('"$NODE" "$CALLER" socket $SOCKET $COUNT $AT_ONCE', variables))
  })
}

async function timed(caller) {
  await caller.hears(/seconds [\d.]+\n/, 'stdout')
  await caller.done()
  return { seconds: Number(/seconds ([\d.]+)/.exec(caller.stdout)?.[1]) }
}
