//! What is counted, for Prometheus.

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

type ByWord = Family<[(&'static str, &'static str); 1], Counter>;

/// The counters and gauges. No label ever holds what comes from outside.
pub(crate) struct Metrics {
    registry: Registry,
    records: ByWord,
    refused: ByWord,
    ended: ByWord,
    said: ByWord,
    /// Runs that have a task.
    pub(crate) live: Gauge,
    /// Runs that wait for a time or a person, and have none.
    pub(crate) parked: Gauge,
    /// Whether no record is taken, as there is little room on the disk.
    pub(crate) full: Gauge,
    paused: Gauge,
    held: Gauge,
    would: Counter,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("play");
        let by_word = |registry: &mut Registry, name: &str, help: &str| {
            let family = ByWord::default();
            registry.register(name, help, family.clone());
            family
        };
        let records = by_word(&mut registry, "records", "Records that came in, by what became of them");
        let refused = by_word(&mut registry, "requests_refused", "Requests that were refused, by why");
        let ended = by_word(&mut registry, "runs_ended", "Runs that came to their end, by how");
        let said = by_word(&mut registry, "decisions", "What persons said to runs, by what became of it");
        let (live, parked) = (Gauge::default(), Gauge::default());
        registry.register("runs_live", "Runs under way", live.clone());
        registry.register("runs_parked", "Runs that wait for a time or a person", parked.clone());
        let full = Gauge::default();
        registry.register("store_full", "1 while no record is taken for want of room, else 0", full.clone());
        let (paused, held) = (Gauge::default(), Gauge::default());
        registry.register("paused", "1 while no write leaves, else 0", paused.clone());
        registry.register("writes_held", "Writes that do not leave, as the store is paused", held.clone());
        let would = Counter::default();
        registry.register(
            "writes_would",
            "Writes that shadow runs would have done, and nobody did",
            would.clone(),
        );
        Self { registry, records, refused, ended, said, live, parked, full, paused, held, would }
    }

    /// Whether no write leaves, and how many are held.
    pub(crate) fn gate(&self, paused: bool, held: usize) {
        self.paused.set(i64::from(paused));
        self.held.set(i64::try_from(held).unwrap_or(i64::MAX));
    }

    /// How many writes shadow runs would have done by now.
    pub(crate) fn would(&self, so_far: u64) {
        self.would.inc_by(so_far.saturating_sub(self.would.get()));
    }

    pub(crate) fn record(&self, outcome: &'static str) {
        self.records.get_or_create(&[("outcome", outcome)]).inc();
    }

    pub(crate) fn refused(&self, why: &'static str) {
        self.refused.get_or_create(&[("why", why)]).inc();
    }

    pub(crate) fn ended(&self, how: &'static str) {
        self.ended.get_or_create(&[("state", how)]).inc();
    }

    pub(crate) fn said(&self, what: &'static str) {
        self.said.get_or_create(&[("what", what)]).inc();
    }

    /// In the text format of OpenMetrics.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

/// The content type of [`Metrics::text`].
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_told_by_word() {
        let metrics = Metrics::new();
        metrics.record("accepted");
        metrics.record("accepted");
        metrics.refused("signature");
        metrics.live.set(3);
        let text = metrics.text();
        for line in [
            "play_records_total{outcome=\"accepted\"} 2",
            "play_requests_refused_total{why=\"signature\"} 1",
            "play_runs_live 3",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is not in\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }
}
