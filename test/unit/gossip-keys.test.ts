/** Keys and signatures, with the published edge cases of ed25519. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import test from 'node:test'
import { inspect } from 'node:util'
import { KeyPair, verifierOf } from '../../src/gossip/key-pair.ts'
import { swarmError } from './helpers/errors.ts'

const hex = (text: string) => Buffer.from(text, 'hex')

function verifies(publicKey: string, message: string, signature: string): boolean {
  return verifierOf(hex(publicKey))?.(hex(message), hex(signature)) ?? false
}

/** RFC 8032, 7.1: secret, public key, message, signature. */
const RFC_8032: readonly (readonly [
  secret: string,
  publicKey: string,
  message: string,
  signature: string,
])[] = [
  [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
]

test('a seed gives the public key and the signatures of RFC 8032', () => {
  for (const [secret, publicKey, message, signature] of RFC_8032) {
    const keyPair = KeyPair.from(hex(secret))
    assert.equal(keyPair.publicKey.toString('hex'), publicKey)
    assert.equal(keyPair.sign(hex(message)).toString('hex'), signature)
    assert.ok(verifies(publicKey, message, signature))
  }
})

/**
 * The cases of "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko, 2020): what, whether it is to be
 * accepted, message, public key, signature.
 */
const CASES: readonly (readonly [
  what: string,
  isSound: boolean,
  message: string,
  key: string,
  signature: string,
])[] = [
  [
    'a public key and an R of small order, S = 0',
    false,
    '8c93255d71dcab10e8f379c26200f3c7bd5f09d9bc3068d3ef4edeb4853022b6',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a0000000000000000000000000000000000000000000000000000000000000000',
  ],
  [
    'a public key of small order',
    false,
    '9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    'f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04',
  ],
  [
    'an R of small order',
    false,
    'aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab',
    'f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e',
  ],
  [
    'points of mixed order that satisfy the equation without the cofactor',
    true,
    '9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79',
    'cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d',
    '9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009',
  ],
  [
    'points of mixed order that satisfy it only with the cofactor',
    false,
    'e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c',
    'cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d',
    '160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed5125ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09',
  ],
  [
    'a public key of mixed order, with the cofactor taken late',
    false,
    'e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c',
    'cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d',
    '21122a84e0b5fca4052f5b1235c80a537878b38f3142356b2c2384ebad4668b7e40bc836dac0f71076f9abe3a53f9c03c1ceeeddb658d0030494ace586687405',
  ],
  [
    'an S past the order of the group',
    false,
    '85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40',
    '442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623',
    'e96f66be976d82e60150baecff9906684aebb1ef181f67a7189ac78ea23b6c0e547f7690a0e2ddcd04d87dbc3490dc19b3b3052f7ff0538cb68afb369ba3a514',
  ],
  [
    'an S far past the order of the group',
    false,
    '85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40',
    '442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623',
    '8ce5b96c8f26d0ab6c47958c9e68b937104cd36e13c33566acd2fe8d38aa19427e71f98a473474f2f13f06f97c20d58cc3f54b8bd0d272f42b695dd7e89a8c22',
  ],
  [
    'an R in its second spelling, reduced in the hash',
    false,
    'fdaebc429f4a735932a160da1301080c13280eea8bc280d1b392c6b9e6ba3a5a',
    'f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f454d370c8d9fc323a41450f8d513eafeb5b0697390c1e505a0d4ddc71f566607',
  ],
  [
    'an R in its second spelling, not reduced in the hash',
    false,
    '84b698d39be126ff55fe45079e6c8bf64a0d7db6994560b4e96b7021eb39c1a1',
    'f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f084d5b99c2a9463d9c8bd5026916996984eeec87ddf1d3be329006ace1b37b09',
  ],
]

for (const [what, isSound, message, key, signature] of CASES) {
  test(`${what}: ${isSound ? 'accepted' : 'refused'}`, () => {
    assert.equal(verifies(key, message, signature), isSound)
  })
}

/** The eight points whose order divides 8, in all their spellings. */
const SMALL = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]

test('no point of small order is an author, in whatever spelling', () => {
  for (const point of SMALL) {
    for (const sign of [0, 0x80]) {
      const bytes = hex(point)
      bytes.writeUInt8(bytes.readUInt8(31) | sign, 31)
      assert.equal(verifierOf(bytes), undefined, bytes.toString('hex'))
    }
  }
})

test('a signature with the order of the group added to S is refused', () => {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n
  const keyPair = KeyPair.generate()
  const message = Buffer.from('message')
  const signature = keyPair.sign(message)
  const verify = verifierOf(keyPair.publicKey)
  assert.equal(verify?.(message, signature), true)
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + order
  const other = Buffer.concat([signature.subarray(0, 32), hex(s.toString(16).padStart(64, '0')).reverse()])
  assert.equal(verify?.(message, other), false)
})

test('keys and signatures of a wrong length are nobody’s', () => {
  const keyPair = KeyPair.generate()
  for (const length of [0, 31, 33]) assert.equal(verifierOf(Buffer.alloc(length, 9)), undefined)
  for (const length of [0, 32, 63, 65]) {
    assert.equal(verifierOf(keyPair.publicKey)?.(Buffer.from('x'), Buffer.alloc(length, 9)), false)
  }
})

test('a key pair comes back from its PEM', () => {
  const keyPair = KeyPair.generate()
  assert.deepEqual(KeyPair.from(keyPair.toPem()).publicKey, keyPair.publicKey)
})

test('what is no ed25519 secret is refused, and not shown', () => {
  const { privateKey } = generateKeyPairSync('x25519')
  const other = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  for (const secret of [other, 'secret text', Buffer.alloc(31, 'S'), Buffer.alloc(33, 'S'), '']) {
    assert.throws(() => KeyPair.from(secret), swarmError('OPTION_INVALID', /^(?!.*(secret text|SSS))/))
  }
})

test('a key pair does not show its secret', () => {
  const seed = hex(RFC_8032[0]?.[0] ?? '')
  const keyPair = KeyPair.from(seed)
  for (const shown of [
    inspect(keyPair, { depth: 9, showHidden: true }),
    JSON.stringify(keyPair),
    String(keyPair),
  ]) {
    assert.ok(!shown.includes('9d61b19d') && !shown.includes(seed.toString('base64').slice(0, 10)))
  }
})
