"""What the meters say, in few words."""

from prometheus_client import CollectorRegistry, Histogram

from sojourn.web.metrics import Metrics
from sojourn.web.system import Load, load, quantile_of


def buckets(*observed: float) -> list[float | None]:
    """Below which bounds half and 99 of 100 lie."""
    registry = CollectorRegistry()
    meter = Histogram("took", "It took", ["what"], buckets=(1, 2, 5), registry=registry)
    for i, one in enumerate(observed):
        meter.labels(str(i % 2)).observe(one)
    samples = [s for metric in registry.collect() for s in metric.samples if s.name == "took_bucket"]
    return [quantile_of(samples, share) for share in (0.5, 0.99)]


def test_a_share_lies_below_the_end_of_its_bucket() -> None:
    assert buckets(0.5, 0.6, 0.7, 4) == [1, 5]
    assert buckets(1.5) == [2, 2]
    assert buckets(0.5, 0.5, 9) == [1, None]  # beyond all buckets there is no telling
    assert buckets() == [None, None]


def test_the_meters_are_added_up() -> None:
    metrics = Metrics()
    metrics.commit(3, 0.004)
    metrics.commit(5, 0.004)
    metrics.request("one", "GET", 200, 0.02)
    metrics.request("two", "GET", 503, 0.02)
    assert load(metrics.collected()) == Load(
        queue=0,
        requests=2,
        failures=1,
        commits=2,
        rows=8,
        commit_median=0.005,
        commit_p99=0.005,
        answer_median=0.025,
        answer_p99=0.025,
    )
