//! Figures that are brought from elsewhere: read as they were written, in place of those of the same hour.

use confab_domain::report::{Kind, Tally};
use confab_store::FigureRow;

use crate::support::{acme, user_id};

fn row(hour: u64, agent: Option<&str>, ms: u64) -> FigureRow {
    let mut tally = Tally::default();
    tally.add(Kind::Closed, ms);
    FigureRow { hour, agent: agent.map(user_id), category: "OTHER".into(), tally }
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_read_as_they_were_brought() {
    let store = acme().await;
    store.add_figures(&[row(5, Some("ada"), 1), row(6, None, 2), row(6, Some("ada"), 3)]).await.unwrap();
    store.add_figures(&[row(6, Some("ada"), 4)]).await.unwrap();
    let read = store.hourly_figures(5, 6).await.unwrap();
    assert_eq!(read, [row(5, Some("ada"), 1), row(6, None, 2), row(6, Some("ada"), 4)]);
    assert_eq!(store.hourly_figures(6, 6).await.unwrap().len(), 2);
}
