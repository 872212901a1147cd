-- A database of the cluster: `applied` says whether it is there as it was asked for.
local status = obj.status
if status == nil or status.applied == nil or status.observedGeneration ~= obj.metadata.generation then
  return { status = "Progressing", message = "its operator has not seen it yet" }
end
if status.applied then
  return { status = "Healthy", message = "it is there" }
end
return { status = "Degraded", message = status.message or "it was not applied" }
