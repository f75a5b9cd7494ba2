import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger'
import { problemSchema } from './api-documentation.js'

/** The OpenAPI 3.1 document of an app, made from its code. */
function describeApi(app: NestFastifyApplication): OpenAPIObject {
  const settings = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Shiplog')
    .setDescription(
      'An event-sourced ledger of deployments, rollbacks and promotions. Writes answer with the position that they got ' +
        'in the log (`Shiplog-Position`); send it as `Shiplog-Min-Position` with a read to see what you wrote. Errors ' +
        'are `application/problem+json` (RFC 9457).',
    )
    .setVersion('1')
    .build()
  const document = SwaggerModule.createDocument(app, settings, {
    operationIdFactory: (_controller, method) => method,
  })
  const components = (document.components ??= {})
  components.schemas = { ...components.schemas, Problem: problemSchema as object }
  return document
}

/** Serves the document at `/openapi.json` and Swagger UI at `/docs`. */
export function serveApiDescription(app: NestFastifyApplication): void {
  SwaggerModule.setup('docs', app, () => describeApi(app), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Shiplog API',
  })
}
