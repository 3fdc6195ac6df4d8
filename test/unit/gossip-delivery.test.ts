/** What is delivered, over any graph: once, in order, with what was missed asked for. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { limits } from '../../src/limits.ts'
import { Author, type Member, Net, text } from './helpers/gossip-net.ts'

/** A chain a - b - c - …, settled. */
function chain(ids: string): { net: Net; members: Member[] } {
  const net = new Net()
  const members = [...ids].map((id) => net.add(id))
  for (let at = 1; at < members.length; at++) {
    const [left, right] = [members[at - 1], members[at]]
    if (left !== undefined && right !== undefined) net.link(left, right)
  }
  net.run()
  return { net, members }
}

function pair(): { net: Net; a: Member; b: Member } {
  const net = new Net()
  const [a, b] = [net.add('a'), net.add('b')]
  net.link(a, b)
  net.run()
  return { net, a, b }
}

test('a message reaches everyone through peers that only relay, once each', () => {
  const { net, members } = chain('abcdefgh')
  members[0]?.publish('one', 'two')
  members[7]?.publish('three')
  net.tick(8)
  for (const member of members.slice(1, 7)) assert.deepEqual(member.texts.sort(), ['one', 'three', 'two'])
  assert.deepEqual(members[7]?.texts, ['one', 'two'])
  assert.deepEqual(members[0]?.texts, ['three'])
})

test('nothing goes back to where it came from', () => {
  const { net, members } = chain('abc')
  const [a, b, c] = members
  a?.publish('one')
  let back = 0
  net.run((from, to, frame) => {
    if (frame[0] === 1 && ((from === 'b' && to === 'a') || (from === 'c' && to === 'b'))) back += 1
    return true
  })
  assert.equal(back, 0)
  assert.deepEqual([b?.texts, c?.texts, a?.texts], [['one'], ['one'], []])
})

test('what comes out of order is given on in order, and once, over any paths', () => {
  const author = new Author(1)
  const frames = [0, 1, 2, 3, 4, 5, 6].map((seq) => author.frame(seq, [`${seq}`]))
  const copies = fc.shuffledSubarray([...frames, ...frames, ...frames], { minLength: 21, maxLength: 21 })
  fc.assert(
    fc.property(copies, (order) => {
      const { b } = pair()
      for (const frame of order) b.node.receive('a', frame)
      assert.deepEqual(b.texts, ['0', '1', '2', '3', '4', '5', '6'])
    }),
    { numRuns: 50 },
  )
})

test('a gap is asked for from a neighbour, and filled', () => {
  const { net, a, b } = pair()
  for (const word of ['one', 'two', 'three']) a.publish(word)
  let isLost = false
  net.run((from, _to, frame) => {
    if (from !== 'a' || frame[0] !== 1 || isLost || !frame.includes('two')) return true
    isLost = true
    return false
  })
  assert.deepEqual(b.texts, ['one'])
  net.tick(3)
  assert.deepEqual(b.texts, ['one', 'two', 'three'])
  assert.deepEqual(b.gaps, [])
})

test('the last message, lost on its way, is asked for too: what there is is announced', () => {
  const { net, a, b } = pair()
  a.publish('one')
  net.run((from) => from !== 'a')
  assert.deepEqual(b.texts, [])
  net.tick(8)
  assert.deepEqual(b.texts, ['one'])
})

test('a gap that nobody can fill is reported, and what follows is given on', () => {
  const { net, b } = pair()
  const author = new Author(1)
  b.node.receive('a', author.frame(0, ['zero']))
  b.node.receive('a', author.frame(3, ['three']))
  b.node.receive('a', author.frame(5, ['five']))
  assert.deepEqual(b.texts, ['zero'])
  net.despair()
  net.despair()
  assert.deepEqual(b.texts, ['zero', 'three', 'five'])
  assert.deepEqual(
    b.gaps.map(({ from, to }) => [from, to]),
    [
      [1, 3],
      [4, 5],
    ],
  )
  assert.equal(b.node.stats.missed, 3)
})

test('a message of a batch is passed on and verified without the others', () => {
  const { net, a, b } = pair()
  const author = new Author(1)
  const long = 'x'.repeat(2000)
  const words = Array.from({ length: 20 }, (_, index) => `${index} ${long}`)
  a.node.receive('b', author.frame(0, words))
  a.sent.length = 0
  b.node.receive('a', author.frame(0, words.slice(0, 1)))
  b.node.receive('a', author.frame(2, words.slice(2)))
  net.tick(3)
  const part = net.members.get('a')
  assert.deepEqual(b.texts, words)
  assert.ok(part !== undefined)
})

test('a peer that starts again with the same keys is heard', () => {
  const { net, b } = pair()
  b.node.receive('a', new Author(1, 1).frame(0, ['one', 'two', 'three']))
  b.node.receive('a', new Author(1, 2).frame(0, ['again']))
  net.run()
  assert.deepEqual(b.texts, ['one', 'two', 'three', 'again'])
})

