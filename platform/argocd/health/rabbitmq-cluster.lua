-- AllReplicasReady is the one that means what it says: ClusterAvailable is True while the pod still starts, ReconcileSuccess can stay Unknown on a
-- cluster that works, and NoWarnings is False for reasons that hurt nobody.
local conditions = obj.status and obj.status.conditions or {}
local health = { status = "Progressing", message = "its nodes are not ready yet" }
for _, condition in ipairs(conditions) do
  if condition.type == "ReconcileSuccess" and condition.status == "False" then
    return { status = "Degraded", message = condition.message }
  end
  if condition.type == "AllReplicasReady" and condition.status == "True" then
    health = { status = "Healthy", message = "all nodes are ready" }
  end
end
return health
