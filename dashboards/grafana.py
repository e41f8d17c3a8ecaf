#!/usr/bin/env python3
"""Writes the Grafana dashboards in grafana/ from the descriptions below; with --check, tells which are stale.

Grafana's JSON repeats itself in every panel; what differs between panels stands here, once.
Needs nothing but Python 3.
"""

import json
import pathlib
import sys

TARGET = pathlib.Path(__file__).parent / "grafana"
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH = 24
PER_SECOND = "suffix:/s"
NODE = 'instance=~"$instance"'
GREEN, YELLOW, RED = "green", "yellow", "red"


def panel(title, unit, description, *queries, kind="timeseries", width=8, steps=None, high=None, stacked=False):
    """A panel. `queries` are pairs of an expression and a legend, `steps` thresholds as (from, colour)."""
    defaults = {"unit": unit, "min": 0 if kind == "timeseries" else None, "max": high}
    defaults = {key: value for key, value in defaults.items() if value is not None}
    if steps:
        defaults["thresholds"] = {"mode": "absolute", "steps": [{"value": at, "color": colour} for at, colour in steps]}
    options = {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi", "sort": "desc"}}
    if kind == "stat":
        options = {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "value" if steps else "none"}
    else:
        custom = {"lineWidth": 1, "fillOpacity": 30 if stacked else 5, "showPoints": "never"}
        if stacked:
            custom["stacking"] = {"mode": "normal"}
        if steps:
            custom["thresholdsStyle"] = {"mode": "line"}
        defaults["custom"] = custom
    targets = [
        {"refId": chr(ord("A") + number), "datasource": DATASOURCE, "expr": expression, "legendFormat": legend}
        | ({"instant": True} if kind == "stat" else {})
        for number, (expression, legend) in enumerate(queries)
    ]
    return {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": DATASOURCE,
        "gridPos": {"w": width, "h": 5 if kind == "stat" else 8},
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": options,
        "targets": targets,
    }


def row(title):
    """A heading over the panels that follow."""
    return {"type": "row", "title": title, "collapsed": False, "gridPos": {"w": WIDTH, "h": 1}, "panels": []}


def note(title, text):
    """A text."""
    options = {"mode": "markdown", "content": text}
    return {"type": "text", "title": title, "gridPos": {"w": WIDTH, "h": 4}, "options": options}


def quantiles(metric, labels="", by="", named=""):
    """Percentiles of a histogram, for each value of the label `by`."""
    group = f"le, {by}" if by else "le"
    rate = f"sum by ({group}) (rate({metric}_bucket{{{labels}}}[$__rate_interval]))" if labels else (
        f"sum by ({group}) (rate({metric}_bucket[$__rate_interval]))"
    )
    shares = [(0.99, "p99")] if by else [(0.5, "p50"), (0.95, "p95"), (0.99, "p99")]
    legend = f"{{{{{by}}}}} " if by else ""
    return [(f"histogram_quantile({share}, {rate})", f"{legend}{name}{named}") for share, name in shares]


def rate(metric, by, labels="", over="$__rate_interval"):
    """Events per second, for each value of the labels `by`."""
    selector = f"{metric}{{{labels}}}" if labels else metric
    return f"sum by ({by}) (rate({selector}[{over}]))" if by else f"sum(rate({selector}[{over}]))"


def stage(name, description, labels="", width=6):
    """How long one part of a delivery takes."""
    selector = f'stage="{name}"' + (f", {labels}" if labels else "")
    queries = quantiles("confab_delivery_latency_seconds", selector)
    return panel(f"Stage {name}", "s", description, *queries, width=width)


LATENCY = "confab_delivery_latency_seconds"
STORED = "From the sender's frame at an edge to the log's acknowledgement: NATS and its disk."
REPUBLISHED = (
    "From the log's acknowledgement to an edge with followers: NATS and the network between. "
    "Measured by the wall clocks of two machines, in whole milliseconds."
)
WRITTEN = "From an entry's arrival at an edge to the socket: the hub's own fan-out and outboxes."
TOTAL = "From the sender's frame to the receiver's socket: what the objective is about."

CPU = panel(
    "Processor",
    "suffix: cores",
    "Cores that each node uses, user and system.",
    (rate("confab_process_cpu_seconds_total", "instance", NODE), "{{instance}}"),
)
MEMORY = panel(
    "Memory",
    "bytes",
    "Memory of each node that is in RAM.",
    (f"sum by (instance) (confab_process_resident_bytes{{{NODE}}})", "{{instance}}"),
)
DEAD_LETTERS = panel(
    "Dead letters, last hour",
    "short",
    "Commands that were given up after the last attempt. Somebody waits for what each would have done: "
    "`confab dead-letters list`.",
    ("sum(increase(confab_dead_letters_total[1h]))", "given up"),
    kind="stat",
    steps=[(None, GREEN), (0.5, RED)],
    width=6,
)
REDELIVERIES = panel(
    "Commands delivered again",
    PER_SECOND,
    "Commands that came again because an attempt failed or its worker died.",
    (rate("confab_work_redeliveries_total", ""), "redelivered"),
)
PENDING = panel(
    "Commands that wait",
    "short",
    "Length of the work queue. Every worker tells the same number.",
    ("max(confab_work_pending)", "waiting"),
)

DASHBOARDS = {
    "overview": (
        "Confab: overview",
        [
            row("Objectives, over 30 days"),
            panel(
                "Deliveries within 100 ms, last hour",
                "percentunit",
                "Objective: 99 %, from the sender's frame to the receiver's socket.",
                ("1 - confab:delivery_slow:ratio1h", "within 100 ms"),
                kind="stat",
                width=5,
                steps=[(None, RED), (0.99, GREEN)],
            ),
            panel(
                "Error budget left: delivery",
                "percentunit",
                "1 % of 30 days' deliveries may take longer than 100 ms. 100 % is all of that, below 0 the objective is missed.",
                ("confab:delivery_slow:budget_left", "left"),
                kind="stat",
                width=5,
                steps=[(None, RED), (0, YELLOW), (0.25, GREEN)],
            ),
            panel(
                "Messages accepted, last hour",
                "percentunit",
                "Objective: 99.9 % of the messages that clients send are not refused.",
                ("1 - confab:messages_refused:ratio1h", "accepted"),
                kind="stat",
                width=5,
                steps=[(None, RED), (0.999, GREEN)],
            ),
            panel(
                "Error budget left: acceptance",
                "percentunit",
                "0.1 % of 30 days' messages may be refused. 100 % is all of that, below 0 the objective is missed.",
                ("confab:messages_refused:budget_left", "left"),
                kind="stat",
                width=5,
                steps=[(None, RED), (0, YELLOW), (0.25, GREEN)],
            ),
            panel(
                "Alerts",
                "short",
                "Alerts of the hub that are raised now; docs/OPERATIONS.md says what to do about each.",
                ('count(ALERTS{alertname=~"Confab.*", alertstate="firing"}) or vector(0)', "raised"),
                kind="stat",
                width=4,
                steps=[(None, GREEN), (1, RED)],
            ),
            panel(
                "Delivery latency",
                "s",
                TOTAL + " The line is the objective.",
                *quantiles(LATENCY, 'stage="total"'),
                width=12,
                steps=[(None, GREEN), (0.1, RED)],
            ),
            panel(
                "How fast the delivery budget burns",
                "suffix:x",
                "Times as fast as the objective allows. Over 14.4 for an hour or 6 for six hours somebody is called.",
                *[(f"confab:delivery_slow:ratio{over} / 0.01", over) for over in ("1h", "6h", "1d", "3d")],
                width=12,
                steps=[(None, GREEN), (14.4, RED)],
            ),
            row("Where the time goes"),
            stage("stored", STORED),
            stage("republished", REPUBLISHED),
            stage("written", WRITTEN),
            stage("total", TOTAL),
            row("Traffic"),
            panel(
                "Messages",
                PER_SECOND,
                "Messages that clients sent, by what became of them.",
                ("confab:messages:rate1m", "{{outcome}}"),
                stacked=True,
            ),
            panel(
                "Deliveries",
                PER_SECOND,
                "Messages that were written to receivers' sockets.",
                (rate(LATENCY + "_count", "", 'stage="total"'), "delivered"),
            ),
            panel(
                "Connections",
                "short",
                "Open client connections, by transport.",
                ("sum by (transport) (confab_connections)", "{{transport}}"),
                stacked=True,
            ),
            panel(
                "Errors that clients were told",
                PER_SECOND,
                "By error code; docs/PROTOCOL.md says what each means.",
                (rate("confab_errors_total", "code"), "{{code}}"),
            ),
            panel(
                "HTTP answers",
                PER_SECOND,
                "By status.",
                (rate("confab_http_requests_total", "status"), "{{status}}"),
                stacked=True,
            ),
            panel(
                "Queue",
                "short",
                "Conversations that wait for an agent. Every worker tells the same number.",
                ("max(confab_queue_length)", "waiting"),
            ),
            row("Nodes"),
            CPU,
            MEMORY,
            panel(
                "Nodes by version",
                "short",
                "How many nodes run which version.",
                (f"count by (version) (confab_build_info{{{NODE}}})", "{{version}}"),
            ),
        ],
    ),
    "edges": (
        "Confab: edges",
        [
            row("Connections"),
            panel(
                "Connections",
                "short",
                "Open client connections of each edge.",
                (f"sum by (instance) (confab_connections{{{NODE}}})", "{{instance}}"),
            ),
            panel(
                "Connections that ended",
                PER_SECOND,
                "By close code; docs/PROTOCOL.md says what each means.",
                (rate("confab_closes_total", "code", NODE), "{{code}}"),
            ),
            panel(
                "Channels and subscriptions",
                "short",
                "Channels that clients of each edge follow, and its subscriptions at NATS: about as many.",
                (f"sum by (instance) (confab_rooms{{{NODE}}})", "{{instance}} channels"),
                (f"sum by (instance) (confab_subscriptions{{{NODE}}})", "{{instance}} subscriptions"),
            ),
            row("Delivery"),
            panel(
                "Deliveries",
                PER_SECOND,
                "Messages that each edge wrote to receivers' sockets.",
                (rate(LATENCY + "_count", "instance", f'stage="total", {NODE}'), "{{instance}}"),
            ),
            panel(
                "Delivery latency, p99",
                "s",
                TOTAL,
                *quantiles(LATENCY, f'stage="total", {NODE}', by="instance"),
            ),
            panel(
                "Written to the socket, p99",
                "s",
                WRITTEN,
                *quantiles(LATENCY, f'stage="written", {NODE}', by="instance"),
            ),
            panel(
                "Frames that wait for a client",
                "short",
                "Waiting frames whenever another one is added. Near `session.outbox_frames` clients are cut off.",
                *quantiles("confab_outbox_frames", NODE),
            ),
            panel(
                "Clients cut off",
                PER_SECOND,
                "Clients that read too slowly, by the limit that was exceeded.",
                (rate("confab_evictions_total", "reason", NODE), "{{reason}}"),
            ),
            panel(
                "Resumes",
                PER_SECOND,
                "Joins with a last sequence: `complete` when everything missed was delivered, "
                "`resync` when the client has to read history.",
                (rate("confab_resumes_total", "outcome", NODE), "{{outcome}}"),
            ),
            row("HTTP"),
            panel(
                "Requests",
                PER_SECOND,
                "By route.",
                (rate("confab_http_requests_total", "route", NODE), "{{route}}"),
            ),
            panel(
                "Time to answer, p99",
                "s",
                "From a request's head to the head of its answer, by route.",
                *quantiles("confab_http_request_seconds", NODE, by="route"),
            ),
            panel(
                "Errors that clients were told",
                PER_SECOND,
                "By error code, over HTTP and WebSocket.",
                (rate("confab_errors_total", "code", NODE), "{{code}}"),
            ),
            row("Nodes"),
            CPU,
            MEMORY,
            panel(
                "Memory per connection",
                "bytes",
                "All memory of a node, divided by its connections: only telling when there are many.",
                (
                    f"sum by (instance) (confab_process_resident_bytes{{{NODE}}})"
                    f" / clamp_min(sum by (instance) (confab_connections{{{NODE}}}), 1)",
                    "{{instance}}",
                ),
            ),
        ],
    ),
    "assignment": (
        "Confab: assignment and queue",
        [
            row("Queue"),
            panel(
                "Conversations that wait",
                "short",
                "Over all tenants. Every worker tells the same number.",
                ("max(confab_queue_length)", "waiting"),
            ),
            panel(
                "Longest wait",
                "s",
                "How long the conversation at the head of a queue has waited; the worst of all tenants.",
                ("max(confab_queue_oldest_seconds)", "longest"),
                steps=[(None, GREEN), (600, RED)],
            ),
            panel(
                "Time to assignment",
                "s",
                "From a conversation and a free agent both being there to `new_chat`.",
                *quantiles("confab_assignment_latency_seconds"),
            ),
            panel(
                "Assignments",
                PER_SECOND,
                "Conversations that were given to an agent.",
                (rate("confab_assignment_latency_seconds_count", ""), "assigned"),
            ),
            panel(
                "Conversations started",
                PER_SECOND,
                "Commands to start one that workers carried out.",
                (rate("confab_commands_total", "outcome", 'command="start"'), "{{outcome}}"),
            ),
            row("Commands"),
            panel(
                "Commands",
                PER_SECOND,
                "That workers took, by name.",
                (rate("confab_commands_total", "command"), "{{command}}"),
                stacked=True,
            ),
            panel(
                "Outcomes",
                PER_SECOND,
                "What became of commands: `handed_back` ones come again, `buried` ones are dead letters.",
                (rate("confab_commands_total", "outcome"), "{{outcome}}"),
            ),
            panel(
                "Time for a command, p99",
                "s",
                "From taking it off the work queue to acknowledging it, by name.",
                *quantiles("confab_command_seconds", by="command"),
            ),
            PENDING,
            REDELIVERIES,
            DEAD_LETTERS,
        ],
    ),
    "storage": (
        "Confab: storage",
        [
            row("Projector: from the log into the database"),
            panel(
                "Lag",
                "short",
                "Log entries that are not in the database yet, by shard. Conversations go on meanwhile; "
                "history and search fall behind.",
                ("confab:projector_lag:max", "shard {{shard}}"),
            ),
            panel(
                "Entries written",
                PER_SECOND,
                "Log entries that were written to the database.",
                (rate("confab_projector_batch_entries_sum", ""), "entries"),
            ),
            panel(
                "Entries in a batch",
                "short",
                "Entries written in one go: larger ones cost less each, smaller ones are there sooner.",
                *quantiles("confab_projector_batch_entries"),
            ),
            row("Database"),
            panel(
                "Operations",
                PER_SECOND,
                "By name.",
                (rate("confab_store_seconds_count", "operation"), "{{operation}}"),
                width=12,
            ),
            panel(
                "Time of an operation, p99",
                "s",
                "The ten slowest, by name.",
                *[(f"topk(10, {query})", legend) for query, legend in quantiles("confab_store_seconds", by="operation")],
                width=12,
            ),
            panel(
                "Where its time goes",
                "suffix: s/s",
                "Seconds spent waiting for the database in each second: the ten largest, by name.",
                (f"topk(10, {rate('confab_store_seconds_sum', 'operation')})", "{{operation}}"),
                width=12,
                stacked=True,
            ),
            panel(
                "Operations that failed",
                PER_SECOND,
                "The database could not be reached, was too slow, or refused.",
                (rate("confab_store_errors_total", "instance"), "{{instance}}"),
                width=6,
            ),
            DEAD_LETTERS,
            row("Events for others"),
            panel(
                "Events told",
                PER_SECOND,
                "Events written to the streams that others read, by stream.",
                (rate("confab_events_total", "stream"), "{{stream}}"),
                width=12,
            ),
            panel(
                "Webhooks",
                PER_SECOND,
                "Attempts to send events to webhooks. What failed is tried again until it is given up.",
                (rate("confab_webhook_attempts_total", "outcome"), "{{outcome}}"),
                width=12,
            ),
            row("Automatic replies and e-mail"),
            panel(
                "Automatic replies",
                PER_SECOND,
                "What came of customers' messages that might be answered while no agent was there.",
                (rate("confab_auto_replies_total", "outcome"), "{{outcome}}"),
                width=12,
            ),
            panel(
                "Time of an automatic reply",
                "s",
                "How long it took to work one out, or to fail to; 0 while there are none.",
                *[(f"({query} >= 0) or vector(0)", legend) for query, legend in quantiles("confab_auto_reply_seconds")],
                width=12,
            ),
            panel(
                "E-mail",
                PER_SECOND,
                "What came of e-mails. What failed is tried again until it is given up.",
                (rate("confab_mails_total", "outcome"), "{{outcome}}"),
                width=12,
            ),
            panel(
                "Errands left out",
                PER_SECOND,
                "Replies and e-mails that could not be queued: too many wait, or NATS did not take them.",
                (rate("confab_errands_refused_total", ""), "left out"),
                width=12,
            ),
        ],
    ),
    "nats": (
        "Confab: NATS",
        [
            note(
                "What this shows",
                "NATS as the hub sees it: what the hub waits for, what it missed, what waits for workers.\n\n"
                "What the streams hold, who has yet to read them and whether the copies agree is asked of JetStream by the "
                "workers. Memory, connections and slow consumers of the servers' processes are told by their monitoring "
                "port (`/varz`, `/connz`), which Prometheus can't read without an exporter; `confab doctor` reads it.",
            ),
            row("Log"),
            panel(
                "Messages that wait for the log",
                "short",
                "Published and not acknowledged yet.",
                (f"sum by (instance) (confab_publishes_in_flight{{{NODE}}})", "{{instance}}"),
            ),
            stage("stored", STORED, NODE, width=8),
            stage("republished", REPUBLISHED, NODE, width=8),
            panel(
                "Messages stored",
                PER_SECOND,
                "By what became of them; a `duplicate` was stored before.",
                (rate("confab_messages_total", "outcome", NODE), "{{outcome}}"),
            ),
            row("Deliveries"),
            panel(
                "Subscriptions",
                "short",
                "Subscriptions of each edge.",
                (f"sum by (instance) (confab_subscriptions{{{NODE}}})", "{{instance}}"),
            ),
            panel(
                "Gaps",
                PER_SECOND,
                "Deliveries that did not follow on the one before, and those that were filled from the log: the same, "
                "or clients are sent to read history.",
                (rate("confab_gaps_found_total", "", NODE), "found"),
                (rate("confab_gaps_filled_total", "", NODE), "filled"),
            ),
            row("Work queue and projector"),
            PENDING,
            REDELIVERIES,
            panel(
                "Log entries not in the database",
                "short",
                "By shard. The log keeps them for `nats.log_retention_hours`.",
                ("confab:projector_lag:max", "shard {{shard}}"),
            ),
            row("Streams"),
            panel(
                "Log shards",
                "short",
                "As each node knows them. After `confab shards raise` all say the same within seconds; one that does not "
                "can't begin conversations.",
                (f"confab_log_shards{{{NODE}}}", "{{instance}}"),
            ),
            panel(
                "Messages in streams",
                "short",
                "All that a stream holds. What was read leaves only the work queue and the timers.",
                ("max by (stream) (confab_stream_messages)", "{{stream}}"),
            ),
            panel(
                "Size of streams",
                "bytes",
                "On the disk of each server that has a copy.",
                ("max by (stream) (confab_stream_bytes)", "{{stream}}"),
            ),
            panel(
                "Copies that are behind",
                "short",
                "Copies of streams that do not have all that the leader has, or can't be reached: none, unless a server "
                "is down or has just come back.",
                ("max by (stream) (confab_stream_stale_copies)", "{{stream}}"),
            ),
            panel(
                "Not given to consumers yet",
                "short",
                "What waits for each reader that remembers its place.",
                ("max by (stream, consumer) (confab_consumer_pending)", "{{consumer}} of {{stream}}"),
                width=12,
            ),
            panel(
                "Given and not acknowledged",
                "short",
                "What readers are working on.",
                ("max by (stream, consumer) (confab_consumer_unacknowledged)", "{{consumer}} of {{stream}}"),
                width=12,
            ),
        ],
    ),
}


def variables():
    """What can be chosen at the top of a dashboard."""
    hub = "label_values(confab_build_info, instance)"
    return [
        {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"},
        {
            "name": "instance",
            "label": "Node",
            "type": "query",
            "datasource": DATASOURCE,
            "query": {"query": hub, "refId": "instance"},
            "definition": hub,
            "refresh": 2,
            "multi": True,
            "includeAll": True,
            "allValue": ".+",
            "current": {"text": ["All"], "value": ["$__all"]},
        },
    ]


def annotations():
    """What is marked in every panel: nodes that can't be reached and nodes that were started anew, as drills leave them."""
    marks = [
        ("Node down", "red", f"up{{job=\"confab\", {NODE}}} == 0", "{{instance}} can't be reached"),
        (
            "Node started anew",
            "blue",
            f"resets(confab_process_cpu_seconds_total{{{NODE}}}[1m]) > 0",
            "{{instance}} was started anew",
        ),
    ]
    return [
        {
            "name": name,
            "datasource": DATASOURCE,
            "enable": True,
            "iconColor": colour,
            "expr": expression,
            "step": "10s",
            "titleFormat": text,
        }
        for name, colour, expression, text in marks
    ]


def laid_out(panels):
    """Panels with ids and places, from left to right and top to bottom."""
    placed, left, top, height = [], 0, 0, 0
    for number, original in enumerate(panels, start=1):
        size = original["gridPos"]
        if left + size["w"] > WIDTH:
            left, top, height = 0, top + height, 0
        placed.append({"id": number} | original | {"gridPos": {"x": left, "y": top} | size})
        left, height = left + size["w"], max(height, size["h"])
    return placed


def dashboard(name, title, panels):
    """A dashboard as Grafana loads it."""
    return {
        "uid": f"confab-{name}",
        "title": title,
        "tags": ["confab"],
        "schemaVersion": 39,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "10s",
        "time": {"from": "now-1h", "to": "now"},
        "templating": {"list": variables()},
        "annotations": {"list": annotations()},
        "links": [{"title": "Confab", "type": "dashboards", "tags": ["confab"], "asDropdown": True, "keepTime": True}],
        "panels": laid_out(panels),
    }


def main():
    """Writes, or tells what is stale."""
    texts = {
        TARGET / f"{name}.json": json.dumps(dashboard(name, *description), indent=2) + "\n"
        for name, description in DASHBOARDS.items()
    }
    present = set(TARGET.glob("*.json"))
    if "--check" in sys.argv[1:]:
        stale = [path for path, text in texts.items() if path not in present or path.read_text() != text]
        stale += present - texts.keys()
        for path in sorted(stale):
            print(f"{path.name} is stale: run `python3 dashboards/grafana.py`", file=sys.stderr)
        return 1 if stale else 0
    TARGET.mkdir(exist_ok=True)
    for path in present - texts.keys():
        path.unlink()
    for path, text in texts.items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
