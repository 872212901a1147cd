-- An Application among the bank's Applications: its own health, so that a wave waits for what is in it. Argo CD has none for this kind.
local health = obj.status and obj.status.health
if health == nil or health.status == nil then
  return { status = "Progressing", message = "Argo CD has not looked at it yet" }
end
local operation = obj.status.operationState
if operation ~= nil and (operation.phase == "Failed" or operation.phase == "Error") then
  return { status = "Degraded", message = operation.message or "its sync failed" }
end
-- Healthy as it was before is no answer about what is to be applied.
if health.status == "Healthy" and obj.status.sync ~= nil and obj.status.sync.status ~= "Synced" then
  return { status = "Progressing", message = "it is not what git says yet" }
end
return { status = health.status, message = health.message or "" }
