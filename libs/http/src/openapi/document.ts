import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger'
import { hoistComponents } from './components.js'
import { introduction, tags } from './introduction.js'

/** The OpenAPI 3.1 document of an app, generated from its controllers. */
export function apiDocument(app: NestFastifyApplication): OpenAPIObject {
  const settings = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Shiplog')
    .setDescription(introduction)
    .setVersion(packageVersion())
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/', 'The service that serves this document')
    .build()
  const document = SwaggerModule.createDocument(app, settings, {
    operationIdFactory: (_controller, method) => method,
  })
  const used = new Set(
    Object.values(document.paths).flatMap(item =>
      Object.values(item as Record<string, { tags?: string[] }>).flatMap(operation => operation.tags ?? []),
    ),
  )
  // Without an e-mail address, which the builder would make an empty one.
  document.info.contact = { name: 'Shiplog', url: 'https://shiplog.dev' }
  // No operation needs credentials: a proxy in front of the service authenticates clients.
  document.security = []
  document.tags = tags.filter(({ name }) => used.has(name))
  return hoistComponents(document)
}

/** Serves the document at `/openapi.json` and Swagger UI at `/docs`. */
export function serveApiDescription(app: NestFastifyApplication): void {
  // Made at once, so that an app with a wrong document does not start.
  SwaggerModule.setup('docs', app, apiDocument(app), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Shiplog API',
  })
}

/** The version in the nearest package.json above this file: the build has none of its own. */
function packageVersion(folder = import.meta.dirname): string {
  const file = join(folder, 'package.json')
  if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
  if (dirname(folder) === folder) throw new Error(`there is no package.json above ${import.meta.dirname}`)
  return packageVersion(dirname(folder))
}
