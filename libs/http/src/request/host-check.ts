import type { FastifyRequest } from 'fastify'
import { readHeader } from './headers.js'
import { headerProblem, HttpProblem } from '../problem/problem.js'

export interface HostSettings {
  /** Address that the app listens on. */
  host: string
  /** Further names, `host` or `host:port`, under which clients reach the service. */
  hosts?: readonly string[] | undefined
}

interface Authority {
  /** Normalised as in the URL standard, without a final dot. */
  name: string
  port: number | undefined
}

/** A checked `Host` header; the result depends on the local address of the connection. */
interface Host {
  text: string
  localAddress: string | undefined
  authority: Authority | undefined
  isOwn: boolean
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])
const AUTHORITY = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{0,5}))?$/
const ORIGIN = /^(https?):\/\/([^/?#@]+)$/
/** Names that always resolve to this machine. */
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']
const defaultPorts = { http: 80, https: 443 } as const

/**
 * Refuses requests that a web page of another site makes a browser send: requests to a host name of that site which resolves to
 * this address (421, DNS rebinding), and writes from another origin (403). Only browsers send the headers that tell, so requests of
 * other programs pass. https://fetch.spec.whatwg.org/#origin-header, https://www.w3.org/TR/fetch-metadata/
 */
export class HostCheck {
  private readonly own: Authority[]
  private readonly checksHosts: boolean
  private readonly names: Set<string>
  /** The previous host: most requests have the same. */
  private last: Host | undefined

  /** Checks host names on loopback, where no proxy does, and wherever `hosts` lists them. */
  constructor({ host, hosts = [] }: HostSettings) {
    this.own = hosts.flatMap(entry => readAuthority(entry) ?? [])
    this.checksHosts = hosts.length > 0 || isLoopback(host)
    this.names = new Set([...LOOPBACK, ...this.own.map(({ name }) => name)])
  }

  /** A 421 or 403 for a request to another host or from another origin. Throws a 400 for a malformed Host. */
  problemOf(request: FastifyRequest): HttpProblem | undefined {
    const { raw, method, originalUrl } = request
    const { localAddress } = raw.socket
    const sent = readHeader(request, 'Host')
    if (sent === undefined && raw.httpVersion !== '1.0') return headerProblem('Host', 'is missing')
    const host = sent === undefined ? undefined : this.look(sent, localAddress)
    // An empty Host is well-formed.
    if (sent && !host?.authority) return headerProblem('Host', 'must be a host name or address, with or without a port')
    if (this.checksHosts) {
      if (host && !host.isOwn) return misdirected(host.text)
      // The authority of a target replaces Host (RFC 9112, 3.2.2); a proxy may use either.
      const target = authorityOf(originalUrl)
      if (target !== undefined && !this.evaluate(target, localAddress).isOwn) return misdirected(target)
    }
    return SAFE_METHODS.has(method) ? undefined : this.crossSiteProblem(request, host?.authority)
  }

  private look(text: string, localAddress: string | undefined): Host {
    if (this.last?.text !== text || this.last.localAddress !== localAddress)
      this.last = this.evaluate(text, localAddress)
    return this.last
  }

  private evaluate(text: string, localAddress: string | undefined): Host {
    const authority = readAuthority(text)
    const isOwn =
      authority !== undefined &&
      (this.names.has(authority.name) || (localAddress !== undefined && authority.name === canonical(localAddress)))
    return { text, localAddress, authority, isOwn }
  }

  private crossSiteProblem({ raw }: FastifyRequest, host: Authority | undefined): HttpProblem | undefined {
    const site = raw.headers['sec-fetch-site']
    if (site !== undefined && site !== 'same-origin' && site !== 'none') {
      return forbidden('Sec-Fetch-Site', `is ${site}`, 'must be same-origin or none')
    }
    if (raw.headers.origin === undefined) return undefined
    // Node's `headers` keeps only the first of repeated headers.
    const origins = raw.headersDistinct['origin'] ?? []
    const [origin = ''] = origins
    const forwarded = String(raw.headers['x-forwarded-proto'] ?? '')
      .split(',', 1)[0]!
      .trim()
    if (origins.length === 1 && this.isOwnOrigin(origin, forwarded === 'https' ? 'https' : 'http', host))
      return undefined
    return forbidden('Origin', `is ${origins.join(', ')}`, 'must be the origin of this service')
  }

  /** Whether an origin has the scheme, host and port of the request, or is one of the configured hosts. */
  private isOwnOrigin(origin: string, scheme: keyof typeof defaultPorts, host: Authority | undefined): boolean {
    const [, ofOrigin = '', authority = ''] = ORIGIN.exec(origin) ?? []
    const from = readAuthority(authority)
    if (!from) return false
    const defaultPort = defaultPorts[ofOrigin as keyof typeof defaultPorts]
    const matches = ({ name, port = defaultPort }: Authority) =>
      name === from.name && port === (from.port ?? defaultPort)
    return (host !== undefined && ofOrigin === scheme && matches(host)) || this.own.some(matches)
  }
}

/** Path and query of a request target, without the authority that may precede them (RFC 9112, 3.2.2). */
export function pathOfTarget(target: string): string {
  const authority = authorityOf(target)
  // `OPTIONS *` has no path.
  if (authority === undefined) return target.startsWith('/') ? target : '/'
  const path = target.slice(target.indexOf('://') + '://'.length + authority.length)
  return path.startsWith('/') ? path : `/${path}`
}

function authorityOf(target: string): string | undefined {
  return /^https?:\/\/([^/?#]*)/i.exec(target)?.[1]
}

function readAuthority(text: string): Authority | undefined {
  const [, host, port = ''] = AUTHORITY.exec(text) ?? []
  if (host === undefined || Number(port) > 65_535) return undefined
  const name = canonical(host)
  return name === undefined ? undefined : { name, port: port === '' ? undefined : Number(port) }
}

/** Normalises the spellings of a name or address, such as `LOCALHOST.`, `0:0:0:0:0:0:0:1`, `127.1`. */
function canonical(host: string): string | undefined {
  try {
    const { hostname } = new URL(`http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}`)
    return hostname.replace(/\.$/, '').replace(/^\[::ffff:([0-9a-f]+):([0-9a-f]+)\]$/, (_, high, low) => {
      const bits = (Number.parseInt(high, 16) << 16) | Number.parseInt(low, 16)
      return [24, 16, 8, 0].map(shift => (bits >>> shift) & 255).join('.')
    })
  } catch {
    return undefined
  }
}

function isLoopback(host: string): boolean {
  const name = canonical(host) ?? ''
  return name === 'localhost' || name === '[::1]' || /^127(\.\d+){3}$/.test(name)
}

function misdirected(host: string): HttpProblem {
  const detail = `The host "${host}" is not a name of this service. If clients use that name, add it to SHIPLOG_HOSTS.`
  return new HttpProblem(421, detail, { errors: [{ header: 'Host', detail: 'must be a host name of this service' }] })
}

function forbidden(header: string, is: string, must: string): HttpProblem {
  const detail =
    `Other sites may not send writes: \`${header}\` ${is}. If clients use another name or scheme for this service, ` +
    'add it to SHIPLOG_HOSTS.'
  return new HttpProblem(403, detail, { errors: [{ header, detail: must }] })
}
