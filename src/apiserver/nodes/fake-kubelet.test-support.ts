import 'reflect-metadata'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import * as x509 from '@peculiar/x509'

export interface TestCertificate {
  readonly certificate: string
  readonly key: string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** Good for servers on 127.0.0.1, for clients, and as its own authority. */
export async function testCertificate(commonName: string): Promise<TestCertificate> {
  x509.cryptoProvider.set(crypto)
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${commonName}`,
    notBefore: new Date('2020-01-01'),
    notAfter: new Date('2120-01-01'),
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true), new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  })
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  return { certificate: certificate.toString('pem'), key }
}

export interface FakeKubelet {
  readonly port: number
  /** Open connections. */
  readonly connections: number
  respond: (request: IncomingMessage, response: ServerResponse) => void
  upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  close(): Promise<void>
}

/** Answers only to clients that the certificate's own authority knows, as kubelets do. */
export async function startFakeKubelet({ certificate, key }: TestCertificate): Promise<FakeKubelet> {
  const server = createServer({ cert: certificate, key, ca: certificate, requestCert: true, rejectUnauthorized: true })
  const sockets = new Set<TLSSocket>()
  server.on('secureConnection', socket => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('request', (request, response) => fake.respond(request, response))
  server.on('upgrade', (request, socket, head) => fake.upgrade(request, socket, head))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const fake: FakeKubelet = {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return sockets.size
    },
    respond: (_request, response) => void response.writeHead(404).end('404 page not found'),
    upgrade: (_request, socket) => void socket.destroy(),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
  return fake
}
