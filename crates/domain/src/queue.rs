//! The waiting queue: order, positions and the estimated wait.

use confab_protocol::UnixMillis;
use confab_protocol::api::QueueEntryView;

use crate::model::Conversation;

/// What recent assignments say about the time to the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Throughput {
    /// Assignments in the window.
    pub assignments: u64,
    /// Length of the window in milliseconds.
    pub window_ms: u64,
}

/// Seconds until the conversation at `position` (1 is next) gets an agent, from the rate of recent assignments:
/// Little's law, wait = length / rate (J. D. C. Little, 1961). `None` when nothing was assigned in the window,
/// because any number would be invented.
pub fn estimated_wait_seconds(position: u32, throughput: Throughput) -> Option<u32> {
    if throughput.assignments == 0 {
        return None;
    }
    let milliseconds = u64::from(position) * throughput.window_ms / throughput.assignments;
    Some(u32::try_from(milliseconds.div_ceil(1000)).unwrap_or(u32::MAX))
}

/// The queue as customers and agents see it. `waiting` must be in queue order; see [`in_order`].
pub fn entries(waiting: &[Conversation], throughput: Throughput) -> Vec<QueueEntryView> {
    waiting
        .iter()
        .zip(1_u32..)
        .map(|(conversation, position)| QueueEntryView {
            conversation_id: conversation.id.clone(),
            customer: conversation.customer.clone(),
            issue_type: conversation.issue_type.clone(),
            team: conversation.team.clone(),
            priority: conversation.priority,
            position,
            queued_at: conversation.queued_at.unwrap_or(conversation.started_at),
            estimated_wait_seconds: estimated_wait_seconds(position, throughput),
        })
        .collect()
}

/// Sorts into queue order: priority first, then strictly who came first.
pub fn in_order(waiting: &mut [Conversation]) {
    waiting.sort_by_cached_key(Conversation::queue_key);
}

/// How long the oldest has waited, in seconds.
pub fn oldest_wait_seconds(waiting: &[Conversation], now: UnixMillis) -> f64 {
    let oldest = waiting.iter().filter_map(|conversation| conversation.queued_at).min();
    oldest.map_or(0.0, |since| std::time::Duration::from_millis(now.saturating_sub(since)).as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimate_follows_the_rate() {
        let rate = Throughput { assignments: 30, window_ms: 900_000 };
        assert_eq!(estimated_wait_seconds(1, rate), Some(30));
        assert_eq!(estimated_wait_seconds(4, rate), Some(120));
    }

    #[test]
    fn without_a_rate_there_is_no_estimate() {
        assert_eq!(estimated_wait_seconds(1, Throughput::default()), None);
    }
}
