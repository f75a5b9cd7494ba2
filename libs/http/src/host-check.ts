import type { FastifyRequest } from 'fastify'
import { readHeader } from './headers.js'
import { headerProblem, HttpProblem } from './problem.js'

export interface HostSettings {
  /** The address that the app listens on. */
  host: string
  /** Names, `host` or `host:port`, that it is also reached by. */
  hosts?: readonly string[] | undefined
}

interface Authority {
  /** As the URL standard writes it, without a final dot. */
  name: string
  port: number | undefined
}

/** A Host, for the address that the connection came to. */
interface Host {
  named: string
  localAddress: string | undefined
  authority: Authority | undefined
  isOwn: boolean
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])
const AUTHORITY = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{0,5}))?$/
const ORIGIN = /^(https?):\/\/([^/?#@]+)$/
/** Nobody can have these names resolved to another address, or another name to be called so. */
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']
const defaultPorts = { http: 80, https: 443 } as const

/**
 * Refuses what a web page of another site has a browser send: requests to a name that is not ours (421; the page's own name, which
 * resolves to our address: DNS rebinding), and changes from another origin (403). Browsers alone send what says so, so that requests of
 * other programs are taken as they are. https://fetch.spec.whatwg.org/#origin-header, https://www.w3.org/TR/fetch-metadata/
 */
export class HostCheck {
  private readonly own: Authority[]
  private readonly checksHosts: boolean
  private readonly names: Set<string>
  /** What came last: mostly it comes again. */
  private last: Host | undefined

  /** Hosts are checked on loopback, where no proxy does so, and wherever `hosts` names them. */
  constructor({ host, hosts = [] }: HostSettings) {
    this.own = hosts.flatMap(entry => readAuthority(entry) ?? [])
    this.checksHosts = hosts.length > 0 || isLoopback(host)
    this.names = new Set([...LOOPBACK, ...this.own.map(({ name }) => name)])
  }

  /** The problem of a request that is not for us or not from us. Throws a 400 where its Host is malformed. */
  problemOf(request: FastifyRequest): HttpProblem | undefined {
    const { raw, method, originalUrl } = request
    const { localAddress } = raw.socket
    const sent = readHeader(request, 'Host')
    if (sent === undefined && raw.httpVersion !== '1.0') return headerProblem('Host', 'is missing')
    const host = sent === undefined ? undefined : this.look(sent, localAddress)
    // An empty one is well-formed, and names nobody.
    if (sent && !host?.authority) return headerProblem('Host', 'must be a host name or address, with or without a port')
    if (this.checksHosts) {
      if (host && !host.isOwn) return misdirected(host.named)
      // A target with an authority takes the place of Host (RFC 9112, 3.2.2); a proxy may look at either.
      const target = authorityOf(originalUrl)
      if (target !== undefined && !this.judge(target, localAddress).isOwn) return misdirected(target)
    }
    return SAFE_METHODS.has(method) ? undefined : this.crossSiteProblem(request, host?.authority)
  }

  private look(named: string, localAddress: string | undefined): Host {
    if (this.last?.named !== named || this.last.localAddress !== localAddress)
      this.last = this.judge(named, localAddress)
    return this.last
  }

  private judge(named: string, localAddress: string | undefined): Host {
    const authority = readAuthority(named)
    const isOwn =
      authority !== undefined &&
      (this.names.has(authority.name) || (localAddress !== undefined && authority.name === canonical(localAddress)))
    return { named, localAddress, authority, isOwn }
  }

  private crossSiteProblem({ raw }: FastifyRequest, host: Authority | undefined): HttpProblem | undefined {
    const site = raw.headers['sec-fetch-site']
    if (site !== undefined && site !== 'same-origin' && site !== 'none') {
      return forbidden('Sec-Fetch-Site', `is ${site}`, 'must be same-origin or none')
    }
    if (raw.headers.origin === undefined) return undefined
    // Of a header that is repeated, Node's `headers` keeps the first.
    const origins = raw.headersDistinct['origin'] ?? []
    const [origin = ''] = origins
    const forwarded = String(raw.headers['x-forwarded-proto'] ?? '')
      .split(',', 1)[0]!
      .trim()
    if (origins.length === 1 && this.isOwnOrigin(origin, forwarded === 'https' ? 'https' : 'http', host))
      return undefined
    return forbidden('Origin', `is ${origins.join(', ')}`, 'must be the origin of this service')
  }

  /** The same scheme, host and port as the request itself has, or one of the configured hosts. */
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

/** Path and query of a request's target, which may have an authority in front (RFC 9112, 3.2.2). */
export function pathOfTarget(target: string): string {
  const authority = authorityOf(target)
  // `OPTIONS *` is about no path.
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

/** One text for all spellings of a name or address: `LOCALHOST.`, `0:0:0:0:0:0:0:1`, `127.1`. */
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
  const detail = `This service has no host "${host}". If it is reached by that name, add it to SHIPLOG_HOSTS.`
  return new HttpProblem(421, detail, { errors: [{ header: 'Host', detail: 'must be a name of this service' }] })
}

function forbidden(header: string, is: string, must: string): HttpProblem {
  const detail =
    `Another site may not change anything here: ${header} ${is}. If this service is reached by another name or scheme, ` +
    'add it to SHIPLOG_HOSTS.'
  return new HttpProblem(403, detail, { errors: [{ header, detail: must }] })
}
