//! How long searches take over many messages; says so, judges nothing. `CONFAB_SEARCH_MESSAGES` says how many, and
//! `CONFAB_SEARCH_FOLDER` where they are kept for the next run.

use std::time::Instant;

use confab_domain::TenantSettings;
use confab_store::{MessageSearch, Scope, Store, StoreError, StoreSettings, TenantStore, Terms};

use crate::support::{EPOCH, message, tenant_id};

const VOCABULARY: u64 = 50_000;
const CONVERSATIONS: u64 = 1000;
const ROUNDS: usize = 40;

/// The same numbers on every run: Knuth's generator.
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        #[expect(clippy::cast_precision_loss, reason = "32 bits fit")]
        let upper = (self.0 >> 32) as f64;
        upper / 4_294_967_296.0
    }

    /// Zipf's law: the word of rank r is said in proportion to 1/r.
    fn rank(&mut self) -> u64 {
        #[expect(clippy::cast_precision_loss, reason = "small")]
        let words = VOCABULARY as f64;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 1 and the vocabulary"
        )]
        let rank = words.powf(self.unit()) as u64;
        rank
    }
}

fn word(rank: u64) -> String {
    let mut letters = String::from("w");
    let mut rest = rank;
    while rest > 0 {
        letters.push(char::from(b'a' + u8::try_from(rest % 26).unwrap()));
        rest /= 26;
    }
    letters
}

async fn filled(total: u64) -> (TenantStore, Option<tempfile::TempDir>) {
    let kept = std::env::var("CONFAB_SEARCH_FOLDER").ok();
    let (path, folder) = if let Some(path) = kept {
        (path, None)
    } else {
        let folder = tempfile::tempdir().unwrap();
        (folder.path().display().to_string(), Some(folder))
    };
    let store = Store::open(StoreSettings::at(format!("surrealkv://{path}"))).await.unwrap();
    store.migrate().await.unwrap();
    let id = tenant_id("scale");
    match store.create_tenant(&id, "Scale", &TenantSettings::default()).await {
        Ok(()) => {}
        Err(StoreError::Exists(_)) => return (store.tenant(&id).await.unwrap(), folder),
        Err(error) => panic!("{error}"),
    }
    let tenant = store.tenant(&id).await.unwrap();
    let (mut random, began) = (Random(1), Instant::now());
    let mut batch = Vec::new();
    for seq in 1..=total {
        let text: Vec<String> = (0..14).map(|_| word(random.rank())).collect();
        let conversation = seq % CONVERSATIONS + seq / 100_000 * CONVERSATIONS;
        batch.push(message(&format!("c{conversation}"), EPOCH, seq, "asha", &text.join(" ")));
        if batch.len() == 1000 || seq == total {
            while tenant.insert_entries(&batch).await.is_err() {}
            batch.clear();
        }
        if seq % 100_000 == 0 {
            println!("{seq} messages in {:?}", began.elapsed());
        }
    }
    (tenant, folder)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "fills a database for minutes"]
async fn searches_over_many_messages() {
    let total = std::env::var("CONFAB_SEARCH_MESSAGES").map_or(1_000_000, |text| text.parse().unwrap());
    let (tenant, _folder) = filled(total).await;
    for rank in [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 40_000] {
        let mut times = Vec::new();
        let mut last = None;
        for round in 0..ROUNDS {
            let near = rank + u64::try_from(round).unwrap() * rank / 200;
            let search = MessageSearch {
                terms: Terms::of(&word(near)).unwrap(),
                scope: Scope::Tenant,
                notes: true,
                author: None,
                since: 0,
                until: u64::MAX / 4,
                now: total * 10,
                limit: 20,
            };
            let began = Instant::now();
            let found = tenant.search_messages(&search).await.unwrap();
            times.push(began.elapsed());
            last = Some((found.items.len(), found.candidates, found.is_bounded));
        }
        times.sort();
        let at = |share: usize| times[(ROUNDS - 1) * share / 100].as_secs_f64() * 1000.0;
        println!(
            "rank {rank}: p50 {:.1} ms, p95 {:.1} ms, (items, candidates, bounded) {last:?}",
            at(50),
            at(95)
        );
    }
}
