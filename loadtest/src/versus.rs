//! The hub beside its peers: the same work by each in turn, round after round on the same machine, so that what else the
//! machine does meets all of them. Ratios are to the floor of the same run.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::Result;

use crate::generator::Generator;
use crate::peers::{self, PeerKind, PeerLoad};
use crate::result::RunResult;
use crate::scenario::Scenario;
use crate::system::Target;
use crate::watch::OWN;
use crate::work;

/// Arguments of `versus`.
#[derive(Debug, clap::Args)]
pub(crate) struct Versus {
    /// Rooms, each of a customer and an agent.
    #[arg(long, default_value_t = 250)]
    rooms: usize,
    /// Messages per second, over all rooms.
    #[arg(long, default_value_t = 1000)]
    rate: u32,
    /// Measured time of each run.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// How often everybody has their turn.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Without Socket.IO, which needs Redis, a Postgres server and Node.
    #[arg(long)]
    floor_only: bool,
    /// Where every result goes.
    #[arg(long, value_name = "DIR", default_value = "loadtest-results/versus")]
    out: PathBuf,
}

/// Who takes part.
#[derive(Debug, Clone, Copy)]
enum Side {
    Hub { sync: &'static str },
    Peer(PeerKind),
}

/// Each side follows the floor that it is measured by.
const SIDES: [Side; 6] = [
    Side::Peer(PeerKind::Floor { sync_always: true }),
    Side::Hub { sync: "always" },
    Side::Peer(PeerKind::SocketIo { postgres: true }),
    Side::Peer(PeerKind::Floor { sync_always: false }),
    Side::Hub { sync: "default" },
    Side::Peer(PeerKind::SocketIo { postgres: false }),
];

impl Side {
    fn name(self) -> String {
        match self {
            Self::Hub { sync } => format!("confab, sync {sync}"),
            Self::Peer(PeerKind::Floor { sync_always: true }) => "floor, sync always".to_owned(),
            Self::Peer(PeerKind::Floor { sync_always: false }) => "floor, sync default".to_owned(),
            Self::Peer(PeerKind::SocketIo { postgres: true }) => "Socket.IO, PostgreSQL".to_owned(),
            Self::Peer(PeerKind::SocketIo { postgres: false }) => "Socket.IO, stores nothing".to_owned(),
        }
    }

    fn is_floor(self) -> bool {
        matches!(self, Self::Peer(PeerKind::Floor { .. }))
    }

    async fn run(self, versus: &Versus) -> Result<RunResult> {
        let Versus { rooms, rate, seconds, .. } = *versus;
        match self {
            Self::Peer(kind) => peers::measure(kind, &PeerLoad { rooms, rate, seconds }).await,
            Self::Hub { sync } => {
                let changes = [
                    format!("rooms={rooms}"),
                    format!("rate={rate}"),
                    format!("seconds={seconds}"),
                    format!("system.sync={sync}"),
                ];
                work::run(
                    "steady",
                    &Scenario::load("steady", &changes)?,
                    &Target::default(),
                    &Generator::default(),
                )
                .await
            }
        }
    }
}

/// What counts of a run.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Figures {
    pub(crate) p50: f64,
    p99: f64,
    p999: f64,
    /// Milliseconds of all servers' processor time for 1,000 deliveries.
    pub(crate) cpu: f64,
    /// The same without what brings messages into the database.
    pub(crate) cpu_of_delivery: f64,
    violations: usize,
    broken: Broken,
}

/// Violations by kind, over all rounds.
#[derive(Debug, Clone, Copy, Default)]
struct Broken {
    lost: u64,
    doubled: u64,
    /// Of one sender's messages, a later one came first.
    senders_order: u64,
    /// The two in a room saw messages of different senders in different orders.
    others_order: u64,
}

impl Broken {
    fn of(result: &RunResult) -> Self {
        let count = |name: &str| result.counts.get(name).copied().unwrap_or(0);
        Self {
            lost: count("lost"),
            doubled: count("doubled"),
            senders_order: count("out_of_senders_order"),
            others_order: count("out_of_others_order"),
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            lost: self.lost + other.lost,
            doubled: self.doubled + other.doubled,
            senders_order: self.senders_order + other.senders_order,
            others_order: self.others_order + other.others_order,
        }
    }
}

impl Figures {
    pub(crate) fn of(result: &RunResult) -> Self {
        let delivered = result.value("delivered").filter(|delivered| *delivered > 0.0).unwrap_or(f64::NAN);
        let value = |name: &str| result.value(name).unwrap_or(f64::NAN);
        let is_projecting = |name: &str| name == "database" || name.starts_with("worker");
        let cpu = |counts: &dyn Fn(&str) -> bool| {
            let servers =
                result.processes.iter().filter(|one| !one.name.starts_with(OWN) && counts(&one.name));
            servers.map(|one| one.cpu_seconds).sum::<f64>() * 1e6 / delivered
        };
        Self {
            p50: value("delivery.p50"),
            p99: value("delivery.p99"),
            p999: value("delivery.p999"),
            cpu: cpu(&|_| true),
            cpu_of_delivery: cpu(&|name| !is_projecting(name)),
            violations: result.violations.len(),
            broken: Broken::of(result),
        }
    }

