//! The recorder that keeps all metrics, and the handle that renders them for Prometheus.

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::metrics::{self, BUILD_INFO, Kind};
use crate::{TelemetryError, process};

/// Upper bounds of the buckets of histograms in seconds: fine from 0.1 ms to 100 ms, coarse up to 10 s.
const SECONDS: [f64; 26] = [
    0.0001, 0.0002, 0.0003, 0.0004, 0.0005, 0.00075, 0.001, 0.0015, 0.002, 0.003, 0.004, 0.005, 0.0075, 0.01,
    0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// Upper bounds of the buckets of histograms that count things.
const COUNTS: [f64; 12] = [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 1024.0, 4096.0];

/// Access to all metrics of this process. Cheap to clone.
#[derive(Clone)]
pub struct MetricsHandle(PrometheusHandle);

impl MetricsHandle {
    /// Every metric in Prometheus' text format, those of the process included.
    pub fn render(&self) -> String {
        let mut text = self.0.render();
        process::render(&mut text);
        text
    }

    /// Moves recorded samples into their buckets. Call it every few seconds, or samples pile up until the next render.
    pub fn upkeep(&self) {
        self.0.run_upkeep();
    }
}

impl std::fmt::Debug for MetricsHandle {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("MetricsHandle")
    }
}

fn builder() -> Result<PrometheusBuilder, metrics_exporter_prometheus::BuildError> {
    let mut builder = PrometheusBuilder::new();
    for metric in metrics::ALL.iter().filter(|metric| metric.kind == Kind::Histogram) {
        let buckets: &[f64] = if metric.unit == "seconds" { &SECONDS } else { &COUNTS };
        builder = builder.set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), buckets)?;
    }
    Ok(builder)
}

/// Installs the recorder of this process and describes every metric. `version` goes into `confab_build_info`.
///
/// Once per process. What is recorded before is lost.
pub fn install_recorder(version: &'static str) -> Result<MetricsHandle, TelemetryError> {
    let handle = builder()
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(|error| TelemetryError::MetricsTaken(error.to_string()))?;
    metrics::describe_all();
    metrics::start_at_zero();
    ::metrics::gauge!(BUILD_INFO, "version" => version).set(1.0);
    Ok(MetricsHandle(handle))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{CONNECTIONS, DELIVERY_LATENCY, OUTBOX_FRAMES};

    #[test]
    fn what_is_recorded_is_rendered_with_the_right_buckets() {
        let recorder = builder().expect("the buckets are not empty").build_recorder();
        let handle = MetricsHandle(recorder.handle());
        ::metrics::with_local_recorder(&recorder, || {
            metrics::describe_all();
            ::metrics::histogram!(DELIVERY_LATENCY, "stage" => "stored").record(0.000_15);
            ::metrics::histogram!(OUTBOX_FRAMES).record(3.0);
            ::metrics::gauge!(CONNECTIONS, "transport" => "websocket").increment(2.0);
        });
        handle.upkeep();
        let text = handle.render();
        for line in [
            "# TYPE confab_delivery_latency_seconds histogram",
            "confab_delivery_latency_seconds_bucket{stage=\"stored\",le=\"0.0001\"} 0",
            "confab_delivery_latency_seconds_bucket{stage=\"stored\",le=\"0.0002\"} 1",
            "confab_outbox_frames_bucket{le=\"2\"} 0",
            "confab_outbox_frames_bucket{le=\"4\"} 1",
            "confab_connections{transport=\"websocket\"} 2",
        ] {
            assert!(text.lines().any(|one| one == line), "{line} is missing in:\n{text}");
        }
    }

    #[test]
    fn counters_of_trouble_stand_at_zero_before_there_is_any() {
        let recorder = builder().expect("the buckets are not empty").build_recorder();
        ::metrics::with_local_recorder(&recorder, metrics::start_at_zero);
        let text = MetricsHandle(recorder.handle()).render();
        for line in [
            "confab_dead_letters_total 0",
            "confab_evictions_total{reason=\"bytes\"} 0",
            "confab_messages_total{outcome=\"refused\"} 0",
        ] {
            assert!(text.lines().any(|one| one == line), "{line} is missing in:\n{text}");
        }
        let known = metrics::ALL.iter().filter(|metric| !metric.from_zero.is_empty());
        assert!(known.clone().all(|metric| metric.labels.len() == 1) && known.count() == 6);
    }

    #[test]
    fn buckets_ascend() {
        assert!(SECONDS.is_sorted() && COUNTS.is_sorted());
    }

    #[test]
    fn the_recorder_is_installed_once_and_says_its_version() {
        let handle = install_recorder("1.2.3").expect("nobody else installs one here");
        assert!(handle.render().contains("confab_build_info{version=\"1.2.3\"} 1"));
        let error = install_recorder("1.2.3").expect_err("the second one");
        assert!(matches!(error, TelemetryError::MetricsTaken(_)), "{error}");
    }
}
