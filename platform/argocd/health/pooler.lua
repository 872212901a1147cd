-- PgBouncer: as many as were asked for.
local status = obj.status
if status == nil or status.instances == nil then
  return { status = "Progressing", message = "its operator has not seen it yet" }
end
if status.instances >= (obj.spec.instances or 1) then
  return { status = "Healthy", message = "all run" }
end
return { status = "Progressing", message = status.instances .. " of " .. (obj.spec.instances or 1) .. " run" }
