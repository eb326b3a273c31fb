package main

// The configuration of the temporary cluster. Its settings are those of the examples in deploy/cluster; a test
// compares them.

const patroniConfig = `
scope: rejoinder
name: {{.Name}}
restapi:
  listen: {{.REST}}
  connect_address: {{.REST}}
etcd:
  hosts: [{{.Etcd}}]
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 5
    retry_timeout: 5
    maximum_lag_on_failover: 1048576
    synchronous_mode: true
    postgresql:
      use_pg_rewind: true
      use_slots: true
      parameters:
        max_connections: 100
        wal_compression: "on"
        wal_sender_timeout: 5s
        tcp_user_timeout: 10s
  initdb:
    - encoding: UTF8
    - locale: C
    - data-checksums
postgresql:
  listen: {{.SQL}}
  connect_address: {{.SQL}}
  data_dir: {{.Data}}
  bin_dir: {{.Postgres}}
  pgpass: {{.Data}}.pgpass
  parameters:
    unix_socket_directories: ""
  pg_hba:
    - host replication replicator 127.0.0.1/32 scram-sha-256
    - host all all 127.0.0.1/32 scram-sha-256
  authentication:
    superuser:
      username: postgres
      password: {{.Password}}
    replication:
      username: replicator
      password: {{.Password}}
`

const haproxyConfig = `
defaults
  mode tcp
  timeout connect 2s
  timeout client 30m
  timeout server 30m
  timeout check 2s

frontend postgres
  bind {{.Proxy}}
  default_backend primary

backend primary
  option httpchk OPTIONS /primary
  http-check expect status 200
  default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
{{- range .Members}}
  server {{.Name}} {{.SQL}} check port {{port .REST}}
{{- end}}
`

const pgbouncerConfig = `
[databases]
rejoinder = host={{host .Proxy}} port={{port .Proxy}}

[pgbouncer]
listen_addr = {{host .Pool}}
listen_port = {{port .Pool}}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = userlist.txt
pool_mode = {{.Pooling}}
default_pool_size = 40
ignore_startup_parameters = extra_float_digits
server_connect_timeout = 3
server_login_retry = 1
tcp_keepalive = 1
`

const pgbouncerUsers = `"rejoinder" "{{.Password}}"
`
