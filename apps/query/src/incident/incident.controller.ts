import { Controller, Get } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import { incidentExamples, incidentSchema, incidentsSchema, type RecordedEvent, recordedEventsSchema } from '#libs/api'
import { eventTypes, incidentIdSchema } from '#libs/contracts'
import { contentTag, Endpoint, NamePath, Read, type ReadRequest, StrictQuery } from '#libs/http'
import { findIncident, findIncidentEvents, incidentsPage } from '#libs/read-models'
import { AsOfQuery } from '../reads/as-of-params.js'
import { ReadGateway } from '../reads/read-gateway.js'
import { found, sendJson, sendPage, sendTagged } from '../reads/responses.js'
import { IncidentsQuery } from './incident-params.js'

const { opened, resolved } = incidentExamples
const { id: _, recordedAt, position, version, ...facts } = opened
const eventsExample: RecordedEvent[] = [
  {
    type: eventTypes.IncidentOpened.ceType,
    position,
    eventId: '0198c0de-0000-7000-8000-000000000021',
    actor: 'ci@acme.example',
    time: opened.startedAt,
    recordedAt,
    data: { incidentId: opened.id, ...facts },
  },
]
const missing = { 404: 'The tenant has no incident with this id.' }
const ID = 'Id of the incident, percent-encoded (`/` as `%2F`).'

@ApiTags('incidents')
@Controller('api/v1/platform/incidents')
export class IncidentController {
  constructor(private readonly gateway: ReadGateway) {}

  @Get()
  @Endpoint({
    operationId: 'listIncidents',
    summary: 'List incidents',
    description:
      'Newest first by `startedAt`, ties in log order. `deploymentId` is the deployment to which an incident belongs: the named one, else ' +
      'the one that was active in the application and environment at `startedAt`. `asOf` returns the incidents that had started by then, in ' +
      'their state at that time. An unknown application or environment has an empty list.',
    permission: 'deployments:read',
    paged: true,
    responses: { 200: { description: 'A page of incidents.', schema: incidentsSchema, example: [opened, resolved] } },
  })
  async listIncidents(
    @Read() read: ReadRequest,
    @StrictQuery() { limit, cursor, asOf, knownAt, ...filters }: IncidentsQuery,
  ): Promise<string> {
    const { tenant } = read.principal
    const request = { tenant, filters, moment: { asOf, knownAt }, limit, cursor }
    return sendPage(read, await this.gateway.read(read, query => incidentsPage(query, request)))
  }

  @Get(':id')
  @Endpoint({
    operationId: 'getIncident',
    summary: 'Get an incident',
    description: 'Its state now, or at `asOf`. 404 if it had not started or was not recorded by then.',
    permission: 'deployments:read',
    tagged: true,
    responses: { 200: { description: 'The incident.', schema: incidentSchema, example: resolved } },
    errors: missing,
  })
  async getIncident(
    @Read() read: ReadRequest,
    @NamePath('id', ID, incidentIdSchema) id: string,
    @StrictQuery() moment: AsOfQuery,
  ): Promise<string | undefined> {
    const { tenant } = read.principal
    const response = await this.gateway.read(read, query => findIncident(query, tenant, id, moment))
    const incident = found(read, response, missingOne(id))
    // A deployment changes its representation (`deploymentId`) without a new version.
    return sendTagged(read, incident, contentTag(tenant, incident.body))
  }

  @Get(':id/events')
  @Endpoint({
    operationId: 'listIncidentEvents',
    summary: 'List the events of an incident',
    description: 'All events in the order of the log, with their data as recorded.',
    permission: 'deployments:read',
    responses: { 200: { description: 'The events.', schema: recordedEventsSchema, example: eventsExample } },
    errors: missing,
  })
  async listIncidentEvents(
    @Read() read: ReadRequest,
    @NamePath('id', ID, incidentIdSchema) id: string,
  ): Promise<string> {
    const { tenant } = read.principal
    const response = await this.gateway.read(read, query => findIncidentEvents(query, tenant, id))
    return sendJson(read, found(read, response, missingOne(id)))
  }
}

const missingOne = (id: string) => `Incident ${id} does not exist.`
