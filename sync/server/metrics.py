"""What is counted, for Prometheus. One registry a server, so that two in one process do not mix."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_SIZES: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500)


class Metrics:
    """The counters of one server; each part of it counts its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        one = self.registry
        self.requests = Counter(
            "tmi_http_requests", "Requests answered", ["method", "route", "status"], registry=one
        )
        self.request_seconds = Histogram(
            "tmi_http_request_seconds", "Time to answer", ["method", "route"], buckets=_SECONDS, registry=one
        )
        self.operations = Counter("tmi_operations", "Operations judged", ["outcome"], registry=one)
        self.batch_seconds = Histogram(
            "tmi_commit_seconds", "Time to write a batch of operations", buckets=_SECONDS, registry=one
        )
        self.batch_operations = Histogram(
            "tmi_commit_operations", "Operations of a batch", buckets=_SIZES, registry=one
        )
        self.rooms = Gauge("tmi_rooms", "Models in memory", registry=one)
        self.waiting = Gauge("tmi_operations_waiting", "Operations that wait to be written", registry=one)
        self.store_failures = Counter("tmi_store_failures", "Batches that could not be written", registry=one)
        self.connections = Gauge("tmi_socket_connections", "Sockets that are open", registry=one)
        self.messages_sent = Counter("tmi_socket_messages_sent", "Frames sent to sockets", registry=one)
        self.messages_received = Counter(
            "tmi_socket_messages_received", "Frames received", ["type"], registry=one
        )
        self.resynchronised = Counter(
            "tmi_socket_resynchronised", "Slow readers sent to a fresh state", registry=one
        )
        self.rate_limited = Counter(
            "tmi_rate_limited", "Requests refused as too many", ["scope"], registry=one
        )
        self.sign_ins = Counter("tmi_sign_ins", "Sign-ins", ["provider", "outcome"], registry=one)

    def text(self) -> bytes:
        """All of them in Prometheus' text format."""
        return generate_latest(self.registry)
