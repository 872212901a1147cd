-- PostgreSQL: Ready says that the number of instances that was asked for answers. A fail-over is on its way to that, and not a reason to stop.
local status = obj.status or {}
if status.phase == "Cluster is unrecoverable and needs manual intervention" then
  return { status = "Degraded", message = status.phaseReason or status.phase }
end
for _, condition in ipairs(status.conditions or {}) do
  if condition.type == "Ready" and condition.status == "True" then
    return { status = "Healthy", message = "ready" }
  end
end
return { status = "Progressing", message = status.phase or "its operator has not seen it yet" }
