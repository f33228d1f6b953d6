//! Actions on documents: kept once, listed by document, found when due, written with the change that tells of them.

use domain::change::ChangeKind;
use domain::{Acted, ActionEnd, ActionId, Deed, RecordId};
use store::{ActionRow, ActionWrite, Commit, CommitError, NewChange, RecordWrite, StoreError, Tenant};

use crate::support::{at, create, lease, product, product_id, table, tenant};

fn id(n: u128) -> ActionId {
    format!("act_{n:032x}").parse().expect("an action id")
}

fn row(t: &Tenant, n: u128, due: Option<i64>) -> ActionRow {
    let request = Some(format!("request-{n}"));
    ActionRow { id: id(n), document: product_id(t, 7), version: 1, due: due.map(at), request, bytes: b"{}".to_vec() }
}

async fn told(t: &Tenant, document: RecordId) -> RecordWrite {
    let stored = t.record(document).await.expect("a read").expect("there");
    let change = NewChange {
        run: None,
        actor: "ana".to_owned(),
        side: store::Side::Crm,
        kind: ChangeKind::Acted,
        fields: [].into(),
        decided: [].into(),
        event: None,
        matched: None,
    };
    RecordWrite::replace(&stored, stored.record.to_bytes(), Some(change))
}

#[tokio::test]
async fn an_action_is_kept_once_listed_newest_first_and_found_by_its_request_and_when_it_is_due() {
    let t = tenant(&table().await, 1);
    let (first, second) = (row(&t, 1, Some(5)), row(&t, 2, None));
    t.keep_action(&first).await.expect("kept");
    t.keep_action(&second).await.expect("kept");
    assert_eq!(t.keep_action(&first).await, Err(StoreError::Conflict));
    assert_eq!(t.action(id(1)).await, Ok(Some(first.clone())));
    assert_eq!(t.actions_of(first.document, 5).await, Ok(vec![second.clone(), first.clone()]));
    assert_eq!(t.actions_of(first.document, 1).await, Ok(vec![second]));
    assert_eq!(t.actions_of(product_id(&t, 8), 5).await, Ok(vec![]));
    assert_eq!(t.action_of_request(first.document, "request-1").await, Ok(Some(first)));
    assert_eq!(t.action_of_request(product_id(&t, 7), "request-3").await, Ok(None));
    assert_eq!((t.due_actions(at(4), 5).await, t.due_actions(at(5), 5).await), (Ok(vec![]), Ok(vec![(at(5), id(1))])));
    assert_eq!(t.due_visits(at(9), 5).await, Ok(vec![]), "an action is no visit");
}

#[tokio::test]
async fn an_action_of_another_tenant_is_not_seen() {
    let table = table().await;
    let (one, two) = (tenant(&table, 1), tenant(&table, 2));
    one.keep_action(&row(&one, 1, Some(5))).await.expect("kept");
    assert_eq!(two.action(id(1)).await, Ok(None));
    assert_eq!(two.actions_of(product_id(&one, 7), 5).await, Ok(vec![]));
    assert_eq!(two.due_actions(at(9), 5).await, Ok(vec![]));
}

#[tokio::test]
async fn its_end_and_what_is_told_of_it_are_one_write_that_only_the_next_version_makes() {
    let t = tenant(&table().await, 1);
    let lease = lease(&t, "w", 0).await;
    let mut commit = Commit::new(&lease);
    commit.writes.push(create(&t, &product(7, "Vijak")));
    t.commit(&commit, at(1)).await.expect("a commit");
    let kept = row(&t, 1, Some(5));
    t.keep_action(&kept).await.expect("kept");
    let acted = Acted { id: id(1), deed: Deed::Cancel, ended: ActionEnd::Done, code: None, made: None };
    let over = ActionRow { version: 2, due: None, bytes: b"{\"over\":1}".to_vec(), ..kept.clone() };
    let mut commit = Commit::new(&lease);
    commit.seq = 1;
    commit.writes.push(told(&t, kept.document).await);
    commit.action = Some(ActionWrite { row: over.clone(), told: Some(acted.clone()) });
    t.commit(&commit, at(2)).await.expect("a commit");
    assert_eq!(t.action(id(1)).await, Ok(Some(over)));
    assert_eq!(t.due_actions(at(9), 5).await, Ok(vec![]));
    let history = t.history(kept.document, 5).await.expect("a read");
    assert_eq!((history[0].kind, history[0].action.as_ref()), (ChangeKind::Acted, Some(&acted)));
    assert_eq!((history.len(), history[1].action.as_ref()), (2, None));
    // Whoever comes second writes neither.
    let mut late = Commit::new(&lease);
    late.seq = 2;
    late.writes.push(told(&t, kept.document).await);
    late.action = Some(ActionWrite { row: ActionRow { version: 2, ..kept.clone() }, told: Some(acted) });
    assert_eq!(t.commit(&late, at(3)).await, Err(CommitError::Store(StoreError::Conflict)));
    assert_eq!(t.history(kept.document, 5).await.expect("a read").len(), 2);
}
