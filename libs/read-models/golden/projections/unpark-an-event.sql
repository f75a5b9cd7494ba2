-- unpark an event

DELETE FROM parked_event
WHERE
  projection = $projection
  AND partition = $partition
