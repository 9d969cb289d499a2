"""The histogram that takes equal values together."""

from prometheus_client import CollectorRegistry, Histogram, generate_latest

from slipway_runtime.observe.tally import Tally

BOUNDS = (0.001, 0.1, 1, 2.5)


def test_it_says_what_prometheus_own_would_say() -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    tally = Tally("seconds_of_it", "How long.", BOUNDS)
    ours.register(tally)
    usual = Histogram("seconds_of_it", "How long.", buckets=BOUNDS, registry=theirs)
    for value, times in ((0.5, 3), (0.1, 1), (0.0, 2), (7.0, 4)):
        tally.observe(value, times)
        for _ in range(times):
            usual.observe(value)
    shown = generate_latest(theirs).decode()
    without_date = [line for line in shown.splitlines() if "_created" not in line]
    assert generate_latest(ours).decode().splitlines() == without_date