test('a newcomer gets nothing from before it came, and all from then on', () => {
  const { net, a, b } = pair()
  a.publish('old', 'older')
  net.run()
  const c = net.add('c', { isNew: true })
  net.link(b, c)
  net.run()
  c.node.settle()
  net.tick(3)
  a.publish('new')
  net.tick(3)
  assert.deepEqual(c.texts, ['new'])
  assert.deepEqual(c.gaps, [])
})

test('a newcomer that wants history gets exactly the last messages, in order, from any peer', () => {
  const { net, a, b } = pair()
  const author = new Author(1)
  a.publish('a0', 'a1', 'a2')
  net.run()
  b.node.receive('a', author.frame(0, ['x0', 'x1', 'x2', 'x3']))
  a.node.receive('b', author.frame(0, ['x0', 'x1', 'x2', 'x3']))
  net.run()
  const c = net.add('c', { isNew: true, history: 6 })
  net.link(b, c)
  net.link(a, c)
  net.run()
  assert.deepEqual(c.texts, [], 'nothing before all have answered')
  c.node.settle()
  net.run()
  assert.deepEqual(c.texts.sort(), ['a1', 'a2', 'x0', 'x1', 'x2', 'x3'])
  a.publish('a3')
  net.run()
  assert.equal(c.texts.at(-1), 'a3')
  assert.deepEqual(c.gaps, [])
})

test('a newcomer whose neighbour never answers waits for it only so long', () => {
  const net = new Net()
  const c = net.add('c', { isNew: true, history: 5 })
  c.node.peerUp('silent')
  c.node.settle()
  c.node.receive('silent', new Author(1).frame(0, ['one']))
  assert.deepEqual(c.texts, [])
  net.despair()
  assert.deepEqual(c.texts, ['one'])
})

test('halves of a swarm that meet again give each other what they missed', () => {
  const { net, members } = chain('abcd')
  const [a, b, c, d] = members
  if (!a || !b || !c || !d) assert.fail()
  a.publish('before')
  net.tick(2)
  net.unlink(b, c)
  a.publish('left')
  d.publish('right')
  net.tick(8)
  assert.deepEqual(d.texts, ['before'])
  net.link(b, c)
  net.tick(8)
  assert.deepEqual(d.texts, ['before', 'left'])
  assert.deepEqual(a.texts, ['right'])
})

test('a peer whose supplier dies gets the rest another way', () => {
  const net = new Net()
  const [a, b, c, d] = [...'abcd'].map((id) => net.add(id))
  if (!a || !b || !c || !d) assert.fail()
  for (const [x, y] of [
    [a, b],
    [a, c],
    [b, d],
    [c, d],
  ] as const)
    net.link(x, y)
  net.run()
  for (let count = 0; count < 10; count++) {
    a.publish(`${count}`)
    net.tick()
  }
  net.unlink(b, a)
  net.unlink(b, d)
  for (let count = 10; count < 20; count++) {
    a.publish(`${count}`)
    net.tick()
  }
  assert.deepEqual(
    d.texts,
    Array.from({ length: 20 }, (_, index) => `${index}`),
  )
})

test('copies are choked: in a full graph each message soon comes to each peer once', () => {
  const net = new Net()
  const members = [...'abcdef'].map((id) => net.add(id))
  members.forEach((one, index) => {
    for (const other of members.slice(index + 1)) net.link(one, other)
  })
  net.run()
  for (let count = 0; count < 10; count++) {
    members[0]?.publish(`warm ${count}`)
    net.run()
  }
  let frames = 0
  for (let count = 0; count < 10; count++) {
    members[0]?.publish(`${count}`)
    net.run((_from, _to, frame) => {
      if (frame[0] === 1) frames += 1
      return true
    })
  }
  assert.equal(frames, 50, 'ten messages, five receivers')
})

test('the mesh has at most 12 members, and at least 6 where so many are there', () => {
  const net = new Net()
  const members = Array.from({ length: 40 }, (_, index) => net.add(`m${index}`))
  members.forEach((one, index) => {
    for (const other of members.slice(index + 1)) net.link(one, other)
  })
  net.run()
  net.tick(30)
  for (const { node } of members) {
    assert.ok(node.mesh.members.size >= limits.gossipMeshLinksMin, `${node.mesh.members.size} members`)
    assert.ok(node.mesh.members.size <= limits.gossipMeshLinksMax, `${node.mesh.members.size} members`)
  }
  for (const dead of members.slice(0, 20)) {
    for (const other of members) if (other !== dead) net.unlink(dead, other)
    net.members.delete(dead.id)
  }
  net.tick(30)
  for (const { node } of members.slice(20)) assert.ok(node.mesh.members.size >= limits.gossipMeshLinksMin)
})

test('what is published is numbered from 0, each once', () => {
  const { net, a, b } = pair()
  a.node.publish([text('x'), text('y')], 7)
  a.node.publish([text('z')], 8)
  net.run()
  assert.deepEqual(
    b.delivered.map(({ item, time }) => [item.seq, time]),
    [
      [0, 7],
      [1, 7],
      [2, 8],
    ],
  )
})