    /// The median of each figure over the rounds; violations are added up.
    fn median(rounds: &[Self]) -> Self {
        let middle = |figure: fn(&Self) -> f64| {
            let mut all: Vec<f64> = rounds.iter().map(figure).collect();
            all.sort_by(f64::total_cmp);
            all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
        };
        Self {
            p50: middle(|one| one.p50),
            p99: middle(|one| one.p99),
            p999: middle(|one| one.p999),
            cpu: middle(|one| one.cpu),
            cpu_of_delivery: middle(|one| one.cpu_of_delivery),
            violations: rounds.iter().map(|one| one.violations).sum(),
            broken: rounds.iter().map(|one| one.broken).fold(Broken::default(), Broken::and),
        }
    }
}

impl Versus {
    /// Runs everything and prints the table. Whether the hub kept its promises in every round.
    pub(crate) async fn carry_out(&self) -> Result<bool> {
        fs::create_dir_all(&self.out)?;
        let sides: Vec<Side> = SIDES
            .into_iter()
            .filter(|side| !self.floor_only || !matches!(side, Side::Peer(PeerKind::SocketIo { .. })))
            .collect();
        let mut found: Vec<Vec<Figures>> = vec![Vec::new(); sides.len()];
        for round in 1..=self.rounds {
            for (side, figures) in sides.iter().zip(&mut found) {
                eprintln!("round {round} of {}: {}", self.rounds, side.name());
                let result = side.run(self).await?;
                let file =
                    self.out.join(format!("{round}-{}.json", side.name().replace([',', ' ', '.'], "")));
                fs::write(file, serde_json::to_vec_pretty(&result)?)?;
                figures.push(Figures::of(&result));
            }
        }
        let medians: Vec<(Side, Figures)> =
            sides.into_iter().zip(found.iter().map(|rounds| Figures::median(rounds))).collect();
        print!("{}", self.table(&medians));
        let hub = medians.iter().filter(|(side, _)| matches!(side, Side::Hub { .. }));
        Ok(hub.map(|(_, figures)| figures.violations).sum::<usize>() == 0)
    }

    fn table(&self, medians: &[(Side, Figures)]) -> String {
        let Self { rooms, rate, seconds, rounds, .. } = self;
        let mut text = format!(
            "{rooms} rooms of two, {rate} messages a second for {seconds} s, median of {rounds} rounds; \
             in brackets the ratio to the floor above\n\
             {:<28}{:>16}{:>18}{:>10}{:>20}{:>24}{:>12}  {}\n",
            "",
            "p50 ms",
            "p99 ms",
            "p99.9 ms",
            "CPU s per million",
            "without the database's",
            "violations",
            "lost, doubled, out of their sender's order, in another order for others"
        );
        let mut floor = Figures::default();
        for (side, figures) in medians {
            if side.is_floor() {
                floor = *figures;
            }
            let with_ratio = |value: f64, floor: f64| format!("{value:.2} ({:.1})", value / floor);
            let Figures { p50, p99, p999, cpu, cpu_of_delivery, violations, broken } = *figures;
            let Broken { lost, doubled, senders_order, others_order } = broken;
            // Writing to a text does not fail.
            let _ = writeln!(
                text,
                "{:<28}{:>16}{:>18}{p999:>10.2}{:>20}{:>24}{violations:>12}  {lost}, {doubled}, {senders_order}, {others_order}",
                side.name(),
                with_ratio(p50, floor.p50),
                with_ratio(p99, floor.p99),
                with_ratio(cpu, floor.cpu),
                with_ratio(cpu_of_delivery, floor.cpu_of_delivery),
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_to_the_floor_above() {
        let versus =
            Versus { rooms: 1, rate: 1, seconds: 1, rounds: 1, floor_only: false, out: PathBuf::new() };
        let figures = |p50| Figures { p50, ..Figures::default() };
        let rows = [
            (SIDES[0], figures(1.0)),
            (SIDES[1], figures(1.5)),
            (SIDES[3], figures(0.5)),
            (SIDES[4], figures(2.0)),
        ];
        let table = versus.table(&rows);
        let rows: Vec<&str> = table.lines().skip(2).collect();
        assert!(rows[1].contains("1.50 (1.5)") && rows[3].contains("2.00 (4.0)"), "{table}");
    }

    #[test]
    fn the_median_is_of_each_figure() {
        let rounds = [3.0, 1.0, 2.0].map(|p50| Figures { p50, violations: 1, ..Figures::default() });
        let median = Figures::median(&rounds);
        assert!((median.p50 - 2.0).abs() < 1e-9);
        assert_eq!(median.violations, 3);
    }
}
