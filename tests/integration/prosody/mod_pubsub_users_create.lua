-- SPDX-License-Identifier: MIT
-- Prosody 0.12 lets only admins create nodes, and admins own every node. Here every user of this server may create
-- nodes, and owns what he created.
local service = module:depends("pubsub").service
local domain_of = require("util.jid").host
local default = service.config.get_affiliation

function service.config.get_affiliation(jid, node, action)
    if action == "create" and prosody.hosts[domain_of(jid)] then
        return "owner"
    end
    return default(jid, node, action)
end
