import assert from 'node:assert/strict'
import type { PeerInfo } from '../../src/swarm/peer.ts'
import { turns, until, within } from './helpers/wait.ts'
import { forEachWay, joinAll, metBy, polite, untilConnected } from './helpers/ways.ts'

forEachWay('a peer that the firewall rejects is not let in, and the others are', async (_t, meeting) => {
  const asked: PeerInfo[] = []
  const alice = meeting.create({
    firewall: (info) => {
      asked.push(info)
      return info.name === 'mallory'
    },
  })
  const byAlice = metBy(alice)
  await within(alice.join('room', { client: false }).flushed(), 'flushed')
  const [mallory, bob] = [meeting.create({ name: 'mallory' }), meeting.create({ name: 'bob' })]
  const byMallory = metBy(mallory)
  for (const swarm of [mallory, bob]) await within(swarm.join('room', { server: false }).flushed(), 'flushed')
  await untilConnected(1, alice, bob)
  assert.deepEqual(
    byAlice.map(({ info }) => info.name),
    ['bob'],
  )
  assert.deepEqual([byMallory.length, mallory.connections.size], [0, 0])
  const of = (name: string) => asked.filter((info) => info.name === name)
  assert.deepEqual([of('mallory').length, of('bob').length], [1, 1])
  assert.deepEqual([of('mallory')[0]?.id, of('mallory')[0]?.client], [mallory.id, false])
})

forEachWay('a peer that the firewall rejects is not connected to when we dial it', async (_t, meeting) => {
  const mallory = meeting.create({ name: 'mallory' })
  await within(mallory.join('room', { client: false }).flushed(), 'flushed')
  const asked: boolean[] = []
  const alice = meeting.create({
    firewall: (info) => {
      asked.push(info.client)
      return true
    },
  })
  const byAlice = metBy(alice)
  const discovery = alice.join('room', { server: false })
  await within(discovery.flushed(), 'flushed')
  assert.deepEqual([byAlice.length, alice.connections.size], [0, 0])
  await within(discovery.refresh(), 'refresh')
  await turns(10)
  assert.deepEqual(asked, [true], 'it is asked once, and the address is not dialled again')
})

forEachWay('a firewall keeps two equal peers apart, whoever comes first', async (_t, meeting) => {
  for (const first of [true, false]) {
    const [alice, mallory] = [
      meeting.create({ name: 'alice', firewall: () => true }),
      meeting.create({ name: 'mallory' }),
    ]
    polite(mallory)
    const byAlice = metBy(alice)
    await joinAll('room', ...(first ? [alice, mallory] : [mallory, alice]))
    for (const swarm of [alice, mallory]) {
      await within(swarm.status('room')?.refresh() ?? Promise.reject(), 'refresh')
    }
    await until(() => mallory.connections.size === 0, 'mallory has nobody')
    assert.deepEqual([byAlice.length, alice.connections.size], [0, 0])
    await Promise.all([alice.destroy(), mallory.destroy()])
  }
})

forEachWay('a firewall that throws rejects', async (_t, meeting) => {
  const alice = meeting.create({
    firewall: () => {
      throw new Error('broken')
    },
  })
  const bob = meeting.create()
  const byAlice = metBy(alice)
  const warnings: string[] = []
  alice.on('warning', (message) => warnings.push(message))
  await joinAll('room', alice)
  await within(bob.join('room', { server: false }).flushed(), 'flushed')
  assert.deepEqual([byAlice.length, alice.connections.size, bob.connections.size], [0, 0, 0])
  assert.deepEqual(warnings, ['the firewall failed: broken'])
})
