-- Knative's kinds: Ready says all, once the controller has seen what was applied. Without that, the answer would be about the version before,
-- and a wave would not wait for its own objects.
local status = obj.status
if status == nil or status.conditions == nil or status.observedGeneration ~= obj.metadata.generation then
  return { status = "Progressing", message = "its controller has not seen it yet" }
end
for _, condition in ipairs(status.conditions) do
  if condition.type == "Ready" then
    if condition.status == "True" then
      return { status = "Healthy", message = "ready" }
    end
    local message = (condition.reason or "not ready") .. ": " .. (condition.message or "it says no more")
    -- A Broker and a Trigger say False while RabbitMQ makes their queues; of a Service it means that the new revision does not start.
    if condition.status == "False" and obj.kind == "Service" then
      return { status = "Degraded", message = message }
    end
    return { status = "Progressing", message = message }
  end
end
return { status = "Progressing", message = "it does not say whether it is ready" }
