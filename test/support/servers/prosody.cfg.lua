-- Prosody for the integration tests. The fixture fills in every word between percent signs.

local base = "%base%"
run_as_root = %run_as_root%
daemonize = false
pidfile = base .. "/prosody.pid"
data_path = base .. "/data"
admin_socket = base .. "/data/prosody.sock"
log = { { levels = { min = "debug" }, to = "file", filename = "%log%" } }

interfaces = { "127.0.0.1" }
local_interfaces = { "127.0.0.1" }
c2s_ports = { %c2s_port% }
c2s_direct_tls_ports = { %tls_port% }
component_ports = { %component_port% }
http_ports = { %http_port% }
https_ports = { %https_port% }
proxy65_ports = { %proxy_port% }
s2s_ports = { }
s2s_direct_tls_ports = { }
component_interfaces = { "127.0.0.1" }
http_interfaces = { "127.0.0.1" }
https_interfaces = { "127.0.0.1" }
proxy65_interfaces = { "127.0.0.1" }

certificates = base
local tls = { key = "%key%", certificate = "%chain%", protocol = "%tls_protocol%" }
ssl = tls
c2s_direct_tls_ssl = tls
https_ssl = tls
tls_server_end_point_hash = "%fingerprint%"
c2s_require_encryption = %require_tls%
allow_unencrypted_plain_auth = not c2s_require_encryption

authentication = "%authentication%"
password_hash = "%password_hash%"
allow_registration = true
registration_throttle_max = 1000
min_seconds_between_registrations = 0

storage = "internal"
archive_expires_after = "1w"
default_archive_policy = true

http_default_host = "%domain%"
http_host = "%domain%"
consider_websocket_secure = true
consider_bosh_secure = true
external_services = { { type = "stun", transport = "udp", host = "127.0.0.1", port = 3478 } }

modules_disabled = { "s2s" }
modules_enabled = {
    "admin_adhoc", "admin_shell", "blocklist", "bookmarks", "bosh", "carbons", "cloud_notify",
    "csi", "csi_simple", "disco", "external_services", "http", "lastactivity", "mam",
    "offline", "pep", "ping", "private", "register", "register_ibr", "roster", "saslauth",
    "server_contact_info", "smacks", "time", "tls", "tokenauth", "uptime",
    "user_account_management", "vcard4", "vcard_legacy", "version", "websocket",
    %version_modules%
}

VirtualHost "%domain%"

VirtualHost "anonymous.%domain%"
    authentication = "anonymous"

Component "conference.%domain%" "muc"
    modules_enabled = { "muc_mam" }
    restrict_room_creation = false

Component "pubsub.%domain%" "pubsub"
    add_permissions = { ["prosody:registered"] = { "pubsub:create-node" } }
    autocreate_on_publish = true
    autocreate_on_subscribe = true

Component "upload.%domain%" "http_file_share"
    http_file_share_size_limit = 1048576

Component "proxy.%domain%" "proxy65"

Component "component.%domain%"
    component_secret = "%component_secret%"
